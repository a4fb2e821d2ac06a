import type { KernelPort, NodeView, ZoneView } from "./kernel-port.ts";

/** The nodes that files of /proc list, ascending. */
export function onlineNodes(port: KernelPort): NodeView[] {
  return port
    .nodeMasks()
    .online.map((id) => port.node(id))
    .filter((node) => node !== undefined);
}

/** populated_zone(). */
export function isPopulated(zone: ZoneView): boolean {
  return zone.presentPages > 0;
}

/** How a line or a record of a zone begins. */
export function zoneTitle(node: NodeView, zone: ZoneView): string {
  return `Node ${node.id}, zone ${zone.name.padStart(8)}`;
}

/** An item of the zone by the kernel's name. */
export function zoneCounter(zone: ZoneView, name: string): number {
  return name === "nr_free_pages" ? zone.freePages : (zone.counters[name] ?? 0);
}
