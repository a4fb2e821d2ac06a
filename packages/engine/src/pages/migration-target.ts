import { ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import type { Floors } from "./allocate.ts";
import { isHugetlb } from "./page-kind.ts";
import type { TargetPlaces } from "./migrating-folios.ts";
import type { PageRules } from "./page-rules.ts";
import { FREE_HEAD, KIND_MASK } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { zonelist } from "./zonelist.ts";

/** What migration needs to know of the machine around it. */
export interface MigrationContext {
  /** Nodes in the order in which an allocation on a node asks them (`nodeFallbackOrder`), of nodes with memory. */
  readonly nodeOrder: (node: number) => readonly number[];
  /** Node on which the offlining task runs: 4.1 allocates targets for it, not for the page's node. */
  readonly taskNode: number;
  readonly floors?: Floors;
}

/**
 * Nodes that may take pages of `own`, best first. 4.1: as the offlining task's own allocations. 6.x: the other nodes,
 * its own if it is the only one (facts §4.4).
 */
export function targetNodes(
  rules: PageRules,
  own: number,
  { nodeOrder, taskNode }: MigrationContext,
): readonly number[] {
  if (rules.target === "local-kernel-zones") return nodeOrder(taskNode);
  const others = nodeOrder(own).filter((node) => node !== own);
  return others.length > 0 ? others : [own];
}

/** Nodes whose hugepages may take one of `own`: in 4.1 the node numbered one higher (next_node of the complement). */
export function hugepageTargetNodes(rules: PageRules, own: number, context: MigrationContext): readonly number[] {
  return rules.target === "local-kernel-zones" ? [own + 1] : targetNodes(rules, own, context);
}

/** Highest zone for a page that leaves a zone: in 4.1 never Movable on 64-bit, in 6.x only what came from there (facts §4.4). */
export function highestTargetZone(rules: PageRules, sourceZone: ZoneIndex): ZoneIndex {
  return rules.target === "other-nodes" && sourceZone === ZONE_MOVABLE ? ZONE_MOVABLE : ZONE_NORMAL;
}

/** Where pages that leave a frame may go. */
export interface Destination {
  /** Best first; those that hugepages may come from, if they are not among them, last. */
  readonly nodes: readonly number[];
  readonly hugepageNodes: readonly number[];
  readonly highestZone: ZoneIndex;
}

/** Where an offline of memory puts what leaves a zone of a node (facts §4.4). */
export function offlineDestination(
  rules: PageRules,
  node: number,
  zone: ZoneIndex,
  context: MigrationContext,
): Destination {
  const hugepageNodes = hugepageTargetNodes(rules, node, context);
  const nodes = [...new Set([...targetNodes(rules, node, context), ...hugepageNodes])];
  return { nodes, hugepageNodes, highestZone: highestTargetZone(rules, zone) };
}

/** Where soft_offline_page puts what is in a frame: its own node first, then the others (mm/memory-failure.c). */
export function softOfflineDestination(
  rules: PageRules,
  node: number,
  zone: ZoneIndex,
  { nodeOrder }: Pick<MigrationContext, "nodeOrder">,
): Destination {
  const nodes = nodeOrder(node);
  if (rules.softTarget === "new_page") return { nodes, hugepageNodes: [node], highestZone: ZONE_MOVABLE };
  return { nodes, hugepageNodes: nodes, highestZone: highestTargetZone(rules, zone) };
}

/** Where the pages of a zone may go, for nodes that are all in this store. */
export function targetPlaces(store: PageStore, sourceZone: number, context: MigrationContext): TargetPlaces {
  const own = store.nodeOfZone(sourceZone);
  const highest = highestTargetZone(store.rules, store.zoneIndexOf(sourceZone));
  return {
    zones: zonelist(store, targetNodes(store.rules, own, context), highest),
    hugepageNodes: hugepageTargetNodes(store.rules, own, context),
  };
}

export function isHugetlbPage(store: PageStore, index: number): boolean {
  const code = store.state[index] as number;
  return code < FREE_HEAD && isHugetlb[code & KIND_MASK] === 1;
}
