import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { Fitting, StepRequest } from "@memhp/scenario";
import { runProgram } from "./guest-programs.ts";
import { KernelPages, type StepTraits } from "./kernel-pages.ts";

/** Fits a run on this machine to the recorders of kernel traces. */
export function fittingOf(machine: Machine): Fitting {
  const pages = new KernelPages(machine);
  return {
    beforeWrite: (block, given) => pages.beforeWrite(block, given),
    beforeEject: (blocks) => pages.beforeEject(blocks),
    beforeShrink: (blocks, together) => pages.beforeShrink(blocks, together),
    beforeUse: (node) => pages.beforeUse(node),
    afterStep: (request, events) => pages.afterStep(traitsOf(request, events, machine)),
    program: (order, host) => runProgram(order, host, pages),
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
    isStateOnly: op === "state",
    // Such a recorder looked at the whole tree after each write, unless told otherwise.
    readsTree: op === "state" || op === "snapshot" || (isBlockWrite && looksAtTree && compact !== false),
  };
}
