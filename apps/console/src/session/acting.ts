import { selectBlocks } from "@memhp/scenario";
import type { Asked, AskedLine } from "./asked.ts";
import { named } from "./fresh-name.ts";
import { perform, type Performing } from "./perform.ts";
import type { Session } from "./session.ts";
import { writeSteps } from "./state-write.ts";

export { operationViews } from "./operations.ts";
export { perform, selectBlocks };

/** The steps that something asked for comes to, on the machine as it is when its turn comes. @throws ParseError */
export function stepsOf(asked: Exclude<Asked, AskedLine>, { machine, going }: Session): Performing {
  if (asked.do === "write")
    return writeSteps(asked, selectBlocks(asked.blocks, machine), machine.isBusy || going.length > 0);
  const { steps, freshId } = asked;
  return freshId === undefined ? asked : { ...asked, steps: named(steps, freshId, machine) };
}
