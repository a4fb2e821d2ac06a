import { loadKinds } from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { offlineOutlook } from "../src/index.ts";
import { dimmBlocks, fillings, kernels, loadedMachine, migrated } from "./loaded-machines.ts";

test.each(kernels)(
  "%s: what is foreseen of a block is what an offline then answers",
  async (kernel) => {
    const answers = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fillings(loadKinds), fc.nat(), async (filling, choice) => {
        const machine = await loadedMachine(kernel, filling);
        const blocks = dimmBlocks(machine);
        const block = blocks[choice % blocks.length] ?? 0;
        const [outlook] = await offlineOutlook(machine, [block]);
        answers.add([outlook?.answer, outlook?.refusal?.code].filter(Boolean).join(" "));
        const before = migrated(machine);
        // Longer than the 120 s that 4.1 allows itself.
        const tried = await machine.offline(block, { signalAtNs: machine.nowNs + 300e9 });
        const came = tried.ok ? { errno: 0 } : { errno: tried.refusal.errno };
        const foreseen = outlook?.answer === "kills_programs" ? came : { errno: outlook?.refusal?.errno ?? 0 };
        expect(came).toEqual(foreseen);
        if (outlook?.answer === "goes_offline") expect(migrated(machine) - before).toBe(outlook.use?.movable);
        await machine.close();
      }),
      { numRuns: 60, seed: 5 },
    );
    expect([...answers].sort()).toEqual(
      kernel === "4.1"
        ? ["goes_offline", "refused no_target_memory", "refused pinned_page", "refused unmovable_page"]
        : ["goes_offline", "never_ends no_target_memory", "never_ends pinned_page", "refused unmovable_page"],
    );
  },
  120_000,
);
