import { ParseError } from "@memhp/abi";
import { selectBlocks } from "../blocks.ts";
import type { MachineTarget } from "../machine-target.ts";
import { count, type Size, text } from "./operands.ts";
import { StepError } from "./step-error.ts";
import { Type } from "../schema/type.ts";

/** Which blocks an operation is about. */
export function blockList(description: string): Size {
  return Type.Union([text({ maxLength: 1 << 16 }), count()], { description });
}

/** Their numbers, ascending. @throws StepError for a list that names what is not there */
export function chosenBlocks({ machine, dimms }: MachineTarget, op: string, listed: string | number): number[] {
  try {
    return selectBlocks(String(listed), machine, dimms);
  } catch (error) {
    if (error instanceof ParseError) throw new StepError(`${op}: blocks: ${error.message}`, "blocks");
    throw error;
  }
}
