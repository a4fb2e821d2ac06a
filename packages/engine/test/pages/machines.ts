import { type Refusal, type ZoneIndex, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  indexOf,
  type LoadContext,
  type MigrationContext,
  nodeFallbackOrder,
  PageStore,
  populateBlock,
  softOfflineDestination,
  softOfflinePage,
  allocateTargets,
  zonelist,
} from "@memhp/engine";
import { zoneOfIndex } from "../../src/pages/page-index.ts";
import { setPageblockType } from "../../src/pages/pageblock.ts";
import { kernelOf } from "../../../../tools/conformance/src/kernels.ts";
import { x86_64 } from "../../../../tools/conformance/src/platforms.ts";

export const BLOCK_PAGES = 32_768;

export function emptyStore(kernel: string, blockPages = BLOCK_PAGES): PageStore {
  return new PageStore(kernelOf(kernel).pages, x86_64, blockPages);
}

/** Which blocks of which node are online in which zone. */
export type Layout = readonly (readonly [block: number, node: number, zone: ZoneIndex])[];

/** Two nodes: DMA32 and Normal on node 0, Normal and Movable on node 1. */
const twoNodes: Layout = [
  [2, 0, ZONE_DMA32],
  [32, 0, ZONE_NORMAL],
  [33, 0, ZONE_NORMAL],
  [40, 1, ZONE_NORMAL],
  [41, 1, ZONE_MOVABLE],
  [42, 1, ZONE_MOVABLE],
];

export function storeOf(kernel: string, layout: Layout = twoNodes, blockPages = BLOCK_PAGES): PageStore {
  const store = emptyStore(kernel, blockPages);
  for (const [block, node, zone] of layout) populateBlock(store, { block, node, zone });
  return store;
}

/** Contexts of a machine whose nodes are all equally far apart. */
export function contextOf(store: PageStore, taskNode = 0): MigrationContext & LoadContext {
  const nodes = [...store.nodes].sort((a, b) => a - b);
  const orders = new Map(nodes.map((node) => [node, nodeFallbackOrder(node, nodes, new Map())]));
  return { nodeOrder: (node) => orders.get(node) ?? nodes, taskNode };
}

/** Gives the pageblock of a touched frame a migratetype, as allocations would have done. */
export function retype(store: PageStore, pfn: number, type: number): void {
  setPageblockType(store, indexOf(store, pfn) >> store.pageblockOrder, type);
}

/** soft_offline_page where every node is in one store. */
export function softOffline(store: PageStore, pfn: number): Refusal | undefined {
  const answer = softOfflinePage(store, pfn);
  if (answer === undefined || !("folios" in answer)) return answer;
  const node = store.nodeOfZone(zoneOfIndex(store, indexOf(store, pfn)));
  const context = contextOf(store);
  const { nodes, hugepageNodes, highestZone } = softOfflineDestination(store.rules, node, answer.zone, context);
  const places = { zones: zonelist(store, nodes, highestZone), hugepageNodes };
  const again = softOfflinePage(store, pfn, false, allocateTargets(store, answer.folios, places, undefined));
  if (again !== undefined && "folios" in again) throw new Error("memhp bug: targets were given");
  return again;
}
