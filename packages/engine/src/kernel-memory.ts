import { alignDown, GIB, pagesPerSection, type PfnRange, STRUCT_PAGE_BYTES, ZONE_DMA } from "@memhp/abi";
import type { KernelMemoryRules } from "./kernel-memory-rules.ts";
import { type BootLayout, type BootNode, movableStarts } from "./boot.ts";

/** Frames that the kernel holds after boot, on one node. */
export interface KernelRange extends PfnRange {
  readonly node: number;
  /** `reserved`: memblock gave them away, PageReserved. `kernel`: allocated later, by slab and the like. */
  readonly kind: "reserved" | "kernel";
}

/** A pool of hugepages that the command line asks for; `pages` are base pages of one. */
export interface BootHugepages {
  readonly pages: number;
  readonly count: number;
  /** So many of each of these nodes instead. */
  readonly ofNodes?: readonly { readonly node: number; readonly count: number }[];
}

const SWIOTLB_BYTES = 64 * 2 ** 20;

/** A node's RAM that nobody holds yet, ascending. */
type Room = PfnRange[];

/**
 * Where the kernel's own memory lies after boot: its image, and what memblock allocates from the top: the software IO TLB below 4 GiB, then each
 * node's memmap at the end of its RAM, in ZONE_MOVABLE too. What the running kernel allocates comes from the beginning of the free lists
 * of each node's highest kernel zone.
 * @param possibleEndPfn end of all memory that there may ever be, as SRAT tells.
 * @param pools hugepages that boot takes before most of that: those of the allocator's sizes from the lists of all nodes (4.1: x-hugepages-boot, where the
 * kernel holds pages of block 14 behind a pool of 200 MiB), larger ones from memblock.
 */
export function kernelMemory(
  layout: BootLayout,
  rules: KernelMemoryRules,
  possibleEndPfn: number,
  pools: readonly BootHugepages[] = [],
): KernelRange[] {
  const rooms = new Map(layout.nodes.map((node): [number, Room] => [node.node, [...node.ranges]]));
  const held: KernelRange[] = [];
  const take = (node: number, ranges: readonly PfnRange[], kind: KernelRange["kind"]): void => {
    for (const range of ranges) {
      held.push({ node, kind, ...range });
      rooms.set(node, without(rooms.get(node) ?? [], range));
    }
  };
  const pageSize = 2 ** layout.arch.pageShift;
  for (const node of layout.nodes) {
    const low = { startPfn: 1, endPfn: 1 + layout.kernel.boot.reserve.lowPages };
    const { kernelStartPfn } = layout.arch;
    const image = { startPfn: kernelStartPfn, endPfn: kernelStartPfn + rules.imagePages };
    for (const range of node.ranges) take(node.node, [...within(range, low), ...within(range, image)], "reserved");
    const aside = (layout.setAside ?? []).flatMap((range) => node.ranges.flatMap((own) => within(range, own)));
    take(node.node, aside, "reserved");
  }
  const swiotlb = swiotlbRange(layout, rules, possibleEndPfn, rooms);
  if (swiotlb !== undefined) take(swiotlb.node, [swiotlb], "reserved");
  const first = layout.nodes.find(({ ranges }) => ranges.length > 0);
  for (const { limitPfn, pages } of rules.belowLimits ?? []) {
    const room = (rooms.get(first?.node ?? 0) ?? []).flatMap((range) =>
      within(range, { startPfn: 0, endPfn: limitPfn }),
    );
    if (first !== undefined) take(first.node, takeFrom("highest", room, pages), "reserved");
  }
  if (first !== undefined && rules.topPages !== undefined)
    take(first.node, takeFrom("highest", rooms.get(first.node) ?? [], rules.topPages), "reserved");
  for (const node of layout.nodes) {
    const pages = Math.ceil((pagesOf(node.ranges) * STRUCT_PAGE_BYTES) / pageSize);
    const home = memmapHome(layout, node);
    take(home, memmapFrom(layout, rules, rooms.get(home) ?? [], pages, pagesOf(node.ranges)), "reserved");
  }
  const largest = 2 ** layout.arch.maxPageOrder;
  // A pool that boot fills from memblock is nobody else's; what it holds the pool itself takes (finish-boot.ts).
  for (const { node, startPfn, endPfn } of giganticPages(layout, rooms, pools, largest))
    rooms.set(node, without(rooms.get(node) ?? [], { startPfn, endPfn }));
  const poolPages = pools.reduce((sum, { pages, count }) => sum + (pages <= largest ? pages * count : 0), 0);
  const movable = movableStarts(layout);
  const nodes = Math.max(1, layout.nodes.filter(({ ranges }) => ranges.length > 0).length);
  for (const node of layout.nodes) {
    const zone = highestKernelZone(layout, node, movable.get(node.node) ?? Number.POSITIVE_INFINITY);
    if (zone === undefined) continue;
    const room = (rooms.get(node.node) ?? []).flatMap((range) => within(range, zone));
    const share = Math.min(Math.ceil(poolPages / nodes), pagesOf(room) - rules.runtimePages);
    const pool = share > 0 ? takeFrom(rules.listsBegin, room, share) : [];
    const behind = pool.reduce<Room>((left, range) => without(left, range), room);
    take(node.node, takeFrom(rules.listsBegin, behind, rules.runtimePages), "kernel");
  }
  return held;
}

/**
 * Hugepages larger than the allocator's chunks, which memblock gives from the top, node by node in turn (mm/hugetlb.c alloc_bootmem_huge_page).
 */
function giganticPages(
  { nodes }: BootLayout,
  rooms: ReadonlyMap<number, Room>,
  pools: readonly BootHugepages[],
  largest: number,
): (PfnRange & { readonly node: number })[] {
  const taken: (PfnRange & { readonly node: number })[] = [];
  const ids = nodes.filter(({ ranges }) => ranges.length > 0).map(({ node }) => node);
  const takeOne = (node: number, pages: number): boolean => {
    const room = taken.reduce((left, range) => without(left, range), rooms.get(node) ?? []);
    for (const { startPfn, endPfn } of room.toReversed()) {
      const start = alignDown(endPfn - pages, pages);
      if (start < startPfn) continue;
      taken.push({ node, startPfn: start, endPfn: start + pages });
      return true;
    }
    return false;
  };
  for (const { pages, count, ofNodes } of pools.filter((pool) => pool.pages > largest)) {
    for (const { node, count: here } of ofNodes ?? []) for (let i = 0; i < here && takeOne(node, pages); i++);
    let left = ofNodes === undefined ? count : 0;
    for (let before = -1; left > 0 && left !== before;) {
      before = left;
      for (const node of ids) if (left > 0 && takeOne(node, pages)) left--;
    }
  }
  return taken;
}

/** Where the memmap of so many pages of RAM comes from: the end of the room, or the beginning of what is set aside for its sections there. */
function memmapFrom(
  { arch }: BootLayout,
  { sectionMapBytes }: KernelMemoryRules,
  room: Room,
  pages: number,
  ramPages: number,
): PfnRange[] {
  if (sectionMapBytes === undefined) return takeFrom("highest", room, pages);
  const grain = sectionMapBytes / 2 ** arch.pageShift;
  const aside = Math.ceil(ramPages / pagesPerSection(arch)) * grain;
  for (const { startPfn, endPfn } of room.toReversed()) {
    const start = alignDown(endPfn - aside, grain);
    if (start >= startPfn) return [{ startPfn: start, endPfn: start + pages }];
  }
  return takeFrom("highest", room, pages);
}

/**
 * With movable_node, memblock passes over what firmware marks as hot-pluggable: the memmap of such a node lies on the first that is
 * not (mm/memblock.c should_skip_region).
 */
function memmapHome({ nodes, options }: BootLayout, { node, hotpluggable }: BootNode): number {
  if (!options.movableNode || hotpluggable.length === 0) return node;
  return nodes.find((other) => other.ranges.length > 0 && other.hotpluggable.length === 0)?.node ?? node;
}

function swiotlbRange(
  layout: BootLayout,
  rules: KernelMemoryRules,
  possibleEndPfn: number,
  rooms: ReadonlyMap<number, Room>,
): KernelRange | undefined {
  if (rules.swiotlb === "none") return undefined;
  const ramEnd = Math.max(0, ...layout.nodes.flatMap(({ ranges }) => ranges.map(({ endPfn }) => endPfn)));
  const end = rules.swiotlb === "ram-above-4g" ? ramEnd : Math.max(ramEnd, possibleEndPfn);
  const pageSize = 2 ** layout.arch.pageShift;
  const reachable = (4 * GIB) / pageSize;
  if (end <= reachable) return undefined;
  const pages = SWIOTLB_BYTES / pageSize;
  let best: KernelRange | undefined;
  for (const [node, ranges] of rooms) {
    for (const range of ranges) {
      const endPfn = Math.min(range.endPfn, reachable);
      if (endPfn - range.startPfn < pages || (best !== undefined && best.endPfn >= endPfn)) continue;
      best = { node, kind: "reserved", startPfn: endPfn - pages, endPfn };
    }
  }
  return best;
}

/** The highest zone below ZONE_MOVABLE in which the node has RAM: the first that kernel allocations try. */
function highestKernelZone({ arch }: BootLayout, { ranges }: BootNode, movableStart: number): PfnRange | undefined {
  let startPfn = 0;
  let highest: PfnRange | undefined;
  for (const [zone, zoneEnd] of arch.zones) {
    const limits = { startPfn, endPfn: Math.min(zoneEnd, movableStart) };
    startPfn = zoneEnd;
    // ZONE_DMA is the last resort where there is another.
    if (zone === ZONE_DMA && arch.zones.length > 1 && ranges.some(({ endPfn }) => endPfn > zoneEnd)) continue;
    if (ranges.some((range) => within(range, limits).length > 0)) highest = limits;
  }
  return highest;
}

function within(range: PfnRange, limits: PfnRange): PfnRange[] {
  const startPfn = Math.max(range.startPfn, limits.startPfn);
  const endPfn = Math.min(range.endPfn, limits.endPfn);
  return startPfn < endPfn ? [{ startPfn, endPfn }] : [];
}

/** Takes pages from one end of what there is, as far as there are enough. */
function takeFrom(end: "highest" | "lowest", room: readonly PfnRange[], pages: number): PfnRange[] {
  const taken: PfnRange[] = [];
  let left = pages;
  for (const range of end === "highest" ? room.toReversed() : room) {
    const count = Math.min(left, range.endPfn - range.startPfn);
    if (count === 0) continue;
    taken.push(
      end === "highest"
        ? { startPfn: range.endPfn - count, endPfn: range.endPfn }
        : { startPfn: range.startPfn, endPfn: range.startPfn + count },
    );
    left -= count;
  }
  return taken;
}

function without(room: Room, taken: PfnRange): Room {
  return room.flatMap((range) => [
    ...within(range, { startPfn: 0, endPfn: taken.startPfn }),
    ...within(range, { startPfn: taken.endPfn, endPfn: Number.POSITIVE_INFINITY }),
  ]);
}

function pagesOf(ranges: readonly PfnRange[]): number {
  return ranges.reduce((sum, { startPfn, endPfn }) => sum + endPfn - startPfn, 0);
}
