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
  const time = atNs === undefined ? "" : `${(atNs / 1e6).toFixed(3)} ms`;
  const left = TIME_WIDTH + 2 + Math.max(SUBJECT_WIDTH, subject.length + 1);
  const [first = "", ...rest] = wrap(text, width - left, HANGING);
  const head = `${paint("faint", time.padStart(TIME_WIDTH))}  ${paint("note", subject)}${" ".repeat(left - TIME_WIDTH - 2 - subject.length)}`;
  return [`${head}${paint(tone, first)}`.trimEnd(), ...rest.map((line) => `${" ".repeat(left)}${paint(tone, line)}`)];
}

/** Breaks a text between words; a word longer than a line stays whole. Lines but the first are indented by `hanging`. */
export function wrap(text: string, width: number, hanging: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line.trim() !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${" ".repeat(hanging)}${word}`;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
