import type { DemandServer } from "@memhp/shards";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Machine } from "../src/index.ts";
import { fillings, loadedMachine } from "./loaded-machines.ts";

/** An exchange that asks node by node, as it does where counters are not enough. */
function asking(server: DemandServer): DemandServer {
  return { plan: () => undefined, serve: (demands, work) => server.serve(demands, work) };
}

/** Counts the rounds that an exchange could plan. */
function counting(server: DemandServer, planned: { rounds: number }): DemandServer {
  return {
    plan(demands, freePages) {
      const plan = server.plan(demands, freePages);
      planned.rounds += Number(plan !== undefined);
      return plan;
    },
    serve: (demands, work) => server.serve(demands, work),
  };
}

/** Every DIMM block goes offline, all nodes beside each other. @returns all that anybody can see of it. */
async function emptied(machine: Machine): Promise<unknown> {
  const heard: string[] = [];
  machine.listen((event) => heard.push(JSON.stringify(event)));
  const blocks = [...machine.map.blocks.ids()].filter((block) => machine.map.blocks.group(block) >= 0);
  const result = await machine.bulk("offline", blocks, "online", { signalAtNs: machine.nowNs + 10_000_000_000 });
  return { heard, result, pages: [...machine.core.pages], nowNs: machine.nowNs };
}

test("property: a round that counters plan is the one that asking node by node comes to", async () => {
  const planned = { rounds: 0 };
  await fc.assert(
    fc.asyncProperty(fillings(["anon", "file", "thp", "mlock", "pinned"], 500), async (filling) => {
      const [machine, other] = [await loadedMachine("6.12", filling), await loadedMachine("6.12", filling)];
      machine.core.exchange = counting(machine.core.exchange as DemandServer, planned);
      other.core.exchange = asking(other.core.exchange as DemandServer);
      expect(await emptied(machine)).toEqual(await emptied(other));
      await machine.close();
      await other.close();
    }),
    { seed: 12, numRuns: 8 },
  );
  expect(planned.rounds).toBeGreaterThan(5);
});
