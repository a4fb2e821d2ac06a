import type { BlockColumns, Segment } from "../session/block-columns.ts";
import { BlockState } from "@memhp/engine";
import { groupLook } from "./group-look.ts";
import { type Layout, type PlacedSegment, rectOf } from "./layout.ts";
import type { Layer, Mark } from "./layers.ts";
import { lookOf, paper, pixel, type Theme } from "./palette.ts";
import { Sprites } from "./sprites.ts";

/** What is seen of the map, and how. CSS pixels but for `ratio`, device pixels for one of them. */
interface View {
  readonly scrollTop: number;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly theme: Theme;
}

export interface Picture {
  readonly columns: BlockColumns;
  readonly layout: Layout;
  readonly view: View;
  readonly selected: ReadonlySet<number>;
  /** Indices with a frame around them, or -1. */
  readonly hover: number;
  readonly cursor: number;
  readonly focused: boolean;
  readonly layer: Layer | undefined;
  /** One for each block that a filter lets through; the others are faint. */
  readonly mask: Uint8Array | undefined;
  /** Paints over the squares, in place of their letters. */
  readonly shades?: ((context: CanvasRenderingContext2D, picture: Picture) => void) | undefined;
}

const FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** Paints the visible part: squares pixel by pixel into one image, then words and frames over it. */
export class Painter {
  #sprites: Sprites | undefined;
  #image: ImageData | undefined;

  paint(context: CanvasRenderingContext2D, picture: Picture): void {
    const { view, layout } = picture;
    const width = Math.round(view.width * view.ratio);
    const height = Math.round(view.height * view.ratio);
    if (width === 0 || height === 0) return;
    if (this.#image?.width !== width || this.#image.height !== height)
      this.#image = context.createImageData(width, height);
    const pixels = new Uint32Array(this.#image.data.buffer);
    pixels.fill(pixel(paper[view.theme].sheet));
    const gap = gapOf(layout);
    const size = Math.max(1, Math.round((layout.cell - gap) * view.ratio));
    if (this.#sprites?.sizePx !== size || this.#sprites.theme !== view.theme)
      this.#sprites = new Sprites(size, view.theme);
    for (const placed of layout.segments) squares(pixels, width, height, placed, picture, this.#sprites);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.putImageData(this.#image, 0, 0);
    context.setTransform(view.ratio, 0, 0, view.ratio, 0, -view.scrollTop * view.ratio);
    heads(context, picture);
    if (picture.shades !== undefined) picture.shades(context, picture);
    else if (layout.cell >= 17) for (const placed of layout.segments) labels(context, placed, picture);
    if (picture.layer !== undefined) marks(context, picture, picture.layer);
    if (picture.layer?.borders !== undefined) borders(context, picture, picture.layer.borders);
    frame(context, picture, picture.hover, false);
    frame(context, picture, picture.cursor, picture.focused);
  }
}

/** Between squares; where each stands for many blocks, areas are what is looked at. */
export function gapOf({ cell, per }: Layout): number {
  return per > 1 ? 0 : cell >= 28 ? 2 : 1;
}

function visibleRows(placed: PlacedSegment, layout: Layout, view: View): [first: number, last: number] {
  const first = Math.max(0, Math.floor((view.scrollTop - placed.y) / layout.cell));
  const last = Math.min(placed.rows - 1, Math.floor((view.scrollTop + view.height - placed.y) / layout.cell));
  return [first, last];
}

/** Each square that can be seen: the places of its blocks in the columns, the last one excluded, and its corner. */
export function eachVisibleSquare(
  { layout, view }: Picture,
  visit: (from: number, to: number, x: number, y: number) => void,
): void {
  const { cell, per } = layout;
  for (const placed of layout.segments) {
    const { start, end } = placed.segment;
    const [first, last] = visibleRows(placed, layout, view);
    for (let row = first; row <= last; row++) {
      for (let column = 0; column < placed.columns; column++) {
        const from = start + (row * placed.columns + column) * per;
        if (from >= end) break;
        visit(from, Math.min(from + per, end), placed.x + column * cell, placed.y + row * cell);
      }
    }
  }
}

function squares(
  pixels: Uint32Array,
  width: number,
  height: number,
  placed: PlacedSegment,
  picture: Picture,
  sprites: Sprites,
): void {
  const { columns, layout, view, selected, mask } = picture;
  const { per } = layout;
  const { start, end } = placed.segment;
  const [first, last] = visibleRows(placed, picture.layout, picture.view);
  const size = sprites.sizePx;
  const look = { state: 0, zone: 0, unmovable: false, selected: false, dim: false };
  for (let row = first; row <= last; row++) {
    const top = Math.round((placed.y + row * layout.cell - view.scrollTop) * view.ratio);
    const from = Math.max(0, -top);
    const to = Math.min(size, height - top);
    for (let column = 0; column < placed.columns; column++) {
      const index = start + (row * placed.columns + column) * per;
      if (index >= end) break;
      const after = Math.min(end, index + per);
      groupLook(columns, index, after, look);
      look.selected = selected.size > 0 && someOf(index, after, (i) => selected.has(columns.ids[i] as number));
      look.dim = mask !== undefined && !someOf(index, after, (i) => mask[i] === 1);
      const square = sprites.square(look);
      const left = Math.round((placed.x + column * layout.cell) * view.ratio);
      const right = Math.min(size, width - left);
      for (let y = from; y < to; y++) {
        const target = (top + y) * width + left;
        const source = y * size;
        for (let x = 0; x < right; x++) pixels[target + x] = square[source + x] as number;
      }
    }
  }
}

function someOf(from: number, to: number, is: (index: number) => boolean): boolean {
  for (let i = from; i < to; i++) if (is(i)) return true;
  return false;
}

/** Names of nodes and segments. */
function heads(context: CanvasRenderingContext2D, { columns, layout, view }: Picture): void {
  if (layout.size.heads.node === 0) return;
  const { ink, quiet, line } = paper[view.theme];
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  for (const { node, x, y, width, height } of layout.nodes) {
    if (y > view.scrollTop + view.height || y + height < view.scrollTop) continue;
    context.fillStyle = ink;
    context.font = layout.cell < 8 ? `600 10px ${FONT}` : `600 12px ${FONT}`;
    context.fillText(layout.cell < 8 ? `n${node}` : `node ${node}`, x, y + (layout.cell < 8 ? 10 : 12));
    const nameWidth = context.measureText(`node ${node}`).width + 10;
    context.fillStyle = line;
    if (layout.cell >= 8) context.fillRect(x + nameWidth, y + 8, Math.max(0, width - nameWidth), 1);
  }
  if (layout.cell < 8) return;
  context.fillStyle = quiet;
  context.font = `11px ${FONT}`;
  for (const { segment, x, y, rows, columns: width } of layout.segments) {
    if (y - 14 > view.scrollTop + view.height || y + rows * layout.cell < view.scrollTop) continue;
    const room = Math.max(56, width * layout.cell);
    const [words, short] = segmentWords(columns, segment);
    context.fillText(context.measureText(words).width > room ? short : words, x, y - 4, room);
    if (segment.hole > 0 && x > FIRST_X) hole(context, x, y, layout.cell, quiet);
  }
}

/** Left of this is no room for a hole. */
const FIRST_X = 30;

/** Addresses before a segment where nothing is: a torn edge. */
function hole(context: CanvasRenderingContext2D, x: number, y: number, cell: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([2, 2]);
  for (const at of [x - 20, x - 15]) {
    context.beginPath();
    context.moveTo(at, y - 10);
    context.lineTo(at, y + Math.max(8, cell - 2));
    context.stroke();
  }
  context.setLineDash([]);
}

/** A segment's name, with the hole before it and without. */
function segmentWords(
  columns: BlockColumns,
  { start, end, label, isDimm, hole }: Segment,
): [whole: string, short: string] {
  const [first, last] = [columns.ids[start] as number, columns.ids[end - 1] as number];
  const gap = hole > 0 ? ` after a hole of ${hole}` : "";
  const name = `${isDimm ? "dimm " : ""}${label} ${first === last ? first : `${first}–${last}`}`;
  return [name + gap, name];
}

/** Number and zone letter on the squares that have room for them. */
function labels(context: CanvasRenderingContext2D, placed: PlacedSegment, picture: Picture): void {
  const { columns, layout, view } = picture;
  const { cell } = layout;
  const [first, last] = visibleRows(placed, picture.layout, picture.view);
  const withNumber = cell >= 28;
  context.textAlign = "center";
  const centre = (cell - (withNumber ? 2 : 1)) / 2;
  for (let row = first; row <= last; row++) {
    for (let column = 0; column < placed.columns; column++) {
      const index = placed.segment.start + row * placed.columns + column;
      if (index >= placed.segment.end) break;
      const look = lookOf(columns.zone[index] as number);
      context.fillStyle = columns.state[index] === BlockState.online ? look.ink[view.theme] : paper[view.theme].ink;
      const x = placed.x + column * cell + centre;
      const y = placed.y + row * cell;
      if (withNumber) {
        context.font = `600 ${cell >= 36 ? 12 : 9.5}px ${FONT}`;
        context.fillText(String(columns.ids[index]), x, y + cell * 0.44);
        context.font = `${cell >= 36 ? 11 : 9}px ${FONT}`;
        context.fillText(look.letter, x, y + cell * 0.78);
      } else {
        context.font = `${cell >= 22 ? 10 : 8}px ${FONT}`;
        context.fillText(look.letter, x, y + cell / 2 + 3);
      }
    }
  }
}

const signs: Readonly<Record<Mark["tone"], string>> = { bad: "✕", good: "✓", warn: "…" };

/** What a layer says of blocks: a thick frame, dashed for what is bad so that it is told by more than colour, and a few letters. */
function marks(context: CanvasRenderingContext2D, picture: Picture, layer: Layer): void {
  const { columns, layout, view } = picture;
  const { alarm, good, warn, sheet, ink } = paper[view.theme];
  const colours = { bad: alarm, good, warn };
  const { cell } = layout;
  const size = cell - gapOf(layout);
  eachVisibleSquare(picture, (from, to, x, y) => {
    let mark: Mark | undefined;
    for (let i = from; mark === undefined && i < to; i++) mark = layer.marks.get(columns.ids[i] as number);
    if (mark === undefined) return;
    context.strokeStyle = colours[mark.tone];
    context.lineWidth = cell >= 13 ? 3 : 1.5;
    context.setLineDash(mark.tone === "bad" && cell >= 13 ? [5, 3] : []);
    context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
    if (cell < 17 || mark.text === "") return;
    context.setLineDash([]);
    context.font = `600 9px ${FONT}`;
    // Words that do not fit into their square would hide its neighbours.
    const words = context.measureText(mark.text).width + 4;
    const text = words > size ? signs[mark.tone] : mark.text;
    const wide = words > size ? context.measureText(text).width + 4 : words;
    context.fillStyle = sheet;
    context.fillRect(x + size - wide, y + size - 11, wide, 11);
    context.fillStyle = ink;
    context.textAlign = "right";
    context.fillText(text, x + size - 2, y + size - 2);
  });
  context.setLineDash([]);
}

/** Where a zone begins or ends: a thick line beyond the edge of its outermost block, with a head that points at it. */
function borders(
  context: CanvasRenderingContext2D,
  { columns, layout, view }: Picture,
  edges: NonNullable<Layer["borders"]>,
): void {
  const { accent } = paper[view.theme];
  for (const [block, edge] of edges) {
    const rect = rectOf(layout, columns.indexOf(block));
    if (rect === undefined) continue;
    const gap = gapOf(layout);
    const x = edge === "end" ? rect.x + rect.width - gap / 2 : rect.x - gap / 2;
    const way = edge === "end" ? -1 : 1;
    context.fillStyle = accent;
    context.fillRect(x - 1.5, rect.y - 4, 3, rect.height - gap + 8);
    context.beginPath();
    context.moveTo(x, rect.y - 5);
    context.lineTo(x + way * 8, rect.y - 9);
    context.lineTo(x, rect.y - 13);
    context.fill();
  }
}

function frame(context: CanvasRenderingContext2D, { layout, view }: Picture, index: number, focused: boolean): void {
  if (index < 0) return;
  const rect = rectOf(layout, index);
  if (rect === undefined) return;
  const gap = gapOf(layout);
  context.strokeStyle = focused ? paper[view.theme].accent : paper[view.theme].ink;
  context.lineWidth = focused ? 2.5 : 1.5;
  context.strokeRect(rect.x - 1.5, rect.y - 1.5, rect.width - gap + 3, rect.height - gap + 3);
}
