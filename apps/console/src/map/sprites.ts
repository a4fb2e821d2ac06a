import { BlockState, MIXED_ZONES } from "@memhp/engine";
import { lookOf, mix, paper, pixel, type Pixel, type Theme } from "./palette.ts";

/** Everything about a block that changes how its square is painted. */
export interface SquareLook {
  readonly state: number;
  readonly zone: number;
  readonly unmovable: boolean;
  readonly selected: boolean;
  /** A filter does not let it through. */
  readonly dim: boolean;
}

/** Squares of one size and theme, each painted once. Pixels are row by row. */
export class Sprites {
  readonly sizePx: number;
  readonly theme: Theme;
  readonly #squares = new Map<number, Uint32Array>();

  constructor(sizePx: number, theme: Theme) {
    this.sizePx = sizePx;
    this.theme = theme;
  }

  square(look: SquareLook): Uint32Array {
    const key =
      ((look.zone * 8 + look.state) * 8) | (look.unmovable ? 4 : 0) | (look.selected ? 2 : 0) | (look.dim ? 1 : 0);
    let square = this.#squares.get(key);
    if (square === undefined) {
      square = paintSquare(look, this.sizePx, this.theme);
      this.#squares.set(key, square);
    }
    return square;
  }
}

/** Online is filled, offline is an outline with a hatch, a block on its way is a chequerboard. */
function paintSquare(look: SquareLook, size: number, theme: Theme): Uint32Array {
  const colour = pixel(lookOf(look.zone).colour[theme]);
  const sheet = pixel(paper[theme].sheet);
  const ink = pixel(paper[theme].ink);
  const square = new Uint32Array(size * size);
  const thin = Math.max(1, Math.round(size / 18));
  const faint = mix(colour, sheet, theme === "light" ? 0.1 : 0.16);
  const check = Math.max(1, Math.round(size / 5));
  const hatch = size < 9 ? 3 : Math.max(4, Math.round(size / 4));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const edge = Math.min(x, y, size - 1 - x, size - 1 - y);
      square[y * size + x] = body(look.state, edge, x, y);
    }
  }
  if (look.unmovable && size >= 5) dot(square, size, contrast(look, theme));
  if (look.selected && size < 5) square.forEach((pixelOf, i) => (square[i] = mix(pixelOf, ink, 0.4)));
  else if (look.selected) ring(square, size, ink, sheet);
  if (look.dim) square.forEach((pixelOf, i) => (square[i] = mix(pixelOf, sheet, 0.18)));
  return square;

  function body(state: number, edge: number, x: number, y: number): Pixel {
    // Yellow on white has an edge, or small squares would be lost.
    if (state === BlockState.online) return edge < thin && look.zone === MIXED_ZONES ? mix(colour, ink, 0.6) : colour;
    // Squares without an inside have a diagonal for a hatch, and ink on it for a block on its way.
    if (size < 4 && state === BlockState.offline) return x === y ? mix(colour, sheet, 0.5) : faint;
    if (size < 4) return x === y ? ink : colour;
    if (edge < thin) return colour;
    if (state === BlockState.offline) {
      const onHatch = (x + y) % hatch < Math.max(1, thin / 2);
      return onHatch ? mix(colour, sheet, 0.34) : faint;
    }
    return (Math.floor(x / check) + Math.floor(y / check)) % 2 === 0 ? colour : faint;
  }
}

/** Kernel pages: a solid corner, lower right. */
function dot(square: Uint32Array, size: number, colour: Pixel): void {
  const width = Math.max(2, Math.round(size / 3.6));
  for (let y = 0; y < width; y++)
    for (let x = 0; x <= y; x++) square[(size - width + y) * size + (size - 1 - x)] = colour;
}

/** Selected: a dark ring with a light one inside, seen on every colour. */
function ring(square: Uint32Array, size: number, ink: Pixel, sheet: Pixel): void {
  const outer = Math.max(1, Math.min(3, Math.round(size / 14)));
  const inner = size >= 8 ? outer * 2 : outer;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const edge = Math.min(x, y, size - 1 - x, size - 1 - y);
      if (edge < outer) square[y * size + x] = ink;
      else if (edge < inner) square[y * size + x] = sheet;
    }
  }
}

function contrast({ state, zone }: SquareLook, theme: Theme): Pixel {
  return pixel(state === BlockState.online ? lookOf(zone).ink[theme] : paper[theme].ink);
}
