import { done, type Errno, refused, type Result, type ZoneIndex } from "@memhp/abi";
import {
  BlockFlag,
  churnLoads,
  dropCaches,
  endLoad,
  growHugepagePool,
  growLoad,
  giveMemmapBack,
  hardOfflinePage,
  addUnmovablePage,
  hugepagePool,
  indexOf,
  type LoadRequest,
  type TargetsFound,
  type MemoryMap,
  type NodeStores,
  type MigratingFolios,
  pageRuns,
  type PageRun,
  type PageStore,
  pagesOfLoad,
  pin,
  Prng,
  reclaimFilePages,
  shrinkHugepagePool,
  shrinkLoad,
  softOfflinePage,
  allocateTargets,
  takeMemmap,
  unpinOwner,
  type WantsTargets,
  zonelist,
} from "@memhp/engine";
import { type BlockSurvey, foreseeOffline } from "./offline-forecast.ts";
import { auditNode } from "./audit.ts";
import { OWN_OWNER } from "./kernel-pages-owner.ts";

/** Free pages that must stay in each zone of the node, by zone index. */
type ZoneFloors = readonly number[];

/**
 * Work on the pages of one node that takes no simulated time and does not wait for the hotplug lock: what programs
 * and the rest of the kernel do with memory while blocks come and go.
 */
export type PageRequest =
  /** Grows a load by up to so many base pages. */
  | ({
      readonly op: "load";
      readonly node: number;
      readonly pages: number;
      readonly floors: ZoneFloors;
    } & Pick<LoadRequest, "id" | "kind" | "pin">)
  /** `pinned`: the references to its pages are its own, and end with it. */
  /** `isSlabShared`: others have put objects into the slab that the load brought along. */
  | {
      readonly op: "unload";
      readonly node: number;
      readonly id: string;
      readonly pinned: boolean;
      readonly isSlabShared?: boolean;
    }
  /** A load of single pages gives so many back, the last first. */
  | { readonly op: "shrink"; readonly node: number; readonly id: string; readonly pages: number }
  | { readonly op: "unpin"; readonly node: number; readonly id: string }
  /** Loads free a part of their pages and allocate as many anew, in an order that the seed draws. */
  | {
      readonly op: "churn";
      readonly node: number;
      readonly loads: readonly Pick<LoadRequest, "id" | "kind" | "pin">[];
      readonly fraction: number;
      readonly seed: number;
      readonly floors: ZoneFloors;
    }
  /** One more reference to a page, or one less: get_page and put_page of somebody in the kernel. */
  | { readonly op: "reference"; readonly node: number; readonly pfn: number; readonly change: 1 | -1 }
  /** nr_hugepages of the node. */
  | { readonly op: "hugepages"; readonly node: number; readonly order: number; readonly count: number }
  /** struct pages of memory that is added (pages above 0), or was removed. */
  | { readonly op: "memmap"; readonly node: number; readonly pages: number }
  /** The kernel takes a page of a block for itself. */
  | { readonly op: "kernel_page"; readonly node: number; readonly block: number }
  | { readonly op: "drop_caches"; readonly node: number; readonly what: 1 | 2 | 3 }
  | {
      readonly op: "offline_page";
      readonly node: number;
      readonly pfn: number;
      readonly kind: "soft" | "hard";
      /** `soft`: the targets that an earlier request wanted. */
      readonly found?: readonly TargetsFound[];
    }
  /** Direct reclaim: page cache that nobody has pinned is free, as many pages as that in the zones up to one. */
  | {
      readonly op: "reclaim";
      readonly node: number;
      readonly pages: number;
      readonly highestZone: ZoneIndex;
      readonly floors: ZoneFloors;
    }
  /** Targets for pages that leave another node. */
  | {
      readonly op: "accept";
      readonly node: number;
      readonly folios: readonly MigratingFolios[];
      readonly highestZone: ZoneIndex;
      /** Whether hugepages may come from this node too. */
      readonly hugepages: boolean;
      readonly floors: ZoneFloors;
    }
  | { readonly op: "runs"; readonly node: number; readonly startPfn: number; readonly count: number }
  /** Every counter of the node against a recount of its pages. */
  | { readonly op: "audit"; readonly node: number }
  /** What an offline would meet in blocks, without trying it. */
  | { readonly op: "survey"; readonly node: number; readonly blocks: readonly number[]; readonly injected: Errno | 0 };

/** The answer to one request of the page level. */
export type PageResult =
  | {
      readonly op: "load" | "unload" | "shrink" | "churn" | "hugepages" | "drop_caches" | "reclaim";
      readonly pages: number;
    }
  | { readonly op: "unpin" | "reference" | "kernel_page" }
  | { readonly op: "memmap"; readonly taken: boolean }
  | { readonly op: "offline_page"; readonly result: Result<void>; readonly wants?: WantsTargets }
  | { readonly op: "accept"; readonly found: readonly TargetsFound[] }
  | { readonly op: "runs"; readonly runs: readonly PageRun[] }
  | { readonly op: "audit"; readonly wrong: readonly string[] }
  | { readonly op: "survey"; readonly blocks: readonly BlockSurvey[] };

interface PageContext {
  readonly map: MemoryMap;
  readonly store: PageStore;
  /** Hears of blocks whose row changed. */
  readonly touched: (block: number) => void;
}

type Of<Op extends PageRequest["op"]> = Extract<PageRequest, { readonly op: Op }>;
type Handlers = { readonly [Op in PageRequest["op"]]: (context: PageContext, request: Of<Op>) => PageResult };

const handlers: Handlers = {
  load({ store }, { id, kind, pin: pinned, node, pages, floors }) {
    const load = { id, kind, ...(pinned === undefined ? {} : { pin: pinned }) };
    return { op: "load", pages: growLoad(store, load, [node], pages, floors) };
  },
  unload({ store }, { id, pinned, isSlabShared }) {
    if (pinned) unpinOwner(store, id);
    return { op: "unload", pages: endLoad(store, id, isSlabShared) };
  },
  shrink: ({ store }, { id, pages }) => ({ op: "shrink", pages: shrinkLoad(store, id, pages) }),
  unpin({ store }, { id }) {
    unpinOwner(store, id);
    return { op: "unpin" };
  },
  churn: ({ store }, request) => ({ op: "churn", pages: churn(store, request) }),
  reference({ store }, { pfn, change }) {
    reference(store, pfn, change);
    return { op: "reference" };
  },
  hugepages: ({ store }, request) => ({ op: "hugepages", pages: setHugepages(store, request) }),
  memmap: ({ store }, request) => ({ op: "memmap", taken: changeMemmap(store, request) }),
  kernel_page({ map, store }, { block }) {
    addUnmovablePage(store, block, OWN_OWNER, map.blocks.hasFlag(block, BlockFlag.early));
    return { op: "kernel_page" };
  },
  drop_caches: ({ store }, { what }) => ({ op: "drop_caches", pages: dropCaches(store, what) }),
  reclaim: ({ store }, { node, pages, highestZone, floors }) => ({
    op: "reclaim",
    pages: reclaimFilePages(store, node, highestZone, pages, floors),
  }),
  offline_page: (context, request) => offlinePage(context, request),
  accept({ store }, { node, folios, highestZone, hugepages, floors }) {
    const places = { zones: zonelist(store, [node], highestZone), hugepageNodes: hugepages ? [node] : [] };
    return { op: "accept", found: allocateTargets(store, folios, places, floors) };
  },
  runs: ({ store }, { startPfn, count }) => ({ op: "runs", runs: pageRuns(store, startPfn, count) }),
  audit: ({ map, store }, { node }) => ({ op: "audit", wrong: auditNode(map, store, node) }),
  survey: ({ map, store }, { blocks, injected }) => ({
    op: "survey",
    blocks: blocks.map((block) => foreseeOffline({ map, store, injected }, block)),
  }),
};

/** @param touched hears of blocks whose row changed. */
export function performPageRequest(
  map: MemoryMap,
  stores: NodeStores,
  request: PageRequest,
  touched: (block: number) => void,
): PageResult {
  const handler = handlers[request.op] as (context: PageContext, request: PageRequest) => PageResult;
  return handler({ map, store: stores.of(request.node), touched }, request);
}

function changeMemmap(store: PageStore, { node, pages }: Of<"memmap">): boolean {
  if (pages >= 0) return takeMemmap(store, node, pages);
  giveMemmapBack(store, -pages);
  return true;
}

function churn(store: PageStore, request: Of<"churn">): number {
  const { node, floors } = request;
  const loads = request.loads.flatMap((load) => {
    const owner = store.owners.indexOf(`load:${load.id}`);
    if (owner < 0 || pagesOfLoad(store, load.id) === 0) return [];
    return [{ ...load, bytes: 0, policy: { mode: "bind" as const, nodes: [node] }, owner }];
  });
  return churnLoads(store, loads, request.fraction, new Prng(request.seed), { nodeOrder: () => [node], floors });
}

function reference(store: PageStore, pfn: number, change: 1 | -1): void {
  const index = indexOf(store, pfn);
  const isUsed = index >= 0 && (store.state[index] as number) < FIRST_FREE && store.state[index] !== 0;
  if (isUsed) pin(store, index, change);
}
/** State bytes from here on are free chunks (page-state.ts). */
const FIRST_FREE = 0x80;

/** set_max_huge_pages. @returns hugepages of the pool afterwards. */
function setHugepages(store: PageStore, { node, order, count }: Of<"hugepages">): number {
  const { total } = hugepagePool(store, node, order);
  if (count > total) growHugepagePool(store, node, order, count - total);
  else shrinkHugepagePool(store, node, order, total - count);
  return hugepagePool(store, node, order).total;
}

function offlinePage({ map, store, touched }: PageContext, { kind, pfn, found }: Of<"offline_page">): PageResult {
  const block = Math.floor(pfn / map.blockPages);
  const isPresent = map.blocks.has(block);
  const answer =
    kind === "soft" ? softOfflinePage(store, pfn, isPresent, found) : hardOfflinePage(store, pfn, isPresent);
  if (isPresent && store.poisonedPfns.has(pfn)) {
    map.blocks.setFlag(block, BlockFlag.poisoned, true);
    touched(block);
  }
  if (answer === undefined) return { op: "offline_page", result: done(undefined) };
  if ("folios" in answer) return { op: "offline_page", result: done(undefined), wants: answer };
  return { op: "offline_page", result: refused(answer) };
}
