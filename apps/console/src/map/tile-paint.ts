import { ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import { BlockState } from "@memhp/engine";
import type { BlockSum, TileGrid } from "./node-sums.ts";
import { lookOf, paper, type Theme } from "./palette.ts";
import { shadeOf } from "./shades.ts";

export const TILE_PAD = 6;

interface Picture {
  readonly sums: readonly BlockSum[];
  readonly grid: TileGrid;
  readonly theme: Theme;
  readonly box: { readonly width: number; readonly height: number };
  readonly hover: number;
  readonly cursor: number;
  /** What a tile is shaded by, from 0 to 1; undefined where its memory is shown for what it is. */
  readonly share: ((sum: BlockSum) => number | undefined) | undefined;
}

const FONT = "ui-monospace, monospace";

/** Each tile is filled from the left: kernel, movable, on its way; what is left is offline, and hatched. Or it has one shade. */
export function paintTiles(context: CanvasRenderingContext2D, picture: Picture): void {
  const { sums, grid, theme, box, hover, cursor, share } = picture;
  const { sheet, ink, accent } = paper[theme];
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.fillStyle = sheet;
  context.fillRect(0, 0, box.width, box.height);
  const gap = grid.width >= 12 ? 2 : 1;
  const hatch = hatching(context, theme);
  for (const [i, sum] of sums.entries()) {
    const rect = {
      x: TILE_PAD + (i % grid.columns) * grid.width,
      y: TILE_PAD + Math.floor(i / grid.columns) * grid.height,
      width: grid.width - gap,
      height: grid.height - gap,
    };
    context.globalAlpha = sum.matching === 0 ? 0.18 : 1;
    if (share === undefined) composition(context, sum, rect, hatch, theme);
    else shaded(context, share(sum), rect, hatch, theme);
    if (grid.width >= 26) named(context, sum, rect, theme);
    context.globalAlpha = 1;
    if (i !== hover && i !== cursor) continue;
    context.strokeStyle = i === cursor ? accent : ink;
    context.lineWidth = 2;
    context.strokeRect(rect.x - 1, rect.y - 1, rect.width + 2, rect.height + 2);
  }
}

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
type Fill = CanvasPattern | string;

function composition(context: CanvasRenderingContext2D, sum: BlockSum, rect: Rect, hatch: Fill, theme: Theme): void {
  const { x, y, width, height } = rect;
  context.fillStyle = hatch;
  context.fillRect(x, y, width, height);
  let from = x;
  for (const [count, colour] of [
    [sum.kernel, lookOf(ZONE_NORMAL).colour[theme]],
    [sum.movable, lookOf(ZONE_MOVABLE).colour[theme]],
    [sum.onItsWay, lookOf(BlockState.absent).colour[theme]],
  ] as const) {
    const part = (width * count) / sum.total;
    context.fillStyle = colour;
    context.fillRect(from, y, part, height);
    from += part;
  }
}

/** One shade, and its share in words where there is room, so that nothing is told by colour alone. */
function shaded(
  context: CanvasRenderingContext2D,
  share: number | undefined,
  { x, y, width, height }: Rect,
  hatch: Fill,
  theme: Theme,
): void {
  const { colour, ink } = shadeOf(share ?? 0, theme);
  context.fillStyle = share === undefined ? hatch : colour;
  context.fillRect(x, y, width, height);
  if (share === undefined || width < 34 || height < 30) return;
  context.fillStyle = ink;
  context.font = `600 11px ${FONT}`;
  context.textAlign = "right";
  context.fillText(`${Math.round(share * 100)} %`, x + width - 3, y + height - 4);
  context.textAlign = "left";
}

function named(context: CanvasRenderingContext2D, { node, device }: BlockSum, rect: Rect, theme: Theme): void {
  const { x, y, width } = rect;
  const name = device === undefined ? String(node) : device === "boot" ? `${node} boot` : device;
  context.fillStyle = paper[theme].sheet;
  context.fillRect(x, y, Math.min(width, 7 * name.length + 6), 13);
  context.fillStyle = paper[theme].ink;
  context.font = `600 10px ${FONT}`;
  context.fillText(name, x + 3, y + 10, width - 4);
}

function hatching(context: CanvasRenderingContext2D, theme: Theme): Fill {
  const tile = new OffscreenCanvas(4, 4);
  const own = tile.getContext("2d");
  if (own === null) return paper[theme].line;
  own.fillStyle = paper[theme].sheet;
  own.fillRect(0, 0, 4, 4);
  own.strokeStyle = paper[theme].quiet;
  own.beginPath();
  own.moveTo(0, 4);
  own.lineTo(4, 0);
  own.stroke();
  return context.createPattern(tile, "repeat") ?? paper[theme].line;
}
