import {
  counterErrors,
  isBlockOnline,
  managedPages,
  type MemoryMap,
  nodesOfBlock,
  pagesPastEnd,
  type PageStore,
} from "@memhp/engine";

/**
 * Law 3: what is counted equals what is there. Compares the page map's counters with a recount of its pages, and the zones
 * and blocks of the memory map with the page map. Empty where all agree.
 * @param blocks those that have pages on the node.
 */
export function auditNode(
  map: MemoryMap,
  store: PageStore,
  id: number,
  blocks: Iterable<number> = blocksOfNode(map, id),
): string[] {
  const node = map.nodes.get(id);
  if (node === undefined) return [];
  const wrong = counterErrors(store).map(
    ({ counter, at, counted, found }) => `node ${id}: ${counter}[${at}] is ${counted}, its pages say ${found}`,
  );
  for (const zone of node.zones) {
    const slot = store.zoneSlot(id, zone.index);
    const present = store.presentPages[slot] as number;
    if (zone.presentPages !== present && zone.presentPages !== present + pagesPastEnd(map, id, zone.index))
      wrong.push(`node ${id} zone ${zone.index}: present is ${zone.presentPages}, its pages say ${present}`);
    if (zone.spannedPages !== 0 && zone.managedPages !== managedPages(store, slot))
      wrong.push(
        `node ${id} zone ${zone.index}: managed is ${zone.managedPages}, its pages say ${managedPages(store, slot)}`,
      );
  }
  for (const block of blocks) {
    const hasPages = store.rows.find(block) >= 0;
    if (hasPages !== isBlockOnline(map, block)) wrong.push(`block ${block}: state and page map disagree`);
  }
  return wrong;
}

function* blocksOfNode(map: MemoryMap, id: number): Generator<number> {
  for (const block of map.blocks.ids()) if (nodesOfBlock(map, block).includes(id)) yield block;
}

/** The same of all nodes at once. */
export function auditAll(map: MemoryMap, storeOf: (node: number) => PageStore): string[] {
  const blocks = new Map<number, number[]>([...map.nodes.keys()].map((node) => [node, []]));
  for (const block of map.blocks.ids()) for (const node of nodesOfBlock(map, block)) blocks.get(node)?.push(block);
  return [...blocks].flatMap(([node, own]) => auditNode(map, storeOf(node), node, own));
}
