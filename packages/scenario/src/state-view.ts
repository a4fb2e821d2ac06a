import { unsignedLong, zoneName } from "@memhp/abi";
import type { NodeMemory, Zone } from "@memhp/engine";
import type { Machine } from "@memhp/machine";

type Json = Readonly<Record<string, unknown>>;

/** `state`, `valid_zones` and, where the recorder read it, `removable` of every block, as the traces' compact state has them. */
function blocksView(machine: Machine): Json {
  const withRemovable = machine.kernel.recorder.readsGuestMemory;
  const canLeave = machine.kernel.config.MEMORY_HOTREMOVE;
  const view: Record<string, unknown> = {};
  let last: readonly string[] = [];
  for (const id of machine.blockDevices()) {
    const block = machine.blockView(id);
    if (block === undefined) continue;
    const { state } = block;
    const validZones = canLeave ? block.validZones : "";
    const removable = withRemovable ? (canLeave && block.removable ? "1" : "0") : undefined;
    // Neighbours are alike more often than not, and share what is said of them.
    if (last[0] !== state || last[1] !== validZones || last[2] !== removable)
      last = removable === undefined ? [state, validZones] : [state, validZones, removable];
    view[id] = last;
  }
  return view;
}

/** Zones as /proc/zoneinfo prints them: [start_pfn, spanned, present, managed]. */
function zonesView(machine: Machine): Json {
  const all = machine.kernel.sysfs.zoneinfo === "all-zones";
  const view: Record<string, Record<string, unknown>> = {};
  for (const node of sortedNodes(machine)) {
    if (!node.online) continue;
    const zones: Record<string, unknown> = {};
    for (const zone of machine.zonesOf(node)) {
      if (!all && zone.presentPages === 0) continue;
      // An empty zone prints no start_pfn in 6.x (observed-6 §4).
      const start = all && zone.presentPages === 0 ? null : zone.startPfn;
      zones[zoneName(zone.index)] = [start, spanOf(zone), zone.presentPages, zone.managedPages];
    }
    if (Object.keys(zones).length > 0) view[node.id] = zones;
  }
  return view;
}

/** 4.1: what /proc/zoneinfo hides, as the traces read it out of guest memory. */
function hiddenView(machine: Machine): Json {
  const view: Record<string, unknown> = {};
  for (const node of sortedNodes(machine)) {
    // A node that went offline keeps its pgdat (del-node1-whole).
    if (!node.online && node.nrZones === 0) continue;
    const zones = node.zones.slice(0, 4).map((zone) => [zoneName(zone.index), hiddenZone(zone)]);
    view[node.id] = {
      pgdat: [node.startPfn, node.spannedPages, node.presentPages, node.nrZones],
      ...Object.fromEntries(zones),
    };
  }
  return view;
}

function hiddenZone(zone: Zone): number[] {
  return [zone.startPfn, spanOf(zone), zone.presentPages, zone.managedPages, zone.initialised ? 1 : 0];
}

/** spanned_pages as the kernel prints it. */
export function spanOf(zone: Zone): number {
  return Number(unsignedLong(zone.spannedPages));
}

function sortedNodes(machine: Machine): NodeMemory[] {
  return [...machine.map.nodes.values()].sort((a, b) => a.id - b.id);
}

/** The compact state of a machine: the result of the op `state`, and 4.1's `after_state`. */
export function stateView(machine: Machine): Json {
  const view = { blocks: blocksView(machine), zones: zonesView(machine) };
  return machine.kernel.recorder.readsGuestMemory ? { hidden: hiddenView(machine), ...view } : view;
}
