import type { Architecture, ZoneIndex } from "@memhp/abi";
import { type Destination, type EngineKernel, type NodeMemory, zoneFloors } from "@memhp/engine";

/** @param floors into which they go; by default a list of their own. */
type FloorsOf = (node: number, highestZone: Destination["highestZone"], floors?: number[]) => number[] | undefined;

/**
 * The same while nodes are asked one after another: what all nodes have together is added up anew only where the node that was asked last
 * has come to manage other pages (a balloon's that moved).
 */
export function floorsInTurn(machine: Parameters<typeof nodeFloors>[0]): FloorsOf {
  let floorsOf = nodeFloors(machine);
  let last: NodeMemory | undefined;
  return (id, highestZone) => {
    const now = last === undefined ? undefined : machine.nodes.get(last.id);
    if (last !== undefined && !managesAlike(last, now)) floorsOf = nodeFloors(machine);
    last = machine.nodes.get(id);
    return floorsOf(id, highestZone);
  };
}

function managesAlike({ zones }: NodeMemory, other: NodeMemory | undefined): boolean {
  return zones.every(({ managedPages }, i) => managedPages === other?.zones[i as ZoneIndex].managedPages);
}

/** Free pages that a node keeps, by zone index; undefined where there is no such node. The same for as long as the nodes stay as they are. */
export function nodeFloors(machine: {
  readonly kernel: EngineKernel;
  readonly arch: Architecture;
  readonly nodes: ReadonlyMap<number, NodeMemory>;
}): FloorsOf {
  const floorsOf = zoneFloors(
    machine,
    [...machine.nodes.values()].filter((each) => each.online),
  );
  return (id, highestZone, floors) => {
    const node = machine.nodes.get(id);
    return node === undefined ? undefined : floorsOf(node, highestZone, floors);
  };
}
