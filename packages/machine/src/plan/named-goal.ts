import { ParseError, parseSize } from "@memhp/abi";
import type { Machine } from "../machine.ts";
import type { PlanGoal } from "./offline-plan.ts";

/** What somebody wants free: an amount, or all of what a DIMM or a memory device of a container brought. */
export interface NamedGoal {
  readonly dimm?: string;
  /** Bytes asked for; what is freed is a multiple of the block size. */
  readonly bytes: number;
  readonly blocks: number;
  readonly planned: PlanGoal;
}

/**
 * Reads the name of a DIMM of the machine, or a size such as `4G`.
 * @throws ParseError for a text that is neither.
 */
export function readGoal(text: string, machine: Pick<Machine, "pluggedMemory" | "blocksOf" | "board">): NamedGoal {
  const plugged = machine.pluggedMemory();
  const dimm = plugged.find(({ id }) => id === text);
  if (dimm !== undefined) {
    const blocks = machine.blocksOf({ start: dimm.addr, size: dimm.sizeBytes });
    return { dimm: text, bytes: dimm.sizeBytes, blocks: blocks.length, planned: { blocks } };
  }
  const bytes = sizeOf(text);
  if (bytes === undefined || bytes === 0) {
    const known = plugged.map(({ id }) => id).join(", ");
    throw new ParseError(`${JSON.stringify(text)} is no size such as 4G and no DIMM (DIMMs: ${known || "none"})`);
  }
  const count = Math.ceil(bytes / machine.board.blockSizeBytes);
  return { bytes, blocks: count, planned: { count } };
}

function sizeOf(text: string): number | undefined {
  try {
    return parseSize(text);
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}
