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
  /**
   * Free pages that a node keeps, by zone index; undefined where there is no such node.
   * @param floors into which they go; without it a list of their own.
   */
  floors(node: number, highestZone: Destination["highestZone"], floors?: number[]): readonly number[] | undefined;
  /** NR_FREE_PAGES of a node, by zone index. */
  freePages(node: number): readonly number[];
  /** Nodes whose part of the plan is wanted; what the others give and get only counts. Without it all are. */
  isWanted?(node: number): boolean;
}

const isHugetlb = pageKinds.map((kind) => kind.startsWith("hugetlb"));

/** Pages of their own that are no part of a pool: a zone gives as many as it has above its floor, whatever its lists look like. */
function isPlain({ kind, order }: MigratingFolios): boolean {
  return order === 0 && isHugetlb[kind] !== true;
}

/**
 * Serves a round from counters, request by request and node by node as `findTargets` asks them. Undefined where counters do not
 * say what the lists would: larger pages, too little room, allocations of one node that keep different floors.
 */
export function planRound(targetRequests: readonly TargetRequest[], source: PlanSource): RoundPlan | undefined {
  const rooms = new Map<number, Room>();
  const takes: PlannedTake[] = [];
  const answers: TargetAnswer[] = [];
  const isWanted = (node: number): boolean => source.isWanted?.(node) ?? true;
  /** Of a node that is not wanted, for as long as its room is looked at. */
  const passing: number[] = [];
  for (const targetRequest of targetRequests) {
    const { node, folios } = targetRequest;
    const isAnswered = isWanted(node);
    if (!folios.every(isPlain)) return undefined;
    const { nodes, hugepageNodes, highestZone } = source.destination(targetRequest);
    const targets: { node: number; pages: number }[] = [];
    let wanted = folios;
    let missing = pagesOf(folios);
    for (const id of nodes) {
      if (missing === 0) break;
      let room = rooms.get(id);
      if (room === undefined) {
        const gives = isWanted(id);
        const floors = gives ? source.floors(id, highestZone) : source.floors(id, highestZone, passing);
        if (floors === undefined) continue;
        const pages = roomAbove(source.freePages(id), floors, highestZone);
        rooms.set(id, (room = { highestZone, gives, floors, pages }));
      }
      if (room.highestZone !== highestZone) return undefined;
      const pages = Math.min(missing, room.pages);
      missing -= pages;
      room.pages -= pages;
      if (pages > 0 && isAnswered) targets.push({ node: id, pages });
      const { gives, floors } = room;
      if (!gives && missing === 0) break;
      const planned = grant(pages, wanted);
      const hugepages = gives && hugepageNodes.includes(id);
      if (gives) takes.push({ op: "accept", node: id, folios: wanted, highestZone, hugepages, floors, planned });
      if (missing > 0) wanted = wanted.map((folio, i) => ({ ...folio, count: folio.count - (planned[i] as number) }));
    }
    if (missing > 0) return undefined;
    if (isAnswered) answers.push({ node, found: folios.map(({ count }) => ({ count, temporary: 0 })), targets });
  }
  return { answers, takes };
}

function pagesOf(folios: readonly MigratingFolios[]): number {
  let pages = 0;
  for (const { count } of folios) pages += count;
  return pages;
}

/** What a node has to give in a round. */
interface Room {
  readonly highestZone: number;
  /** Whether what it gives is wanted. */
  readonly gives: boolean;
  /** Where it gives. */
  readonly floors: readonly number[];
  /** Pages that nobody has been given yet. */
  pages: number;
}

/** Gives pages of each group as long as there are any. @returns how many of each. */
function grant(pages: number, folios: readonly MigratingFolios[]): number[] {
  let left = pages;
  return folios.map(({ count }) => {
    const granted = Math.min(count, left);
    left -= granted;
    return granted;
  });
}

/** Pages that the zones of a node have above their floors. */
function roomAbove(free: readonly number[], floors: readonly number[], highestZone: number): number {
  let pages = 0;
  for (let zone = 0; zone <= highestZone; zone++)
    pages += Math.max(0, Math.ceil((free[zone] as number) - (floors[zone] as number)));
  return pages;
}
