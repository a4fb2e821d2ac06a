import type { BlockColumns, Segment } from "../session/block-columns.ts";

/** Sizes of a block's square in CSS pixels, the gap of one pixel included. */
const cellSizes: readonly number[] = [44, 36, 28, 22, 17, 13, 10, 8, 6, 5, 4, 3, 2];

/** The size so many steps smaller; `in` beyond the largest, `out` beyond the smallest. */
export function zoomStep(cell: number, step: number): number | "in" | "out" {
  const at = cellSizes.indexOf(cell) + step;
  return at < 0 ? "in" : (cellSizes[at] ?? "out");
}

/** Below this there is no room for the names of segments, and little for those of nodes. */
const SMALL = 8;

interface Heads {
  readonly node: number;
  readonly segment: number;
  readonly least: number;
  readonly leastNode: number;
}
const large: Heads = { node: 22, segment: 15, least: 64, leastNode: 150 };
const small: Heads = { node: 13, segment: 0, least: 0, leastNode: 52 };
const headsOf = (cell: number): Heads => (cell < SMALL ? small : large);

const GAP = 14;
const NODE_GAP = 16;
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
  readonly cell: number;
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
  for (const cell of cellSizes) {
    layout = layOut(columns, width, cell);
    if (layout.height <= height) return layout;
  }
  return layout as Layout;
}

/** Lays nodes side by side and below each other, and in each its segments likewise. */
export function layOut({ segments }: Pick<BlockColumns, "segments">, width: number, cell: number): Layout {
  const inner = Math.max(cell, width - 2 * PADDING);
  const placed: PlacedSegment[] = [];
  const nodes: PlacedNode[] = [];
  let [x, y, rowHeight] = [PADDING, PADDING, 0];
  for (const [node, own] of byNode(segments)) {
    const local = placeSegments(own, inner, cell);
    if (x > PADDING && x + local.width > PADDING + inner) {
      [x, y, rowHeight] = [PADDING, y + rowHeight + NODE_GAP, 0];
    }
    nodes.push({ node, x, y, width: local.width, height: local.height });
    for (const one of local.placed) placed.push({ ...one, x: one.x + x, y: one.y + y });
    x += local.width + NODE_GAP * 1.5;
    rowHeight = Math.max(rowHeight, local.height);
  }
  return { cell, width, height: y + rowHeight + PADDING, segments: placed, nodes };
}

function byNode(segments: readonly Segment[]): Map<number, Segment[]> {
  const nodes = new Map<number, Segment[]>();
  for (const segment of segments) {
    const list = nodes.get(segment.node);
    if (list === undefined) nodes.set(segment.node, [segment]);
    else list.push(segment);
  }
  return nodes;
}

function placeSegments(
  segments: readonly Segment[],
  inner: number,
  cell: number,
): { placed: PlacedSegment[]; width: number; height: number } {
  const placed: PlacedSegment[] = [];
  const heads = headsOf(cell);
  let [x, y, rowHeight, width] = [0, heads.node, 0, heads.leastNode];
  for (const segment of segments) {
    const count = segment.end - segment.start;
    const columns = Math.min(columnsFor(count), floorPowerOfTwo(Math.max(1, Math.floor(inner / cell))));
    const rows = Math.ceil(count / columns);
    const own = Math.max(columns * cell, heads.least);
    if (x > 0 && segment.hole > 0) x += HOLE;
    if (x > 0 && x + own > inner) [x, y, rowHeight] = [0, y + rowHeight + GAP / 2, 0];
    placed.push({ segment, x, y: y + heads.segment, columns, rows });
    x += own + GAP;
    width = Math.max(width, x - GAP);
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

/** Index of the block at a point, or -1. */
export function hit(layout: Layout, x: number, y: number): number {
  const { cell } = layout;
  for (const placed of layout.segments) {
    const column = Math.floor((x - placed.x) / cell);
    const row = Math.floor((y - placed.y) / cell);
    if (column < 0 || row < 0 || column >= placed.columns || row >= placed.rows) continue;
    const index = placed.segment.start + row * placed.columns + column;
    return index < placed.segment.end ? index : -1;
  }
  return -1;
}

/** Square of the block with an index. */
export function rectOf(layout: Layout, index: number): Rect | undefined {
  const placed = segmentOf(layout, index);
  if (placed === undefined) return undefined;
  const at = index - placed.segment.start;
  const { cell } = layout;
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
  const { cell } = layout;
  for (const placed of layout.segments) {
    const firstColumn = Math.max(0, Math.floor((x - placed.x) / cell));
    const lastColumn = Math.min(placed.columns - 1, Math.floor((x + width - placed.x) / cell));
    const firstRow = Math.max(0, Math.floor((y - placed.y) / cell));
    const lastRow = Math.min(placed.rows - 1, Math.floor((y + height - placed.y) / cell));
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const index = placed.segment.start + row * placed.columns + column;
        if (index < placed.segment.end) found.push(index);
      }
    }
  }
  return found;
}

export type Direction = "left" | "right" | "up" | "down" | "first" | "last";

/** Index that an arrow key leads to: the next block, or the nearest one in the row above or below. */
export function neighbour(layout: Layout, index: number, direction: Direction): number {
  const last = (layout.segments.at(-1)?.segment.end ?? 0) - 1;
  if (direction === "first") return 0;
  if (direction === "last") return last;
  if (direction === "left") return Math.max(0, index - 1);
  if (direction === "right") return Math.min(last, index + 1);
  const from = rectOf(layout, index);
  if (from === undefined) return Math.max(0, Math.min(last, index));
  const centre = from.x + layout.cell / 2;
  const candidates = layout.segments.flatMap((placed) => nearestIn(placed, layout.cell, from.y, centre, direction));
  candidates.sort((a, b) => a.dy - b.dy || a.dx - b.dx);
  return candidates[0]?.index ?? index;
}

function nearestIn(
  placed: PlacedSegment,
  cell: number,
  fromY: number,
  centre: number,
  direction: "up" | "down",
): { index: number; dy: number; dx: number }[] {
  const row =
    direction === "down"
      ? Math.max(0, Math.floor((fromY - placed.y) / cell) + 1)
      : Math.min(placed.rows - 1, Math.ceil((fromY - placed.y) / cell) - 1);
  if (row < 0 || row >= placed.rows) return [];
  const inRow = Math.min(placed.columns, placed.segment.end - placed.segment.start - row * placed.columns);
  const column = Math.max(0, Math.min(inRow - 1, Math.floor((centre - placed.x) / cell)));
  const dx = Math.abs(placed.x + (column + 0.5) * cell - centre);
  return [
    { index: placed.segment.start + row * placed.columns + column, dy: Math.abs(placed.y + row * cell - fromY), dx },
  ];
}
