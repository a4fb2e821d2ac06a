import { ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import { allocateFrom, type Floors } from "./allocate.ts";
import { NIL } from "./block-rows.ts";
import { freeHugepages, newHugepage, pmdOrder, takeHugepage } from "./hugepages.ts";
import { zoneOfIndex } from "./page-index.ts";
import { gfpOfKind, isHugetlb } from "./page-kind.ts";
import { FREE_HEAD, KIND_MASK } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { orderOfUsed, ownerOfUsed } from "./used-pages.ts";
import { zonelist } from "./zonelist.ts";

/** What migration needs to know of the machine around it. */
export interface MigrationContext {
  /** Nodes in the order in which an allocation on a node asks them (`nodeFallbackOrder`), of nodes with memory. */
  readonly nodeOrder: (node: number) => readonly number[];
  /** Node on which the offlining task runs: 4.1 allocates targets for it, not for the page's node. */
  readonly taskNode: number;
  readonly floors?: Floors;
}

/** Zone slots that may take a page of a node and zone, best first. */
export interface TargetZones {
  readonly nodes: readonly number[];
  readonly zones: Int32Array;
}

/**
 * Where migration may put pages. 4.1: as the offlining task's own allocations, in Normal or lower, never Movable on 64-bit.
 * 6.x: on other nodes (its own if it is the only one), in Movable only what came from there (facts §4.4).
 */
export function targetZones(store: PageStore, sourceZone: number, context: MigrationContext): TargetZones {
  if (store.rules.target === "local-kernel-zones") {
    const nodes = context.nodeOrder(context.taskNode);
    return { nodes, zones: zonelist(store, nodes, ZONE_NORMAL) };
  }
  const own = store.nodeOfZone(sourceZone);
  const order = context.nodeOrder(own);
  const others = order.filter((node) => node !== own);
  const nodes = others.length > 0 ? others : [own];
  const highest: ZoneIndex = store.zoneIndexOf(sourceZone) === ZONE_MOVABLE ? ZONE_MOVABLE : ZONE_NORMAL;
  return { nodes, zones: zonelist(store, nodes, highest) };
}

/** A target for a page of up to the largest chunk that is no hugepage. @returns its index, used and owned like the source, or NIL. */
export function allocateTarget(store: PageStore, source: number, targets: TargetZones, floors?: Floors): number {
  const kind = (store.state[source] as number) & KIND_MASK;
  const order = orderOfUsed(store, source);
  const { mobility } = gfpOfKind(kind);
  return allocateFrom(store, targets.zones, order, mobility, kind, ownerOfUsed(store, source), floors);
}

/** A target hugepage, and whether it came from a pool or straight from the lists. */
export interface HugepageTarget {
  readonly index: number;
  readonly isTemporary: boolean;
}

/**
 * 4.1: a free hugepage of the node numbered one higher, or none (next_node of the complement). 6.x: a free one of
 * any allowed node, else, unless gigantic, a new one that lives until the page is freed (facts §4.4).
 */
export function takeHugepageTarget(store: PageStore, source: number, targets: TargetZones): HugepageTarget | undefined {
  const order = orderOfUsed(store, source);
  const owner = ownerOfUsed(store, source);
  const is41 = store.rules.target === "local-kernel-zones";
  const nodes = is41 ? [store.nodeOfZone(zoneOfIndex(store, source)) + 1] : targets.nodes;
  const mayTake = is41 || freeHugepages(store, order) > (store.reservedHugepages.get(order) ?? 0);
  const pooled = mayTake ? takeHugepage(store, nodes, order, owner) : NIL;
  if (pooled !== NIL) return { index: pooled, isTemporary: false };
  if (is41 || order !== pmdOrder(store)) return undefined;
  const fresh = newHugepage(store, nodes, order, owner, false);
  return fresh === NIL ? undefined : { index: fresh, isTemporary: true };
}

export function isHugetlbPage(store: PageStore, index: number): boolean {
  const code = store.state[index] as number;
  return code < FREE_HEAD && isHugetlb[code & KIND_MASK] === 1;
}
