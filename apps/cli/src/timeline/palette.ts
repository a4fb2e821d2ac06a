/** How strongly something is said. */
export type Tone = "plain" | "strong" | "faint" | "good" | "bad" | "note";

export type Palette = (tone: Tone, text: string) => string;

const codes: Readonly<Record<Tone, readonly [number, number] | undefined>> = {
  plain: undefined,
  strong: [1, 22],
  faint: [2, 22],
  good: [32, 39],
  bad: [31, 39],
  note: [36, 39],
};

/** The colours of a terminal, or none. */
export function palette(colour: boolean): Palette {
  if (!colour) return (_tone, text) => text;
  return (tone, text) => {
    const code = codes[tone];
    return code === undefined || text === "" ? text : `\u001B[${code[0]}m${text}\u001B[${code[1]}m`;
  };
}
