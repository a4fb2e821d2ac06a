import { type OnlineType, type ZoneIndex, ZONE_DMA, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import { BlockState, type GroupPages } from "./block-table.ts";
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
  /** Groups that a driver grows and shrinks at run time; absent where there are none. */
  readonly dynamicGroups?: readonly DynamicGroup[];
  /** What those of the other nodes come to. */
  readonly otherGroups?: GroupBalance;
}

/** memory_group_register_dynamic: memory of one node that comes and goes in units. */
export interface DynamicGroup {
  /** Number of the group. */
  readonly group: number;
  readonly node: number;
  readonly unitPages: number;
}

/** Early kernel pages that the movable memory of dynamic groups has used up, and that memory. */
export interface GroupBalance {
  readonly neededKernelPages: number;
  readonly movablePages: number;
}

const NO_GROUPS: GroupBalance = { neededKernelPages: 0, movablePages: 0 };

/**
 * auto_movable_stats_account_group over all dynamic groups but one: a group's own kernel memory allows for movable memory of the
 * same group, and only what that does not cover needs early kernel pages (mm/memory_hotplug.c; v_auto_movable_100).
 * @param ratio auto_movable_ratio, in percent
 * @param without number of the group that does not count, or -1
 */
export function dynamicGroupBalance(
  map: Pick<MemoryMap, "blocks">,
  groups: readonly DynamicGroup[],
  ratio: number,
  without = -1,
): GroupBalance {
  let { neededKernelPages, movablePages } = NO_GROUPS;
  for (const { group } of groups) {
    if (group === without || ratio === 0) continue;
    const members = map.blocks.groupPages(group);
    const needed = Math.trunc((members.movablePages * 100) / ratio) - members.kernelPages;
    neededKernelPages += Math.max(0, needed);
    movablePages += members.movablePages;
  }
  return { neededKernelPages, movablePages };
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

/** auto_movable_can_online_movable: what other dynamic groups have settled among themselves does not count. */
function movableFits(
  { earlyKernelPages, movablePages }: MovableBalance,
  others: GroupBalance,
  ownKernelPages: number,
  neededPages: number,
  ratio: number,
): boolean {
  if (others !== NO_GROUPS && earlyKernelPages <= others.neededKernelPages) return false;
  const kernel = earlyKernelPages - others.neededKernelPages + ownKernelPages;
  return movablePages - others.movablePages + neededPages <= Math.floor((ratio * kernel) / 100);
}

/** auto-movable for boot memory, static groups (facts §3.4; observed-6 §3: f_automovable_*) and dynamic ones (v_auto_movable_100). */
function autoMovableZone(map: MemoryMap, node: NodeMemory, block: number, input: PolicyInput): ZoneIndex {
  const startPfn = blockStartPfn(map, block);
  const kernel = kernelZoneFor(node, startPfn, map.blockPages);
  const { ratio, dynamicGroups = [], otherGroups = NO_GROUPS } = input;
  if (ratio === 0) return kernel;
  const group = map.blocks.group(block);
  const dynamic = dynamicGroups.find((each) => each.group === group);
  let needed = map.blockPages;
  if (dynamic !== undefined) {
    const unit = unitAround(map, block, dynamic);
    if (unit.kernelPages > 0) return kernel;
    needed = dynamic.unitPages - unit.movablePages;
  } else if (group >= 0) {
    // A group lies on one node, so its shard holds all of it.
    const members = map.blocks.groupPages(group);
    if (members.kernelPages > 0) return kernel;
    needed = (input.groupMaxPages.get(group) ?? map.blockPages) - members.movablePages;
  }
  const ownKernel = dynamic === undefined ? 0 : map.blocks.groupPages(group).kernelPages;
  const own = balanceOfNode(node);
  const ownGroups = dynamicGroups.filter((each) => each.node === node.id);
  const here = dynamicGroups.length === 0 ? NO_GROUPS : dynamicGroupBalance(map, ownGroups, ratio, group);
  const everywhere =
    dynamicGroups.length === 0
      ? NO_GROUPS
      : {
          neededKernelPages: here.neededKernelPages + otherGroups.neededKernelPages,
          movablePages: here.movablePages + otherGroups.movablePages,
        };
  if (!movableFits(addBalance(own, input.otherNodes), everywhere, ownKernel, needed, ratio)) return kernel;
  if (input.numaAware && !movableFits(own, here, ownKernel, needed, ratio)) return kernel;
  return ZONE_MOVABLE;
}

/** Blocks of the same unit that are online, by kind of zone: they go together where they can. */
function unitAround(map: MemoryMap, block: number, { unitPages }: DynamicGroup): GroupPages {
  const count = Math.max(1, unitPages / map.blockPages);
  const first = Math.floor(block / count) * count;
  let kernelPages = 0;
  let movablePages = 0;
  for (let id = first; id < first + count; id++) {
    if (!map.blocks.has(id) || map.blocks.state(id) !== BlockState.online) continue;
    if (map.blocks.zone(id) === ZONE_MOVABLE) movablePages += map.blockPages;
    else kernelPages += map.blockPages;
  }
  return { kernelPages, movablePages };
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
