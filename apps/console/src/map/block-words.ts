import { formatSize } from "@memhp/abi";
import type { BlockColumns, Segment } from "../session/block-columns.ts";
import { lookOf, stateNames } from "./palette.ts";

/** Segment of the block at a place of the columns. */
export function segmentAt(segments: readonly Segment[], index: number): Segment | undefined {
  let [low, high] = [0, segments.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const segment = segments[middle] as Segment;
    if (index < segment.start) high = middle - 1;
    else if (index >= segment.end) low = middle + 1;
    else return segment;
  }
  return undefined;
}

/** A block in one line, of what the map itself knows. */
export function localWords(columns: BlockColumns, blockBytes: number, block: number): string {
  const index = columns.indexOf(block);
  if (index < 0) return `memory${block} is gone`;
  const segment = segmentAt(columns.segments, index);
  return [
    `memory${block}`,
    `node ${segment?.node}`,
    `0x${(block * blockBytes).toString(16)}–0x${((block + 1) * blockBytes - 1).toString(16)} (${formatSize(blockBytes)})`,
    stateNames[columns.state[index] as number] ?? "",
    lookOf(columns.zone[index] as number).name,
  ].join(" · ");
}
