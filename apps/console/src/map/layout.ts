import { groupBy } from "@memhp/abi";
import type { BlockColumns, Segment } from "../session/block-columns.ts";

/** How large squares are and how many neighbouring blocks each stands for. */
export interface Size {
  /** CSS pixels, the gap of one pixel included. */
  readonly cell: number;
  /** A power of two. */
  readonly per: number;
  readonly heads: Heads;
}

/** Room for the names of nodes and segments, and around them; CSS pixels. */
interface Heads {
  readonly node: number;
  readonly segment: number;
  readonly least: number;
  readonly leastNode: number;
  readonly gap: number;
  readonly nodeGap: number;
}
const large: Heads = { node: 22, segment: 15, least: 64, leastNode: 150, gap: 14, nodeGap: 16 };
const small: Heads = { node: 13, segment: 0, least: 0, leastNode: 52, gap: 14, nodeGap: 16 };
/** Nodes are told apart by the room between them alone. */
const tiny: Heads = { node: 0, segment: 0, least: 0, leastNode: 0, gap: 1, nodeGap: 2 };

/** From the largest squares to those that half a million blocks need on a small page; where names do not fit, without. */
export const sizes: readonly Size[] = [
  ...[44, 36, 28, 22, 17, 13, 10, 8, 6, 5, 4, 3, 2].flatMap((cell) => [
    { cell, per: 1, heads: cell < 8 ? small : large },
    ...(cell <= 22 ? [{ cell, per: 1, heads: tiny }] : []),
  ]),
  ...Array.from({ length: 13 }, (_, i) => ({ cell: 3, per: 4 * 2 ** i, heads: tiny })),
];

/** The first size whose squares have so many pixels. */
export function sizeOf(cell: number): Size {
  return sizes.find((size) => size.cell === cell) ?? (sizes[0] as Size);
}

/** The size so many steps smaller; `in` beyond the largest, `out` where all is seen already. */
export function zoomStep({ size, fits }: Pick<Layout, "size" | "fits">, step: number): Size | "in" | "out" {
  if (step > 0 && fits) return "out";
  const isSame = (other: Size | undefined): boolean => other?.cell === size.cell && other.per === size.per;
  let at = sizes.indexOf(size) + step;
  while (isSame(sizes[at])) at += step;
  // Of two sizes of as large squares the one with names.
  if (sizes[at]?.heads === tiny && sizes[at - 1]?.cell === sizes[at]?.cell && sizes[at]?.per === 1) at -= 1;
  return at < 0 ? "in" : (sizes[at] ?? "out");
}

/** The size whose squares are nearest to so many pixels wide. */
export function nearestSize(pixels: number): Size {
  const wide = ({ cell, per }: Size): number => cell / Math.sqrt(per);
  const away = (size: Size): number => Math.abs(Math.log(wide(size) / pixels));
  return sizes.reduce((best, size) => (away(size) < away(best) ? size : best));
}

const PADDING = 12;
/** Room for the sign of addresses where nothing is. */
const HOLE = 20;

/** A segment with its place; CSS pixels from the upper left of the whole map. */
export interface PlacedSegment {
  readonly segment: Segment;
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
}

interface PlacedNode {
  readonly node: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where every block is. Segments are in the order of the columns. */
export interface Layout {
  readonly size: Size;
  readonly cell: number;
  /** Blocks of a square. */
  readonly per: number;
  /** Nothing of it has to be scrolled to. */
  readonly fits: boolean;
  readonly width: number;
  readonly height: number;
  readonly segments: readonly PlacedSegment[];
  readonly nodes: readonly PlacedNode[];
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Lays the map out with the largest squares that need no scrolling. @returns the smallest where even those need it. */
export function fitLayout(columns: Pick<BlockColumns, "segments">, width: number, height: number): Layout {
  let layout: Layout | undefined;
  for (const size of sizes) {
    layout = layOut(columns, width, height, size);
    if (layout.fits) return layout;
  }
  return layout as Layout;
}

/** Lays nodes side by side and below each other, and in each its segments likewise. */
export function layOut(
  { segments }: Pick<BlockColumns, "segments">,
  width: number,
  height: number,
  size: Size,
): Layout {
  const { cell, per, heads } = size;
  const padding = heads === tiny ? 3 : PADDING;
  const inner = Math.max(cell, width - 2 * padding);
  const placed: PlacedSegment[] = [];
  const nodes: PlacedNode[] = [];
  let [x, y, rowHeight] = [padding, padding, 0];
  for (const [node, own] of groupBy(segments, ({ node }) => node)) {
    const local = placeSegments(own, inner, size);
    if (x > padding && x + local.width > padding + inner) {
      [x, y, rowHeight] = [padding, y + rowHeight + heads.nodeGap, 0];
    }
    nodes.push({ node, x, y, width: local.width, height: local.height });
    for (const one of local.placed) placed.push({ ...one, x: one.x + x, y: one.y + y });
    x += local.width + heads.nodeGap * 1.5;
    rowHeight = Math.max(rowHeight, local.height);
  }
  const high = y + rowHeight + padding;
  return { size, cell, per, fits: high <= height, width, height: high, segments: placed, nodes };
}

function placeSegments(
  segments: readonly Segment[],
  inner: number,
  { cell, per, heads }: Size,
): { placed: PlacedSegment[]; width: number; height: number } {
  const placed: PlacedSegment[] = [];
  let [x, y, rowHeight, width] = [0, heads.node, 0, heads.leastNode];
  for (const segment of segments) {
    const count = Math.ceil((segment.end - segment.start) / per);
    const columns = Math.min(columnsFor(count), floorPowerOfTwo(Math.max(1, Math.floor(inner / cell))));
    const rows = Math.ceil(count / columns);
    const own = Math.max(columns * cell, heads.least);
    if (x > 0 && segment.hole > 0 && heads.segment > 0) x += HOLE;
    if (x > 0 && x + own > inner) [x, y, rowHeight] = [0, y + rowHeight + heads.gap / 2, 0];
    placed.push({ segment, x, y: y + heads.segment, columns, rows });
    x += own + heads.gap;
    width = Math.max(width, x - heads.gap);
    rowHeight = Math.max(rowHeight, heads.segment + rows * cell);
  }
  return { placed, width: Math.min(width, inner), height: y + rowHeight };
}

/** Rows of a power of two, so that equal addresses stand below each other; twice as wide as high. */
function columnsFor(count: number): number {
  if (count <= 16) return Math.max(1, count);
  return count <= 64 ? 16 : 2 ** Math.ceil(Math.log2(Math.sqrt(count * 2)));
}

function floorPowerOfTwo(value: number): number {
  return value <= 16 ? value : 2 ** Math.floor(Math.log2(value));
}

/** Index of the first block of the square at a point, or -1. */
export function hit(layout: Layout, x: number, y: number): number {
  const { cell } = layout;
  for (const placed of layout.segments) {
    const column = Math.floor((x - placed.x) / cell);
    const row = Math.floor((y - placed.y) / cell);
    if (column < 0 || row < 0 || column >= placed.columns || row >= placed.rows) continue;
    const index = placed.segment.start + (row * placed.columns + column) * layout.per;
    return index < placed.segment.end ? index : -1;
  }
  return -1;
}

/** Where the blocks of the square end that a block is in. */
export function squareEnd(layout: Layout, index: number): number {
  const { segment } = segmentOf(layout, index) ?? {};
  if (segment === undefined) return index + 1;
  const { per } = layout;
  return Math.min(segment.end, segment.start + (Math.floor((index - segment.start) / per) + 1) * per);
}

/** Square of the block with an index. */
export function rectOf(layout: Layout, index: number): Rect | undefined {
  const placed = segmentOf(layout, index);
  if (placed === undefined) return undefined;
  const { cell, per } = layout;
  const at = Math.floor((index - placed.segment.start) / per);
  return {
    x: placed.x + (at % placed.columns) * cell,
    y: placed.y + Math.floor(at / placed.columns) * cell,
    width: cell,
    height: cell,
  };
}

function segmentOf({ segments }: Layout, index: number): PlacedSegment | undefined {
  let [low, high] = [0, segments.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const placed = segments[middle] as PlacedSegment;
    if (index < placed.segment.start) high = middle - 1;
    else if (index >= placed.segment.end) low = middle + 1;
    else return placed;
  }
  return undefined;
}

/** Indices of all blocks that a rectangle touches, in order. */
export function blocksIn(layout: Layout, { x, y, width, height }: Rect): number[] {
  const found: number[] = [];
  const { cell, per } = layout;
  for (const placed of layout.segments) {
    const firstColumn = Math.max(0, Math.floor((x - placed.x) / cell));
    const lastColumn = Math.min(placed.columns - 1, Math.floor((x + width - placed.x) / cell));
    const firstRow = Math.max(0, Math.floor((y - placed.y) / cell));
    const lastRow = Math.min(placed.rows - 1, Math.floor((y + height - placed.y) / cell));
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const from = placed.segment.start + (row * placed.columns + column) * per;
        for (let index = from; index < Math.min(from + per, placed.segment.end); index++) found.push(index);
      }
    }
  }
  return found;
}

export type Direction = "left" | "right" | "up" | "down" | "first" | "last";

/** Index that an arrow key leads to: the next block, or the nearest one in the row above or below. */
export function neighbour(layout: Layout, index: number, direction: Direction): number {
  const last = (layout.segments.at(-1)?.segment.end ?? 0) - 1;
  const first = layout.segments[0]?.segment.start ?? 0;
  if (direction === "first") return first;
  if (direction === "last") return last;
  if (direction === "left") return Math.max(first, index - layout.per);
  if (direction === "right") return Math.min(last, index + layout.per);
  const from = rectOf(layout, index);
  if (from === undefined) return Math.max(first, Math.min(last, index));
  const centre = from.x + layout.cell / 2;
  const candidates = layout.segments.flatMap((placed) => nearestIn(placed, layout, from.y, centre, direction));
  candidates.sort((a, b) => a.dy - b.dy || a.dx - b.dx);
  return candidates[0]?.index ?? index;
}

function nearestIn(
  placed: PlacedSegment,
  { cell, per }: Layout,
  fromY: number,
  centre: number,
  direction: "up" | "down",
): { index: number; dy: number; dx: number }[] {
  const row =
    direction === "down"
      ? Math.max(0, Math.floor((fromY - placed.y) / cell) + 1)
      : Math.min(placed.rows - 1, Math.ceil((fromY - placed.y) / cell) - 1);
  if (row < 0 || row >= placed.rows) return [];
  const squares = Math.ceil((placed.segment.end - placed.segment.start) / per);
  const inRow = Math.min(placed.columns, squares - row * placed.columns);
  const column = Math.max(0, Math.min(inRow - 1, Math.floor((centre - placed.x) / cell)));
  const dx = Math.abs(placed.x + (column + 0.5) * cell - centre);
  return [
    {
      index: placed.segment.start + (row * placed.columns + column) * per,
      dy: Math.abs(placed.y + row * cell - fromY),
      dx,
    },
  ];
}
