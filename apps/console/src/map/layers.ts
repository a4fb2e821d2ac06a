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
export function blocksOf(list: string): number[] {
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
