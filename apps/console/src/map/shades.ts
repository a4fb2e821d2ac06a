import type { NodeUse } from "../host/node-use.ts";
import type { BlockSum } from "./node-sums.ts";
import type { Shade } from "./shade-names.ts";
import { mix, pixel, type Pixel, type Theme } from "./palette.ts";

/** From nothing to everything: one hue whose lightness tells it, so that it reads without colour too. */
const ends: Readonly<Record<Theme, readonly [none: string, all: string]>> = {
  light: ["#e8f1fa", "#08306b"],
  dark: ["#14222f", "#a8d8ff"],
};

/** Share from 0 to 1 that a tile is coloured by; undefined where nothing can be said. */
export function shareOf(shade: Shade, sum: BlockSum, use: NodeUse | undefined): number | undefined {
  const online = sum.kernel + sum.movable;
  if (shade === "online") return online / Math.max(1, sum.total);
  if (shade === "movable") return online === 0 ? 0 : sum.movable / online;
  if (use === undefined || use.managed === 0) return undefined;
  return shade === "free" ? use.free / use.managed : Math.min(1, use.load / use.managed);
}

/** Colour of a share, and ink that reads on it. */
export function shadeOf(share: number, theme: Theme): { readonly colour: string; readonly ink: string } {
  const [none, all] = ends[theme];
  const colour = mix(pixel(all), pixel(none), share);
  const isDark = share > 0.5 === (theme === "light");
  return { colour: css(colour), ink: isDark ? "#ffffff" : "#0b0f14" };
}

function css(colour: Pixel): string {
  return `rgb(${colour & 0xff} ${(colour >>> 8) & 0xff} ${(colour >>> 16) & 0xff})`;
}
