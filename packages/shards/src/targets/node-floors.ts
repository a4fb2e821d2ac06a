import type { Architecture } from "@memhp/abi";
import { type Destination, type EngineKernel, floorsAbove, type NodeMemory, zoneWatermarks } from "@memhp/engine";

/** Free pages that a node keeps, by zone index; undefined where there is no such node. The same for as long as the nodes stay as they are. */
export function nodeFloors(machine: {
  readonly kernel: EngineKernel;
  readonly arch: Architecture;
  readonly nodes: ReadonlyMap<number, NodeMemory>;
}): (node: number, highestZone: Destination["highestZone"]) => number[] | undefined {
  const watermarks = zoneWatermarks(
    machine,
    [...machine.nodes.values()].filter((each) => each.online),
  );
  const known = new Map<number, number[]>();
  return (id, highestZone) => {
    const key = id * 8 + highestZone;
    let floors = known.get(key);
    if (floors !== undefined) return floors;
    const node = machine.nodes.get(id);
    if (node === undefined) return undefined;
    known.set(key, (floors = floorsAbove(machine, watermarks, node, highestZone)));
    return floors;
  };
}
