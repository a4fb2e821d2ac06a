import { type Errno, errnoText, formatNumberList, joinRefusals, type Refusal, refusalSentences } from "@memhp/abi";

/** `EBUSY (Device or resource busy)`. */
export function errnoWords(errno: Errno): string {
  return `${errno} (${errnoText(errno)})`;
}

/** Refusals for one reason, told once. */
export interface RefusalGroup {
  readonly refusal: Refusal;
  readonly count: number;
  /** `32-39,41`; empty where no refusal names a block. */
  readonly blocks: string;
}

/** Puts refusals for the same reason together, the most frequent first. */
export function groupRefusals(refusals: readonly Refusal[]): RefusalGroup[] {
  const groups = new Map<string, Refusal[]>();
  for (const refusal of refusals) {
    const key = JSON.stringify([refusal.errno, refusal.code, refusal.rule, refusal.remedy]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [refusal]);
    else group.push(refusal);
  }
  return [...groups.values()]
    .map((group): RefusalGroup => ({
      refusal: joinRefusals(group),
      count: group.length,
      blocks: formatNumberList(group.flatMap(({ block }) => (block === undefined ? [] : [block]))),
    }))
    .sort((a, b) => b.count - a.count);
}

/** The sentences of a refusal: what stands in the way; the answer by its rule; what would help. */
export function sentencesOf({ refusal, count, blocks }: RefusalGroup): readonly [string, string, string] {
  return refusalSentences(refusal, count > 1 && blocks !== "" ? `blocks ${blocks}` : undefined);
}
