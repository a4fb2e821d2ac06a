import {
  type OnlineType,
  type Refusal,
  type ZoneIndex,
  ZONE_DMA,
  ZONE_DMA32,
  ZONE_MOVABLE,
  ZONE_NORMAL,
} from "@memhp/abi";
import { BlockFlag } from "./block-table.ts";
import { blockStartPfn, type MemoryMap, nodeOf, type NodeMemory } from "./memory-map.ts";
import { zoneIntersects } from "./zone.ts";

/** /sys/module/memory_hotplug/parameters and the boot options that steer the default zone. */
export interface OnlinePolicy {
  readonly policy: "contig-zones" | "auto-movable";
  /** auto_movable_ratio in percent; 301 by default (facts §3.4). */
  readonly ratio: number;
  readonly numaAware: boolean;
  /** Boot option movable_node. */
  readonly movableNode: boolean;
}

/** Pages that auto-movable weighs: boot memory online in kernel zones, and memory online in Movable. */
export interface MovableBalance {
  readonly earlyKernelPages: number;
  readonly movablePages: number;
}

/** A node's balance of early kernel pages and movable pages. */
export function balanceOfNode(node: NodeMemory): MovableBalance {
  let earlyKernelPages = 0;
  for (const zone of node.zones) if (zone.index !== ZONE_MOVABLE) earlyKernelPages += zone.earlyPages;
  return { earlyKernelPages, movablePages: node.zones[ZONE_MOVABLE].presentPages };
}

/** Two balances of kernel and movable pages, added up. */
export function addBalance(a: MovableBalance, b: MovableBalance): MovableBalance {
  return { earlyKernelPages: a.earlyKernelPages + b.earlyKernelPages, movablePages: a.movablePages + b.movablePages };
}

/**
 * What online needs to know beyond its own node: the balance of all other nodes, and the
 * pages of each memory group (a DIMM's `_CRS` ranges together).
 */
export interface PolicyInput extends OnlinePolicy {
  readonly otherNodes: MovableBalance;
  readonly groupMaxPages: ReadonlyMap<number, number>;
}

/** The first of DMA, DMA32 that intersects the range, else Normal (facts §3.4; observed-6 §3: x_hidden_below_4g). */
export function kernelZoneFor(node: NodeMemory, startPfn: number, nrPages: number): ZoneIndex {
  if (zoneIntersects(node.zones[ZONE_DMA], startPfn, nrPages)) return ZONE_DMA;
  if (zoneIntersects(node.zones[ZONE_DMA32], startPfn, nrPages)) return ZONE_DMA32;
  return ZONE_NORMAL;
}

/** contig-zones: the zone whose span alone touches the range, else the kernel zone, or Movable with movable_node (facts §3.4). */
function contigZone(node: NodeMemory, startPfn: number, nrPages: number, movableNode: boolean): ZoneIndex {
  const kernel = kernelZoneFor(node, startPfn, nrPages);
  const inKernel = zoneIntersects(node.zones[kernel], startPfn, nrPages);
  const inMovable = zoneIntersects(node.zones[ZONE_MOVABLE], startPfn, nrPages);
  if (inKernel !== inMovable) return inKernel ? kernel : ZONE_MOVABLE;
  return movableNode ? ZONE_MOVABLE : kernel;
}

function movableFits(balance: MovableBalance, neededPages: number, ratio: number): boolean {
  return balance.movablePages + neededPages <= Math.floor((ratio * balance.earlyKernelPages) / 100);
}

/** auto-movable for boot memory and static groups (facts §3.4; observed-6 §3: f_automovable_*). */
function autoMovableZone(map: MemoryMap, node: NodeMemory, block: number, input: PolicyInput): ZoneIndex {
  const startPfn = blockStartPfn(map, block);
  const kernel = kernelZoneFor(node, startPfn, map.blockPages);
  if (input.ratio === 0) return kernel;
  const group = map.blocks.group(block);
  let needed = map.blockPages;
  if (group >= 0) {
    // A group lies on one node, so its shard holds all of it.
    const members = map.blocks.groupPages(group);
    if (members.kernelPages > 0) return kernel;
    needed = (input.groupMaxPages.get(group) ?? map.blockPages) - members.movablePages;
  }
  const own = balanceOfNode(node);
  if (!movableFits(addBalance(own, input.otherNodes), needed, input.ratio)) return kernel;
  if (input.numaAware && !movableFits(own, needed, input.ratio)) return kernel;
  return ZONE_MOVABLE;
}

/** zone_for_pfn_range: the zone that an online of this type would put the block into now (facts §3.4). */
export function zoneForOnline6(map: MemoryMap, block: number, type: OnlineType, input: PolicyInput): ZoneIndex {
  const node = nodeOf(map, map.blocks.node(block));
  const startPfn = blockStartPfn(map, block);
  if (type === "movable") return ZONE_MOVABLE;
  if (type === "kernel") return kernelZoneFor(node, startPfn, map.blockPages);
  if (input.policy === "auto-movable") return autoMovableZone(map, node, block, input);
  return contigZone(node, startPfn, map.blockPages, input.movableNode);
}

/** memory_block_online: poisoned pages keep the block offline (facts §3.2 step 1; observed-6 §13). */
export function refuseOnline6(map: MemoryMap, block: number): Refusal | undefined {
  if (!map.kernel.zones.hwpoisonRefusesOnline || !map.blocks.hasFlag(block, BlockFlag.poisoned)) return undefined;
  return {
    errno: "EHWPOISON",
    code: "poisoned",
    rule: "facts §3.2 step 1: the block has poisoned pages",
    block,
    node: map.blocks.node(block),
    retry: "no",
    remedy: ["remove the DIMM and insert a sound one"],
  };
}
