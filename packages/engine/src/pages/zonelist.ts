import { ZONE_DMA, type ZoneIndex } from "@memhp/abi";
import type { PageStore } from "./page-store.ts";

/**
 * find_next_best_node: nodes in the order in which an allocation of `local` asks them: itself, then by
 * distance; among equals the next higher number first (node < local is penalised), so load spreads.
 * @param distances rows of the SLIT by node id.
 */
export function nodeFallbackOrder(
  local: number,
  nodes: readonly number[],
  distances: ReadonlyMap<number, ReadonlyMap<number, number>>,
): number[] {
  const LOCAL = 10;
  const REMOTE = 20;
  const distance = (to: number): number => distances.get(local)?.get(to) ?? (to === local ? LOCAL : REMOTE);
  const rank = (node: number): readonly [number, number, number] => [
    node === local ? 0 : distance(node),
    node < local ? 1 : 0,
    node,
  ];
  return [...nodes].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
  });
}

/**
 * Zone slots in the order in which an allocation tries them: node by node, on each from the highest
 * allowed zone down (ZONELIST_ORDER_NODE, the order of 64-bit machines). Zones without pages are left out.
 */
export function zonelist(store: PageStore, nodeOrder: readonly number[], highestZone: ZoneIndex): Int32Array {
  const slots: number[] = [];
  for (const node of nodeOrder) {
    for (let zone = highestZone as number; zone >= ZONE_DMA; zone--) {
      const slot = store.zoneSlot(node, zone as ZoneIndex);
      if ((store.presentPages[slot] as number) > 0) slots.push(slot);
    }
  }
  return Int32Array.from(slots);
}
