import { wrap } from "../text/wrap.ts";
import type { Entry } from "./entry.ts";
import type { Palette } from "./palette.ts";

export interface Layout {
  /** Columns of a line. */
  readonly width: number;
  readonly paint: Palette;
}

const TIME_WIDTH = 12;
const SUBJECT_WIDTH = 12;
const HANGING = 2;

/** An entry as lines: time, subject, text; the text wrapped below itself. */
export function layEntry({ atNs, subject, text, tone }: Entry, { width, paint }: Layout): string[] {
  const time = atNs === undefined ? "" : timeText(atNs);
  const left = TIME_WIDTH + 2 + Math.max(SUBJECT_WIDTH, subject.length + 1);
  const [first = "", ...rest] = wrap(text, width - left, HANGING);
  const head = `${paint("faint", time.padStart(TIME_WIDTH))}  ${paint("note", subject)}${" ".repeat(left - TIME_WIDTH - 2 - subject.length)}`;
  return [`${head}${paint(tone, first)}`.trimEnd(), ...rest.map((line) => `${" ".repeat(left)}${paint(tone, line)}`)];
}

const TEN_SECONDS = 1e10;

/** Simulated time, microseconds and above. */
export function timeText(ns: number): string {
  return ns < TEN_SECONDS ? `${(ns / 1e6).toFixed(3)} ms` : `${(ns / 1e9).toFixed(6)} s`;
}
