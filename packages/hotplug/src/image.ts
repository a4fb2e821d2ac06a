import type { Architecture } from "@memhp/abi";
import {
  type EngineKernel,
  ImageError,
  type MemoryMap,
  type MemoryMapImage,
  mergeMemoryMaps,
  NodeStores,
  type PageStoreImage,
  restoreMemoryMap,
  restorePageStore,
  sliceMemoryMap,
  snapshotMemoryMap,
  snapshotPageStore,
} from "@memhp/engine";
import { auditAll } from "./audit.ts";
import type { EventPlaces } from "./event-log.ts";

/** Some nodes of a machine at rest, with everything on them. Plain data. */
export interface NodesImage {
  readonly map: MemoryMapImage;
  /** In the order of the map's nodes. */
  readonly pages: readonly PageStoreImage[];
  /** Where each node's events have come to: the last moment, and the number of the last one there. */
  readonly places: readonly (readonly [node: number, atNs: number, seq: number])[];
}

/** What hotplug needs of the nodes that it works on. */
export interface NodesState {
  readonly map: MemoryMap;
  readonly stores: NodeStores;
  readonly places: EventPlaces;
}

/** The nodes of a set as plain data. */
export function snapshotNodes({ map, stores, places }: NodesState): NodesImage {
  return {
    map: snapshotMemoryMap(map),
    pages: [...map.nodes.keys()].map((node) => snapshotPageStore(stores.of(node), node)),
    places: [...places].map(([node, { atNs, seq }]) => [node, atNs, seq] as const),
  };
}

/**
 * What `createHotplug` goes on from.
 * @param verify compares every counter with a recount of its pages, and zones and blocks with them.
 * @throws ImageError for an image that contradicts itself
 */
export function restoreNodes(image: NodesImage, kernel: EngineKernel, arch: Architecture, verify = false): NodesState {
  const map = restoreMemoryMap(image.map, kernel, arch);
  const stores = new NodeStores(map);
  for (const pages of image.pages)
    stores.restore(pages.node, restorePageStore(pages, kernel.pages, arch, image.map.blockPages));
  const nodes = image.map.nodes.map(({ id }) => id);
  if (nodes.length !== image.pages.length || image.pages.some(({ node }, i) => node !== nodes[i]))
    throw new ImageError("nodes.pages", "are not those of the map's nodes");
  if (verify) assertSound(map, stores);
  return { map, stores, places: new Map(image.places.map(([node, atNs, seq]) => [node, { atNs, seq }])) };
}

function assertSound(map: MemoryMap, stores: NodeStores): void {
  let wrong: string | undefined;
  try {
    [wrong] = auditAll(map, (node) => stores.of(node));
  } catch (error) {
    wrong = (error as Error).message;
  }
  if (wrong !== undefined) throw new ImageError("nodes", wrong);
}

/** What an image holds of some of its nodes. */
export function sliceNodes(image: NodesImage, nodes: ReadonlySet<number>): NodesImage {
  return {
    map: sliceMemoryMap(image.map, nodes),
    pages: image.pages.filter(({ node }) => nodes.has(node)),
    places: image.places.filter(([node]) => nodes.has(node)),
  };
}

/** Slices of one machine as a whole again, with its nodes in the order of `like`. */
export function mergeNodes(slices: readonly NodesImage[], like: MemoryMap): NodesImage {
  const order = [...like.nodes.keys()];
  const inOrder = <T>(all: readonly T[], nodeOf: (each: T) => number): T[] => {
    const byNode = new Map(all.map((each) => [nodeOf(each), each]));
    return order.map((node) => byNode.get(node)).filter((each) => each !== undefined);
  };
  return {
    map: mergeMemoryMaps(
      slices.map(({ map }) => map),
      like,
    ),
    pages: inOrder(
      slices.flatMap(({ pages }) => pages),
      ({ node }) => node,
    ),
    places: inOrder(
      slices.flatMap(({ places }) => places),
      ([node]) => node,
    ),
  };
}
