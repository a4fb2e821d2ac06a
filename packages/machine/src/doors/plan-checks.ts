import { knownKeys, record, wholeNumber } from "@memhp/abi";
import type { MemoryMap } from "@memhp/engine";
import { checkBlocks, checkPresent } from "./arguments.ts";

// What outlooks and plans are asked for. Both throw RangeError or TypeError.

/** @param goal of a plan: so many blocks, or certain ones that exist. */
export function checkGoal(goal: unknown, map: MemoryMap): void {
  record("goal", goal);
  if (!("blocks" in goal)) {
    knownKeys("goal", goal, ["count", "blocks"]);
    wholeNumber("goal.count", goal["count"], { unit: "blocks" });
    return;
  }
  knownKeys("goal", goal, ["blocks"]);
  checkBlocks("goal.blocks", goal["blocks"]);
  checkPresent("goal.blocks", goal["blocks"] as readonly number[], map);
}

export function checkOutlook(blocks: unknown, map: MemoryMap): void {
  checkBlocks("offlineOutlook: blocks", blocks);
  checkPresent("offlineOutlook: blocks", blocks as readonly number[], map);
}
