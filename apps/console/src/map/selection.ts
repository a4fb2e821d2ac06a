import type { BlockColumns } from "../session/block-columns.ts";
import { IdSet } from "./id-set.ts";

/** Chosen blocks by id, and where the keyboard is. */
export interface Selection {
  readonly blocks: ReadonlySet<number>;
  /** Block that a range begins at. */
  readonly anchor: number | undefined;
  /** Block that the keyboard is at, and whose details are shown. */
  readonly cursor: number | undefined;
  /** What names them in short: `all`, or as the person wrote it. */
  readonly text?: string;
}

export const nothing: Selection = { blocks: new Set(), anchor: undefined, cursor: undefined };

/** One block and nothing else. */
export function choose(block: number): Selection {
  return { blocks: new Set([block]), anchor: block, cursor: block };
}

/** All blocks from the anchor to `block`, in the order of the map. */
export function extend(selection: Selection, block: number, columns: BlockColumns): Selection {
  const anchor = selection.anchor ?? block;
  const [from, to] = [columns.indexOf(anchor), columns.indexOf(block)].sort((a, b) => a - b) as [number, number];
  return from < 0
    ? choose(block)
    : { blocks: new IdSet(columns.ids.subarray(from, to + 1), columns), anchor, cursor: block };
}

/** Adds blocks that stand together, or takes them out where all were chosen. */
export function toggle(selection: Selection, square: readonly number[]): Selection {
  const blocks = new Set(selection.blocks);
  const isIn = square.every((block) => blocks.has(block));
  for (const block of square)
    if (isIn) blocks.delete(block);
    else blocks.add(block);
  return { blocks, anchor: square[0], cursor: square[0] };
}

export function chooseAll(columns: BlockColumns, cursor: number | undefined): Selection {
  return {
    blocks: new IdSet(columns.ids, columns),
    anchor: columns.ids[0],
    cursor: cursor ?? columns.ids[0],
    text: "all",
  };
}

/** What is left of a selection when blocks have gone. */
export function surviving(selection: Selection, columns: BlockColumns): Selection {
  if (selection.blocks instanceof IdSet && selection.blocks.ids === columns.ids) return selection;
  const there = (block: number | undefined): boolean => block !== undefined && columns.indexOf(block) >= 0;
  const blocks = new Set<number>();
  for (const block of selection.blocks) if (there(block)) blocks.add(block);
  if (blocks.size === selection.blocks.size && (selection.cursor === undefined || there(selection.cursor)))
    return selection;
  const [first] = blocks;
  return {
    blocks,
    anchor: there(selection.anchor) ? selection.anchor : first,
    cursor: there(selection.cursor) ? selection.cursor : first,
  };
}
