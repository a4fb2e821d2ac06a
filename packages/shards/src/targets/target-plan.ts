import { type Destination, type MigratingFolios, pageKinds } from "@memhp/engine";
import type { TargetAnswer, TargetRequest, PlannedTake } from "@memhp/hotplug";

/** A round of requests for targets, answered before any node was asked: what each node gives, and what every request gets. */
export interface RoundPlan {
  readonly answers: readonly TargetAnswer[];
  /** In the order in which the requests for targets are served. */
  readonly takes: readonly PlannedTake[];
}

/** What a plan needs to know. */
export interface PlanSource {
  destination(targetRequest: TargetRequest): Destination;
  /** Free pages that a node keeps, by zone index; undefined where there is no such node. */
  floors(node: number, highestZone: Destination["highestZone"]): readonly number[] | undefined;
  /** NR_FREE_PAGES of a node, by zone index. */
  freePages(node: number): readonly number[];
}

/** Pages of their own that are no part of a pool: a zone gives as many as it has above its floor, whatever its lists look like. */
function isPlain({ kind, order }: MigratingFolios): boolean {
  return order === 0 && pageKinds[kind]?.startsWith("hugetlb") !== true;
}

/**
 * Serves a round from counters, request by request and node by node as `findTargets` asks them. Undefined where counters do not
 * say what the lists would: larger pages, too little room, allocations of one node that keep different floors.
 */
export function planRound(targetRequests: readonly TargetRequest[], source: PlanSource): RoundPlan | undefined {
  const rooms = new Map<number, { readonly highestZone: number; pages: number }>();
  const takes: PlannedTake[] = [];
  const answers: TargetAnswer[] = [];
  for (const targetRequest of targetRequests) {
    if (!targetRequest.folios.every(isPlain)) return undefined;
    const { nodes, hugepageNodes, highestZone } = source.destination(targetRequest);
    const left = targetRequest.folios.map(({ count }) => count);
    const targets: { node: number; pages: number }[] = [];
    let missing = left.reduce((sum, count) => sum + count, 0);
    for (const node of nodes) {
      if (missing === 0) break;
      const floors = source.floors(node, highestZone);
      if (floors === undefined) continue;
      let room = rooms.get(node);
      if (room === undefined)
        rooms.set(node, (room = { highestZone, pages: roomAbove(source, node, floors, highestZone) }));
      if (room.highestZone !== highestZone) return undefined;
      const folios = targetRequest.folios.map((folio, i) => ({ ...folio, count: left[i] as number }));
      const found = folios.map(({ count }) => {
        const granted = Math.min(count, (room as { pages: number }).pages);
        (room as { pages: number }).pages -= granted;
        return granted;
      });
      takes.push({
        op: "accept",
        node,
        folios,
        highestZone,
        hugepages: hugepageNodes.includes(node),
        floors,
        planned: found,
      });
      const pages = found.reduce((sum, count) => sum + count, 0);
      for (const [i, granted] of found.entries()) left[i] = (left[i] as number) - granted;
      missing -= pages;
      if (pages > 0) targets.push({ node, pages });
    }
    if (missing > 0) return undefined;
    const found = targetRequest.folios.map(({ count }) => ({ count, temporary: 0 }));
    answers.push({ node: targetRequest.node, found, targets });
  }
  return { answers, takes };
}

/** Pages that the zones of a node have above their floors. */
function roomAbove(source: PlanSource, node: number, floors: readonly number[], highestZone: number): number {
  const free = source.freePages(node);
  let pages = 0;
  for (let zone = 0; zone <= highestZone; zone++)
    pages += Math.max(0, Math.ceil((free[zone] as number) - (floors[zone] as number)));
  return pages;
}
