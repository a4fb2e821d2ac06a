import { blocksOf, type Layer, type Mark } from "./layers.ts";

/** In which order a plan takes blocks. */
export function planLayer(blocks: readonly number[]): Layer {
  return { name: "plan", marks: new Map(blocks.map((block, i) => [block, { tone: "good", text: String(i + 1) }])) };
}

const answers: Readonly<Record<string, Mark>> = {
  goes_offline: { tone: "good", text: "✓" },
  kills_programs: { tone: "warn", text: "OOM" },
  refused: { tone: "bad", text: "✕" },
  never_ends: { tone: "bad", text: "…" },
};

/** What an offline of each block would come to. */
export function outlookLayer(groups: readonly { readonly answer: string; readonly blocks: string }[]): Layer {
  const marks = new Map<number, Mark>();
  for (const { answer, blocks } of groups) {
    const mark = answers[answer];
    if (mark !== undefined) for (const block of blocksOf(blocks)) marks.set(block, mark);
  }
  return { name: "forecast", marks };
}
