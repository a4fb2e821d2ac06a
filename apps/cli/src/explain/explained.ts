import { groupBy, formatNumberList, joinRefusals, type Refusal } from "@memhp/abi";
import type { BlockOutlook, OutlookAnswer } from "@memhp/machine";

/** How an offline of a block would end; `unknown` where only a try tells. */
export type Answer = OutlookAnswer | "unknown";

/** What is said of one block. */
export interface ExplainedBlock {
  readonly block: number;
  readonly node: number | null;
  readonly zone: string | null;
  readonly answer: Answer;
  /** Base pages by what an offline would do with them; absent where nobody knows, or the block is offline. */
  readonly pages?: PageCounts;
  /** Where pages would go: base pages by node. */
  readonly targets?: readonly NodePagesMoved[];
  readonly refusal?: Refusal;
  /** Of a captured host: milliseconds that an offline takes, about. */
  readonly about_ms?: number;
  /** What the answer depends on, or why there is none. */
  readonly note?: string;
}

interface PageCounts {
  readonly free: number;
  readonly movable: number;
  readonly pinned: number;
  readonly dissolved: number;
  readonly fixed: number;
  /** Of a captured host: pages without any flag, free ones or the kernel's. */
  readonly unknown?: number;
}

interface NodePagesMoved {
  readonly node: number;
  readonly pages: number;
}

/** Blocks of which the same is said: `blocks` is a list such as `32-39,41`, pages are those of all of them. */
export interface ExplainedGroup extends Omit<ExplainedBlock, "block"> {
  readonly blocks: string;
  readonly count: number;
}

/** What a machine says of its blocks. */
export function explainedBlock({ block, node, zone, answer, refusal, use, targets }: BlockOutlook): ExplainedBlock {
  return {
    block,
    node,
    zone: zone ?? null,
    answer,
    ...(use === undefined ? {} : { pages: pageCounts(use) }),
    ...(targets === undefined ? {} : { targets }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

function pageCounts({ free, movable, pinned, dissolved, fixed }: PageCounts): PageCounts {
  return { free, movable, pinned, dissolved, fixed };
}

/** Puts blocks together of which the same is said; in the order of their first blocks. */
export function groupBlocks(blocks: readonly ExplainedBlock[]): ExplainedGroup[] {
  return [...groupBy(blocks, likenessOf).values()].map(together);
}

function likenessOf({ node, zone, answer, pages, targets, refusal, note }: ExplainedBlock): string {
  const offenders = (refusal?.pages ?? []).map(({ kind, owner }) => `${kind}/${owner}`);
  return JSON.stringify([
    node,
    zone,
    answer,
    note,
    answer === "goes_offline" && [(pages?.movable ?? 0) > 0, targets?.map((target) => target.node)],
    refusal && [
      refusal.errno,
      refusal.code,
      refusal.rule,
      refusal.retry,
      refusal.remedy,
      [...new Set(offenders)].sort(),
    ],
  ]);
}

function together(alike: readonly ExplainedBlock[]): ExplainedGroup {
  const [{ block: _block, pages, targets, refusal, about_ms: aboutMs, ...same }] = alike as [ExplainedBlock];
  const all = <T>(of: (block: ExplainedBlock) => T | undefined): T[] =>
    alike.map(of).filter((value): value is T & {} => value !== undefined);
  return {
    blocks: formatNumberList(alike.map(({ block }) => block)),
    count: alike.length,
    ...same,
    ...(pages === undefined ? {} : { pages: all((each) => each.pages).reduce(addCounts) }),
    ...(targets === undefined ? {} : { targets: addTargets(all((each) => each.targets).flat()) }),
    ...(refusal === undefined ? {} : { refusal: joinRefusals(all((each) => each.refusal)) }),
    ...(aboutMs === undefined ? {} : { about_ms: all((each) => each.about_ms).reduce((sum, ms) => sum + ms, 0) }),
  };
}

export function addCounts(a: PageCounts, b: PageCounts): PageCounts {
  return {
    free: a.free + b.free,
    movable: a.movable + b.movable,
    pinned: a.pinned + b.pinned,
    dissolved: a.dissolved + b.dissolved,
    fixed: a.fixed + b.fixed,
    ...(a.unknown === undefined || b.unknown === undefined ? {} : { unknown: a.unknown + b.unknown }),
  };
}

export function addTargets(targets: readonly NodePagesMoved[]): NodePagesMoved[] {
  const pages = new Map<number, number>();
  for (const target of targets) pages.set(target.node, (pages.get(target.node) ?? 0) + target.pages);
  return [...pages].map(([node, moved]) => ({ node, pages: moved })).sort((a, b) => a.node - b.node);
}
