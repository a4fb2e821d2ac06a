import { BlockState, MIXED_ZONES, NO_ZONE } from "@memhp/engine";
import { ZONE_DEVICE, ZONE_DMA, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";

export type Theme = "light" | "dark";

/** `0xAABBGGRR`: a pixel as a little-endian canvas holds it. */
export type Pixel = number;

/** How a zone looks and what it is called. */
export interface ZoneLook {
  readonly zone: number;
  readonly name: string;
  /** Said on the block itself, so that nothing is told by colour alone. */
  readonly letter: string;
  readonly colour: Readonly<Record<Theme, string>>;
  /** Text that can be read on the colour. */
  readonly ink: Readonly<Record<Theme, string>>;
}

const dark = "#0b0f14";
const white = "#ffffff";

// Okabe and Ito's palette, which stays apart for all kinds of colour blindness; its blue is lighter on a dark page.
export const zoneLooks: readonly ZoneLook[] = [
  {
    zone: ZONE_DMA,
    name: "DMA",
    letter: "D",
    colour: { light: "#cc79a7", dark: "#cc79a7" },
    ink: { light: dark, dark },
  },
  {
    zone: ZONE_DMA32,
    name: "DMA32",
    letter: "D32",
    colour: { light: "#e69f00", dark: "#e69f00" },
    ink: { light: dark, dark },
  },
  {
    zone: ZONE_NORMAL,
    name: "Normal",
    letter: "N",
    colour: { light: "#0072b2", dark: "#56b4e9" },
    ink: { light: white, dark },
  },
  {
    zone: ZONE_MOVABLE,
    name: "Movable",
    letter: "M",
    colour: { light: "#009e73", dark: "#00b886" },
    ink: { light: dark, dark },
  },
  {
    zone: ZONE_DEVICE,
    name: "Device",
    letter: "V",
    colour: { light: "#d55e00", dark: "#d55e00" },
    ink: { light: dark, dark },
  },
  {
    zone: MIXED_ZONES,
    name: "several zones",
    letter: "+",
    colour: { light: "#f0e442", dark: "#f0e442" },
    ink: { light: dark, dark },
  },
  {
    zone: NO_ZONE,
    name: "no zone",
    letter: "–",
    colour: { light: "#7d8794", dark: "#8a95a5" },
    ink: { light: white, dark },
  },
];

const byZone = new Map(zoneLooks.map((look) => [look.zone, look]));
const noZone = byZone.get(NO_ZONE) as ZoneLook;

export function lookOf(zone: number): ZoneLook {
  return byZone.get(zone) ?? noZone;
}

/** What the page itself looks like where the map paints on it; the tokens of `tokens.css` in numbers. */
export const paper: Readonly<
  Record<
    Theme,
    {
      readonly sheet: string;
      readonly ink: string;
      readonly quiet: string;
      readonly line: string;
      readonly accent: string;
      readonly alarm: string;
      readonly good: string;
      readonly warn: string;
    }
  >
> = {
  light: {
    sheet: "#ffffff",
    ink: "#14202e",
    quiet: "#566375",
    line: "#d5dbe4",
    accent: "#b4450b",
    alarm: "#c2410c",
    good: "#00664a",
    warn: "#7a5200",
  },
  dark: {
    sheet: "#10161f",
    ink: "#e8eef6",
    quiet: "#94a3b8",
    line: "#2b3747",
    accent: "#ffb454",
    alarm: "#ff8a5c",
    good: "#4fd6ab",
    warn: "#ffc861",
  },
};

/** `#rrggbb` as a pixel. */
export function pixel(colour: string): Pixel {
  const value = Number.parseInt(colour.slice(1), 16);
  return ((0xff << 24) | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** A colour between two pixels; `share` of the first. */
export function mix(a: Pixel, b: Pixel, share: number): Pixel {
  const channel = (shift: number): number =>
    Math.round(((a >>> shift) & 0xff) * share + ((b >>> shift) & 0xff) * (1 - share)) << shift;
  return ((0xff << 24) | channel(16) | channel(8) | channel(0)) >>> 0;
}

/** Names of the states as the map tells them. */
export const stateNames: Readonly<Record<number, string>> = {
  [BlockState.offline]: "offline",
  [BlockState.goingOnline]: "going online",
  [BlockState.online]: "online",
  [BlockState.goingOffline]: "going offline",
};
