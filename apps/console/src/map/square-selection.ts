import type { BlockColumns } from "../session/block-columns.ts";
import { IdSet } from "./id-set.ts";
import { type Layout, squareEnd } from "./layout.ts";
import { choose, type Selection } from "./selection.ts";

/** All blocks of the square at an index. */
export function chosenAt(index: number, layout: Layout, columns: BlockColumns): Selection {
  const block = columns.ids[index] as number;
  const end = squareEnd(layout, index);
  if (end - index <= 1) return choose(block);
  return { blocks: new IdSet(columns.ids.subarray(index, end), columns), anchor: block, cursor: block };
}

/** The farther end of a square, seen from where a range begins. */
export function reachOf(index: number, { anchor }: Selection, layout: Layout, columns: BlockColumns): number {
  const from = anchor === undefined ? index : columns.indexOf(anchor);
  return columns.ids[index < from ? index : squareEnd(layout, index) - 1] as number;
}
