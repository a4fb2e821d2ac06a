import type { Machine } from "@memhp/machine";

/** Pages of a node. */
export interface NodeUse {
  readonly node: number;
  /** Those that the kernel hands out. */
  readonly managed: number;
  readonly free: number;
  /** Those that loads hold. */
  readonly load: number;
}

/** What the memory of every online node is used for. */
export function nodeUse(machine: Machine): NodeUse[] {
  return machine.pages.counters().map(({ node, zones, owners }) => ({
    node,
    managed: (machine.map.nodes.get(node)?.zones ?? []).reduce((sum, zone) => sum + zone.managedPages, 0),
    free: zones.reduce((sum, zone) => sum + zone.freePages, 0),
    load: owners.reduce((sum, [name, pages]) => (name.startsWith("load:") ? sum + pages : sum), 0),
  }));
}
