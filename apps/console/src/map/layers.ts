import type { Answer } from "../session/answer.ts";

/** Something said of blocks over what they are: what was refused, what a forecast says, in which order a plan goes. */
export interface Layer {
  readonly name: string;
  /** For each block that it says something of: how it is marked, and a few letters where there is room. */
  readonly marks: ReadonlyMap<number, Mark>;
  /** Edges of blocks at which a zone begins or ends. */
  readonly borders?: ReadonlyMap<number, "start" | "end">;
}

/** How one block is marked. */
export interface Mark {
  readonly tone: "bad" | "good" | "warn";
  readonly text: string;
}

/** Blocks of a list such as `32-39,41`. */
function blocksOf(list: string): number[] {
  return list.split(",").flatMap((part) => {
    const [first, last = first] = part.split("-").map(Number);
    if (first === undefined || last === undefined || !Number.isFinite(first) || part === "") return [];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

// The rule's own words (engine, zone-binding-4.1): only there can a block change its zone.
const border = /^online the block at the (start|end) of ZONE_\w+ \(block (\d+)\)/;

/** Blocks that an answer says were refused, and the border of zones where it speaks of one; and what is stuck meanwhile. */
export function layerOf(answer: Answer | undefined, going: readonly string[] = []): Layer | undefined {
  const marks = new Map<number, Mark>();
  const borders = new Map<number, "start" | "end">();
  for (const name of going) {
    const block = /^memory(\d+)$/.exec(name)?.[1];
    if (block !== undefined) marks.set(Number(block), { tone: "warn", text: "…" });
  }
  for (const { blocks, refusal } of answer?.refusals ?? []) {
    for (const text of refusal.remedy) {
      const [, edge, block] = border.exec(text) ?? [];
      if (edge === undefined) continue;
      borders.set(Number(block), edge as "start" | "end");
      marks.set(Number(block), { tone: "good", text: "first" });
    }
    const mark: Mark = { tone: "bad", text: String(refusal.errno).slice(0, 6) };
    for (const block of blocksOf(blocks)) marks.set(block, mark);
  }
  return marks.size === 0 ? undefined : { name: "refused", marks, borders };
}

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
