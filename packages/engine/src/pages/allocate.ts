import { done, type Refusal, refused, type Result, ZONE_DMA32, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import { NIL } from "./block-rows.ts";
import { takeSmallest } from "./buddy.ts";
import { takePages } from "./fallback.ts";
import { pfnOf } from "./page-index.ts";
import { gfpOfKind, PageKind, type PageKindName } from "./page-kind.ts";
import type { PageStore } from "./page-store.ts";
import { markUsed } from "./used-pages.ts";
import { zonelist } from "./zonelist.ts";

/** Free pages that must stay in each zone slot: a watermark and lowmem_reserve. Absent: 0 everywhere. */
export type Floors = ArrayLike<number>;

/**
 * get_page_from_freelist: tries the zones in order.
 * @param zones zone slots, best first (`zonelist`).
 * @returns the first page's index, or NIL.
 * @param type a `MigrateClass`
 * @param kind a `PageKind`
 * @param owner number of the owner in the store
 */
export function allocateFrom(
  store: PageStore,
  zones: ArrayLike<number>,
  order: number,
  type: number,
  kind: number,
  owner: number,
  floors?: Floors,
): number {
  const NONE = -1;
  const pages = (1 << order) - 1;
  if (zones.length === 0) return NONE;
  const first = zones[0] as number;
  // Nearly always the best zone has a page of the wanted migratetype.
  if ((store.freePages[first] as number) - pages > (floors === undefined ? 0 : (floors[first] as number))) {
    const index = takeSmallest(store, first, order, type);
    if (index >= 0) {
      markUsed(store, index, first, order, kind, owner);
      return index;
    }
  }
  // 6.x: while the first node's other zones have room, no pageblock of another type is broken (ALLOC_NOFRAGMENT).
  const strict = store.rules.noFragment && mayAvoidFragments(store, first);
  for (let pass = strict ? 0 : 1; pass < 2; pass++) {
    const minOrder = pass === 0 ? store.pageblockOrder : 0;
    for (let i = 0; i < zones.length; i++) {
      const zone = zones[i] as number;
      if (pass === 0 && store.nodeOfZone(zone) !== store.nodeOfZone(first)) break;
      if ((store.freePages[zone] as number) - pages <= (floors === undefined ? 0 : (floors[zone] as number))) continue;
      const index = takePages(store, zone, order, type, minOrder);
      if (index === NONE) continue;
      markUsed(store, index, zone, order, kind, owner);
      return index;
    }
  }
  return NONE;
}

/** alloc_flags_nofragment: only a Normal zone with memory in DMA32 below it. */
function mayAvoidFragments(store: PageStore, zone: number): boolean {
  return (
    store.zoneIndexOf(zone) === ZONE_NORMAL && (store.presentPages[zone - (ZONE_NORMAL - ZONE_DMA32)] as number) > 0
  );
}

/** One allocation as a caller outside the store asks for it. */
export interface AllocateRequest {
  readonly kind: PageKindName;
  readonly order?: number;
  /** Number of the owner in the store. */
  readonly owner?: number;
  /** Nodes allowed, best first. */
  readonly nodes: readonly number[];
  /** Highest zone, where it is below the kind's own. */
  readonly highestZone?: ZoneIndex;
  readonly floors?: Floors;
}

/** Allocates one page of an order. @returns its pfn, or why there is none. */
export function allocate(store: PageStore, request: AllocateRequest): Result<{ readonly pfn: number }> {
  const kind = PageKind[request.kind];
  const gfp = gfpOfKind(kind);
  const highest = Math.min(gfp.highestZone, request.highestZone ?? gfp.highestZone) as ZoneIndex;
  const zones = zonelist(store, request.nodes, highest);
  const order = request.order ?? 0;
  const index = allocateFrom(store, zones, order, gfp.mobility, kind, request.owner ?? 0, request.floors);
  return index === NIL
    ? refused(noMemory(request.nodes, `no free chunk of order ${order} for ${request.kind} pages`))
    : done({ pfn: pfnOf(store, index) });
}

/** ENOMEM: the nodes allowed have no room above their watermarks. */
export function noMemory(nodes: readonly number[], detail: string): Refusal {
  return {
    errno: "ENOMEM",
    code: "no_target_memory",
    rule: "facts §4.4: the zones that the allocation may use have no free pages above their watermark",
    ...(nodes.length === 1 ? { node: nodes[0] as number } : {}),
    retry: "maybe",
    remedy: [`free memory on node ${nodes.join(", ")}`, "online more memory there"],
    detail,
  };
}
