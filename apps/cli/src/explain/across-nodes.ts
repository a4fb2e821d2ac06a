import { groupBy, formatNumberList, joinRefusals, parseNumberList } from "@memhp/abi";
import { addCounts, type ExplainedGroup } from "./explained.ts";

/** A group for people: blocks of several nodes where the same is said of them. */
export interface ShownGroup extends ExplainedGroup {
  /** A list such as `0-3,7`; empty where no node is known. */
  readonly nodes: string;
}

/** As many nodes as may say the same and still be told one by one. */
const MAX_ALIKE_NODES = 2;

/** Large machines say the same of many nodes: that is told once. */
export function acrossNodes(groups: readonly ExplainedGroup[]): ShownGroup[] {
  return [...groupBy(groups, likenessOf).values()]
    .flatMap((same) =>
      same.length > MAX_ALIKE_NODES ? [joined(same)] : same.map((group) => ({ ...group, nodes: nodesOf([group]) })),
    )
    .sort((a, b) => firstBlock(a) - firstBlock(b));
}

function firstBlock({ blocks }: ExplainedGroup): number {
  return Number.parseInt(blocks, 10);
}

function likenessOf({ zone, answer, note, refusal, targets, node }: ExplainedGroup): string {
  const kinds = [...new Set(refusal?.pages?.map(({ kind, owner }) => `${kind}/${owner}`))].sort();
  const why = refusal && [refusal.errno, refusal.code, refusal.rule, refusal.retry, refusal.remedy, kinds];
  // Where pages go is told node by node.
  return JSON.stringify([zone, answer, note, why, targets === undefined ? null : node]);
}

function nodesOf(groups: readonly ExplainedGroup[]): string {
  return formatNumberList(groups.flatMap(({ node }) => node ?? []));
}

function joined(groups: readonly ExplainedGroup[]): ShownGroup {
  const [{ refusal: _refusal, pages: _pages, ...first }] = groups as [ExplainedGroup];
  const pages = groups.flatMap((group) => group.pages ?? []);
  const refusals = groups.flatMap((group) => group.refusal ?? []);
  return {
    ...first,
    node: null,
    nodes: nodesOf(groups),
    blocks: formatNumberList(groups.flatMap(({ blocks }) => parseNumberList(blocks))),
    count: groups.reduce((sum, { count }) => sum + count, 0),
    ...(pages.length === 0 ? {} : { pages: pages.reduce(addCounts) }),
    ...(refusals.length === 0 ? {} : { refusal: joinRefusals(refusals) }),
  };
}
