import { formatSize } from "@memhp/abi";
import type { Answer } from "./explained.ts";
import type { Explanation } from "./explanation.ts";

/** What is said of one block. */
const ofOne: Readonly<Record<Answer, (block: string, under: string) => string>> = {
  goes_offline: (block, under) => `${block} would go offline ${under}.`,
  kills_programs: (block, under) => `${block} would go offline ${under}, after the OOM killer has ended programs.`,
  refused: (block, under) => `${block} would be refused to go offline ${under}.`,
  never_ends: (block, under) => `An offline of ${lower(block)} would not end ${under} without a signal.`,
  unknown: (block, under) => `Nobody can tell whether ${lower(block)} would go offline ${under}.`,
  is_offline: (block) => `${block} is offline already.`,
};

/** What is said of the others of many. */
const ofMany: readonly (readonly [Exclude<Answer, "goes_offline">, (count: number) => string])[] = [
  ["kills_programs", (count) => `${count} after the OOM killer has ended programs`],
  ["refused", (count) => `${count} would be refused`],
  ["never_ends", (count) => `${count} would try until a signal`],
  ["unknown", (count) => `of ${count} nobody can tell`],
  ["is_offline", (count) => `${count} ${count === 1 ? "is" : "are"} offline already`],
];

/** Every answer with its number of blocks, in one sentence. */
export function headline({ kernel, block_size: blockSize, counts, groups }: Explanation): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const size = blockSize === null ? "" : ` of ${formatSize(blockSize)}`;
  const under = `under Linux ${kernel}`;
  const [only] = groups;
  if (total === 1 && only !== undefined) return ofOne[only.answer](`Block ${only.blocks}${size}`, under);
  const others = ofMany.flatMap(([answer, words]) => (counts[answer] === 0 ? [] : [words(counts[answer])]));
  return `${[`${counts.goes_offline} of ${total} blocks${size} would go offline ${under}`, ...others].join(", ")}.`;
}

function lower(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}
