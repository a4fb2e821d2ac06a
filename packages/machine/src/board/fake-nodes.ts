import { GIB, MIB, parseSize } from "@memhp/abi";
import type { ByteRange } from "@memhp/platforms";

/** Memory of a node; bytes. */
export interface NodeMemoryRange extends ByteRange {
  readonly node: number;
}

/** Nodes that the kernel makes of those that firmware names. */
export interface FakeNodes {
  readonly memory: readonly NodeMemoryRange[];
  /** Firmware's node of each. */
  readonly physical: readonly number[];
}

/** FAKE_NODE_MIN_SIZE of x86 (asm/numa.h). */
const STEP = 32 * MIB;
/** End of ZONE_DMA32. */
const DMA32_END = 4 * GIB;
const PAGE = 4096;

interface Layout {
  /** Memory by firmware's node, holes within it included, ascending; what follows takes from its start. */
  readonly blocks: { node: number; start: number; end: number }[];
  readonly ram: readonly ByteRange[];
  readonly made: (NodeMemoryRange & { readonly physical: number })[];
}

/**
 * `numa=fake=`: N nodes, nodes of a size, or N of each (`NU`) (mm/numa_emulation.c of 4.1.3 and 7.1.5).
 * @param value what follows `fake=`. @param memory firmware's nodes. @param ram usable RAM.
 * @returns undefined where the kernel gives up: no number, or not enough memory for each node.
 */
export function fakeNodes(
  value: string,
  memory: readonly NodeMemoryRange[],
  ram: readonly ByteRange[],
  { mostNodes, knowsEach }: { readonly mostNodes: number; readonly knowsEach: boolean },
): FakeNodes | undefined {
  const layout: Layout = { blocks: joined(memory), ram, made: [] };
  // A kernel that knows no NU reads the number.
  const isMade = split(knowsEach ? value : value.replace(/U$/, ""), layout, mostNodes);
  if (!isMade) return undefined;
  const physical: number[] = [];
  for (const each of layout.made) physical[each.node] ??= each.physical;
  return { memory: layout.made.map(({ node, start, end }) => ({ node, start, end })), physical };
}

function split(value: string, layout: Layout, mostNodes: number): boolean {
  const uniform = /^(\d+)U$/.exec(value)?.[1];
  if (uniform !== undefined) return splitEach(layout, Number(uniform), mostNodes);
  if (/^\d+[MG]$/i.test(value)) return splitBySize(layout, parseSize(value), mostNodes);
  return /^\d+$/.test(value) && splitByCount(layout, Math.min(Number(value), mostNodes));
}

/** numa_cleanup_meminfo: blocks of one node are one, where no other node's memory lies between. */
function joined(memory: readonly NodeMemoryRange[]): Layout["blocks"] {
  const blocks: Layout["blocks"] = [];
  for (const { node, start, end } of memory.toSorted((a, b) => a.start - b.start)) {
    const last = blocks.at(-1);
    if (last?.node === node) last.end = Math.max(last.end, end);
    else blocks.push({ node, start, end });
  }
  return blocks;
}

/** Bytes of a range that are no RAM. */
function holes({ ram }: Layout, start: number, end: number): number {
  const used = ram.reduce((sum, each) => sum + Math.max(0, Math.min(each.end, end) - Math.max(each.start, start)), 0);
  return Math.max(0, end - start - used);
}

function whole(layout: Layout): number {
  const end = Math.max(...layout.blocks.map((block) => block.end));
  return end - holes(layout, 0, end);
}

/** split_nodes_interleave. */
function splitByCount(layout: Layout, count: number): boolean {
  if (count === 0) return false;
  const share = Math.floor(whole(layout) / PAGE / count) * PAGE;
  const big = Math.floor(((share % STEP) * count) / STEP);
  const size = share - (share % STEP);
  if (size === 0) return false;
  interleave(layout, count, size, ({ start, end: limit }, made) => {
    let end = start + size + (made < big ? STEP : 0);
    while (end - start - holes(layout, start, end) < size) {
      end += STEP;
      if (end > limit) return limit;
    }
    return end;
  });
  return true;
}

/** split_nodes_size_interleave. */
function splitBySize(layout: Layout, asked: number, mostNodes: number): boolean {
  if (asked === 0) return false;
  const least = Math.ceil(Math.max(whole(layout) / mostNodes, STEP) / STEP) * STEP;
  const size = Math.floor(Math.max(asked, least) / STEP) * STEP;
  interleave(layout, mostNodes, size, ({ start, end: limit }) => {
    let end = start + size;
    while (end - start - holes(layout, start, end) < size) {
      end += STEP;
      if (end > limit) return limit;
    }
    return end;
  });
  return true;
}

/** split_nodes_size_interleave_uniform, for each of firmware's nodes: by its span, holes or not. */
function splitEach(layout: Layout, count: number, mostNodes: number): boolean {
  if (count === 0) return false;
  let made = 0;
  for (let block = layout.blocks[0]; block !== undefined; block = layout.blocks[0]) {
    const share = Math.floor((block.end - block.start) / PAGE / count) * PAGE;
    const size = Math.ceil(Math.max(share, STEP) / STEP) * STEP;
    while (block.start < block.end) take(layout, block, made++ % mostNodes, upTo4GiB(layout, block.start + size));
  }
  return made > 0;
}

type EndOf = (block: ByteRange, made: number) => number;

/** Takes from firmware's nodes in turn until none has memory left. */
function interleave(layout: Layout, count: number, size: number, endOf: EndOf): void {
  let made = 0;
  const nodes = [...new Set(layout.blocks.map(({ node }) => node))].sort((a, b) => a - b);
  while (layout.blocks.length > 0) {
    for (const node of nodes) {
      const block = layout.blocks.find((each) => each.node === node);
      if (block === undefined) continue;
      let end = upTo4GiB(layout, endOf(block, made));
      if (block.end - end - holes(layout, end, block.end) < size) end = block.end;
      take(layout, block, made++ % count, end);
    }
  }
}

/** What would be left of ZONE_DMA32 for the next node must not be less than the least. */
function upTo4GiB(layout: Layout, end: number): number {
  return end < DMA32_END && DMA32_END - end - holes(layout, end, DMA32_END) < STEP ? DMA32_END : end;
}

function take({ blocks, made }: Layout, block: Layout["blocks"][number], node: number, wanted: number): void {
  const end = Math.min(wanted, block.end);
  made.push({ node, physical: block.node, start: block.start, end });
  block.start = end;
  if (block.start >= block.end) blocks.splice(blocks.indexOf(block), 1);
}
