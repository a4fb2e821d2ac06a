import { containersOf, daxOf, dimmsOf } from "@memhp/devices";
import type { Machine } from "@memhp/machine";
import type { DimmPlace } from "./references.ts";

/**
 * Where the memory lies that references may name: DIMMs that are plugged in; dax devices; memory in containers, there or not, as its
 * address is the same whenever it comes; and containers, from their first block to their last.
 */
export function memoryPlaces(machine: Machine): Map<string, DimmPlace> {
  const containers = containersOf(machine);
  const places = new Map<string, DimmPlace>();
  for (const { id, addr, sizeBytes } of [
    ...dimmsOf(machine).list(),
    ...containers.memory(),
    ...daxOf(machine).memory(),
  ])
    places.set(id, { addr, sizeBytes });
  for (const { id, memory } of containers.list()) {
    const addr = Math.min(...memory.map((each) => each.addr));
    const end = Math.max(...memory.map((each) => each.addr + each.sizeBytes));
    if (memory.length > 0) places.set(id, { addr, sizeBytes: end - addr });
  }
  return places;
}
