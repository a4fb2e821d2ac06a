import { ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import { BlockState, NO_ZONE } from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { lookOf, mix, paper, pixel, type Theme, zoneLooks } from "../src/map/palette.ts";
import { Sprites } from "../src/map/sprites.ts";

const online = { state: BlockState.online, zone: ZONE_NORMAL, unmovable: false, selected: false, dim: false };
const themes: readonly Theme[] = ["light", "dark"];

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

describe("squares", () => {
  test.each(themes)("in %s, states differ in their pattern and not by colour alone", (theme) => {
    const sprites = new Sprites(12, theme);
    const shapes = [BlockState.online, BlockState.offline, BlockState.goingOffline].map(
      (state) => new Set(sprites.square({ ...online, state })).size,
    );
    expect(shapes[0]).toBe(1);
    expect(shapes[1]).toBeGreaterThan(1);
    expect(sprites.square({ ...online, state: BlockState.offline })).not.toEqual(
      sprites.square({ ...online, state: BlockState.goingOffline }),
    );
  });

  test.each([4, 5, 6, 12])("of %i pixels are hatched when offline", (size) => {
    const square = new Sprites(size, "light").square({ ...online, state: BlockState.offline });
    const inner = Array.from({ length: size * size }, (_, i) => i).filter(
      (i) => i % size > 0 && i % size < size - 1 && i >= size && i < size * (size - 1),
    );
    expect(new Set(inner.map((i) => square[i])).size).toBe(2);
  });

  test.each([5, 6, 12, 36])("of %i pixels show kernel pages and the choice", (size) => {
    const sprites = new Sprites(size, "light");
    expect(sprites.square({ ...online, unmovable: true })).not.toEqual(sprites.square(online));
    expect(sprites.square({ ...online, selected: true })).not.toEqual(sprites.square(online));
  });

  test("are painted once", () => {
    const sprites = new Sprites(6, "light");
    expect(sprites.square({ ...online })).toBe(sprites.square(online));
    expect(sprites.square({ ...online, zone: ZONE_MOVABLE })).not.toBe(sprites.square(online));
  });
});

describe("the palette", () => {
  test("has a letter of its own for each zone", () => {
    expect(new Set(zoneLooks.map(({ letter }) => letter)).size).toBe(zoneLooks.length);
    expect(lookOf(77)).toBe(lookOf(NO_ZONE));
  });

  test.each(themes)("in %s, words on squares have a contrast of 4.5 to 1", (theme) => {
    const pairs = zoneLooks.map(({ zone, colour, ink }) => ({ zone, of: contrast(colour[theme], ink[theme]) }));
    // Blocks without a zone are never online, so nothing is written on their colour.
    expect(pairs.filter(({ zone, of }) => of < 4.5 && zone !== NO_ZONE)).toEqual([]);
    expect(contrast(paper[theme].quiet, paper[theme].sheet)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(themes)("in %s, squares stand out from the page", (theme) => {
    const pairs = zoneLooks.map(({ name, colour }) => ({ name, of: contrast(colour[theme], paper[theme].sheet) }));
    expect(pairs.filter(({ name, of }) => of < 2 && name !== "several zones")).toEqual([]);
  });

  test("turns colours into the pixels of a little-endian canvas", () => {
    expect(pixel("#0072b2")).toBe(0xffb27200);
    expect(mix(pixel("#ffffff"), pixel("#000000"), 0.5)).toBe(0xff808080);
  });
});
