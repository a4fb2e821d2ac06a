import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { Fitting, StepRequest } from "@memhp/scenario";
import { KernelPages, type StepTraits } from "./kernel-pages.ts";

/** Fits a run on this machine to the recorders of kernel traces: where kernel pages lie, the recording tells. */
export function fittingOf(machine: Machine): Fitting {
  machine.ownKernelPages();
  const pages = new KernelPages(machine);
  return {
    beforeWrite: (block, given) => pages.beforeWrite(block, given === true),
    beforeEject: (blocks) => pages.beforeEject(blocks),
    beforeShrink: (blocks, together) => pages.beforeShrink(blocks, together),
    beforeUse: (node) => pages.beforeUse(node),
    afterStep: (request, events) => pages.afterStep(traitsOf(request, events, machine)),
  };
}

/** The same for a run whose `given` is withdrawn: where kernel pages lie the machine's kernel says, but for steps of which somebody tells it. */
export function fittingWithoutGiven(machine: Machine): Fitting {
  const beforeWrite = async (block: number, given: boolean | undefined): Promise<void> => {
    if (given !== undefined && machine.map.blocks.has(block)) await machine.markUnmovable([block], given);
  };
  if (machine.kernel.machine.freshZone === "by-chance") return { ...fittingOf(machine), beforeWrite };
  const beforeUse = async (): Promise<void> => {};
  return {
    beforeWrite,
    beforeEject: async () => {},
    beforeShrink: async () => {},
    beforeUse,
    afterStep: () => {},
  };
}

/** Moves that bring a block online or offline, but for an online block that stays so because its offline failed. */
function traitsOf({ op, compact }: StepRequest, events: readonly SimEvent[], machine: Machine): StepTraits {
  const reached = (state: string, from: string): number[] =>
    events.flatMap((event) =>
      event.type === "block" && event.to === state && event.from.startsWith(from) ? [event.block] : [],
    );
  const isBlockWrite = op === "block";
  const looksAtTree = machine.kernel.recorder.blockStep === "files-and-state";
  return {
    onlined: reached("online", "going_online"),
    offlined: reached("offline", "going_offline"),
    isBlockWrite,
    runsProgram: op === "sh" || op === "bg",
    isStateOnly: op === "state",
    // Such a recorder looked at the whole tree after each write, unless told otherwise.
    readsTree: op === "state" || op === "snapshot" || (isBlockWrite && looksAtTree && compact !== false),
  };
}
