import { formatNumberList, joinRefusals, type Refusal, refusalSentences } from "@memhp/abi";

/** Refusals for one reason, told once. */
export interface RefusalGroup {
  readonly refusal: Refusal;
  readonly count: number;
  /** `32-39,41`; empty where no refusal names a block. */
  readonly blocks: string;
  /** What stands in the way; the answer by its rule; what would help. */
  readonly sentences: readonly [string, string, string];
}

/** Puts refusals for the same reason together, the most frequent first. One that was told twice of a block counts once. */
export function groupRefusals(refusals: readonly Refusal[]): RefusalGroup[] {
  const groups = new Map<string, { readonly own: Refusal[]; readonly blocks: Set<number> }>();
  for (const refusal of refusals) {
    const key = JSON.stringify([refusal.errno, refusal.code, refusal.rule, refusal.remedy]);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { own: [], blocks: new Set() }));
    if (refusal.block !== undefined && group.blocks.has(refusal.block)) continue;
    if (refusal.block !== undefined) group.blocks.add(refusal.block);
    group.own.push(refusal);
  }
  return [...groups.values()].map(({ own }) => groupOf(own)).sort((a, b) => b.count - a.count);
}

function groupOf(group: readonly Refusal[]): RefusalGroup {
  const refusal = joinRefusals([...group]);
  const blocks = formatNumberList(group.flatMap(({ block }) => (block === undefined ? [] : [block])));
  const several = group.length > 1 && blocks !== "" ? `blocks ${blocks}` : undefined;
  return { refusal, count: group.length, blocks, sentences: [...refusalSentences(refusal, several)] };
}
