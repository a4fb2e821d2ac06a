import type { RemoteSession } from "../remote/remote-session.ts";
import type { BlockColumns, Segment } from "../session/block-columns.ts";
import { eachVisibleSquare, gapOf, type Picture } from "./paint.ts";
import { paper } from "./palette.ts";
import { shadeOf } from "./shades.ts";

/** Something that is painted over the squares, and what it says of a block. */
export interface SquareShades {
  readonly paint: (context: CanvasRenderingContext2D, picture: Picture) => void;
  /** What is wrong with it; empty where nothing is. */
  readonly problem: string;
}

/** Squares that tell by their shade how much of each block is free, or held by loads. Blocks without pages stay as they are. */
export async function squareShades(
  session: RemoteSession,
  { ids }: BlockColumns,
  segments: readonly Segment[],
  by: "free" | "load",
): Promise<SquareShades> {
  const shown = segments.flatMap(({ start, end }) => [...ids.subarray(start, end)]);
  const use = await session.host.blockUse(Int32Array.from(shown));
  if (use === undefined)
    return {
      paint: () => {},
      problem: `More than 16,384 blocks: choose a node to see how much of each is ${words[by]}.`,
    };
  const shares = new Map(shown.map((id, i) => [id, use[by][i] as number]));
  return { paint: (context, picture) => paintShades(context, picture, shares), problem: "" };
}

const words = { free: "free", load: "held by loads" } as const;

function paintShades(context: CanvasRenderingContext2D, picture: Picture, shares: ReadonlyMap<number, number>): void {
  const { columns, layout, view, selected } = picture;
  const { cell } = layout;
  const size = cell - gapOf(layout);
  eachVisibleSquare(picture, (from, to, x, y) => {
    const share = meanOf(columns, from, to, shares);
    if (share === undefined) return;
    const { colour, ink } = shadeOf(share, view.theme);
    context.fillStyle = colour;
    context.fillRect(x, y, size, size);
    if (selected.has(columns.ids[from] as number)) {
      context.strokeStyle = paper[view.theme].ink;
      context.lineWidth = 2;
      context.strokeRect(x + 1, y + 1, size - 2, size - 2);
    }
    if (cell < 22) return;
    context.fillStyle = ink;
    context.font = `600 ${cell >= 36 ? 11 : 9}px ui-monospace, monospace`;
    context.textAlign = "center";
    // In hundredths: nothing is told by the shade alone.
    context.fillText(String(Math.round(share * 100)), x + size / 2, y + size / 2 + 4);
  });
}

/** Of the blocks of one square that have pages. */
function meanOf(
  { ids }: BlockColumns,
  from: number,
  to: number,
  shares: ReadonlyMap<number, number>,
): number | undefined {
  let [sum, count] = [0, 0];
  for (let i = from; i < to; i++) {
    const share = shares.get(ids[i] as number) ?? -1;
    if (share < 0) continue;
    sum += share;
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
}
