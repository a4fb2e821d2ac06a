import { ParseError, ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex, type ZoneName, zoneNames } from "@memhp/abi";
import { platformOf } from "@memhp/platforms";
import type { Host, HostBlock } from "../host/host.ts";
import type { PfnRange } from "../host/iomem.ts";
import type { HostZone } from "../host/zoneinfo.ts";
import { RunsBuilder } from "../pages/runs-builder.ts";

/** A block as a layout tells it. */
export interface LayoutBlock {
  readonly block: number;
  readonly state: "online" | "offline";
  /** Words of `valid_zones`; of an online block the first is its zone, `none` where it has several or holes. */
  readonly validZones: readonly string[];
  /** Of its first page. */
  readonly node: number;
  /** The kernel said that something in it cannot move. */
  readonly isHeld?: boolean;
}

/** Memory of a node. Pfns. */
export interface NodeRange extends PfnRange {
  readonly node: number;
}

/** Where memory lies, and nothing of what is in it. Addresses are pfns of 4 KiB pages. */
export interface MemoryLayout {
  readonly name: string;
  readonly release?: string;
  readonly cmdline?: string;
  /** Bytes. */
  readonly blockSize: number;
  readonly blocks: readonly LayoutBlock[];
  /** RAM, where it is less than the blocks. */
  readonly ram?: readonly PfnRange[];
  /** Nodes of ranges, where blocks may be of several. */
  readonly nodes?: readonly NodeRange[];
  /** Pfn from which on memory of a node is in zone Movable. */
  readonly movableFrom?: ReadonlyMap<number, number>;
  readonly cpus?: ReadonlyMap<number, readonly number[]>;
  readonly distances?: Host["distances"];
  /** Lines: what this source does not tell. */
  readonly notes: readonly string[];
}

const PAGE = 4096;
const PAGEBLOCK_PAGES = 512;
/** Flags of /proc/kpageflags as hexadecimal words: BUDDY, and none. */
const BUDDY = "400";
const NO_FLAG = "0";
const kernelZones = platformOf("x86_64").arch.zones;

interface Segment extends PfnRange {
  readonly node: number;
  readonly zone: ZoneIndex;
}

/**
 * A layout as a host whose pages are all free, as a machine made of it needs it; a block that the kernel says it holds has one
 * page that nobody knows. @throws ParseError where it is not one of x86_64.
 */
export function layoutHost(layout: MemoryLayout): Host {
  const { name, release, cmdline, blockSize, cpus, distances } = layout;
  const pages = blockSize / PAGE;
  const blocks = [...layout.blocks].sort((a, b) => a.block - b.block);
  const whole = blocks.map(({ block }) => ({ start: block * pages, end: (block + 1) * pages }));
  const ram = layout.ram ?? joined(whole);
  const cut = blocks.map((block) => ({
    block,
    segments: block.state === "online" ? segmentsOf(block, layout, ram) : [],
  }));
  const flags = new RunsBuilder(name);
  for (const { block, segments } of cut)
    for (const [at, { start, end }] of segments.entries()) {
      const held = block.isHeld === true && at === 0 ? 1 : 0;
      if (held === 1) flags.add(start, 1, NO_FLAG, () => name);
      if (end > start + held) flags.add(start + held, end - start - held, BUDDY, () => name);
    }
  return {
    name,
    ...(release === undefined ? {} : { release }),
    ...(cmdline === undefined ? {} : { cmdline }),
    pageSize: PAGE,
    blockSize,
    pageblockPages: PAGEBLOCK_PAGES,
    blocks: cut.map(({ block, segments }) => hostBlock(block, segments)),
    zones: zonesOf(
      cut.flatMap(({ segments }) => segments),
      new Set(blocks.map(({ node }) => node)),
    ),
    ram,
    isArm64: false,
    cpus: cpus ?? new Map(),
    distances: distances ?? new Map(),
    chunks: [],
    meminfo: new Map(),
    hugePools: [],
    flags: flags.finish(false),
    missing: [],
    warnings: [],
  };
}

function hostBlock({ block, state, validZones, node, isHeld }: LayoutBlock, segments: readonly Segment[]): HostBlock {
  const nodes = [...new Set([node, ...segments.map((segment) => segment.node)])];
  const [first, ...rest] = [...new Set(segments.map(({ zone }) => zone))];
  const isTold = validZones[0] !== "none" || first === undefined || rest.length > 0 || nodes.length > 1;
  return {
    block,
    state,
    validZones: isTold ? validZones : [zoneNames[first]],
    nodes,
    // A kernel that says so looked, which is before 5.8.
    ...(isHeld === true ? { removable: "0" } : {}),
  };
}

function joined(ranges: readonly PfnRange[]): PfnRange[] {
  const all: { start: number; end: number }[] = [];
  for (const { start, end } of ranges) {
    const last = all.at(-1);
    if (last?.end === start) last.end = end;
    else all.push({ start, end });
  }
  return all;
}

/** RAM of an online block, cut where its zone or node changes. */
function segmentsOf(
  { block, validZones, node }: LayoutBlock,
  { blockSize, nodes, movableFrom }: MemoryLayout,
  ram: readonly PfnRange[],
): Segment[] {
  const start = (block * blockSize) / PAGE;
  const end = start + blockSize / PAGE;
  const told = zoneNames.indexOf(validZones[0] as ZoneName);
  const borders = [
    ...kernelZones.map(([, zoneEnd]) => zoneEnd),
    ...(nodes ?? []).flatMap((range) => [range.start, range.end]),
    ...(movableFrom?.values() ?? []),
  ];
  return ram.flatMap((range) => {
    const from = Math.max(range.start, start);
    const to = Math.min(range.end, end);
    if (from >= to) return [];
    const cuts = [...new Set([from, ...borders.filter((at) => at > from && at < to), to])].sort((a, b) => a - b);
    return cuts.slice(0, -1).map((at, i) => {
      const limit = kernelZones.find(([, zoneEnd]) => at < zoneEnd)?.[0] ?? ZONE_NORMAL;
      if (told >= 0 && told !== ZONE_MOVABLE && told !== limit)
        throw new ParseError(
          `block ${block} is in zone ${validZones[0]}, where x86_64 has ${zoneNames[limit]}; only hosts of x86_64 become machines`,
        );
      const home = nodes?.find((each) => at >= each.start && at < each.end)?.node ?? node;
      const isMovable = at >= (movableFrom?.get(home) ?? Number.POSITIVE_INFINITY);
      const zone = told >= 0 ? (told as ZoneIndex) : isMovable ? ZONE_MOVABLE : limit;
      return { start: at, end: cuts[i + 1] as number, node: home, zone };
    });
  });
}

function zonesOf(segments: readonly Segment[], nodes: ReadonlySet<number>): HostZone[] {
  const zones = new Map<string, { node: number; zone: ZoneIndex; start: number; end: number; pages: number }>();
  for (const { start, end, node, zone } of segments) {
    const found = zones.get(`${node} ${zone}`) ?? { node, zone, start, end, pages: 0 };
    found.start = Math.min(found.start, start);
    found.end = Math.max(found.end, end);
    found.pages += end - start;
    zones.set(`${node} ${zone}`, found);
  }
  const withMemory = new Set(segments.map(({ node }) => node));
  // A node whose blocks are all offline has zones without pages.
  for (const node of nodes)
    if (!withMemory.has(node)) zones.set(`${node}`, { node, zone: 2, start: 0, end: 0, pages: 0 });
  return [...zones.values()]
    .sort((a, b) => a.node - b.node || a.zone - b.zone)
    .map(({ node, zone, start, end, pages }) => ({
      node,
      zone: zoneNames[zone],
      startPfn: start,
      spanned: end - start,
      present: pages,
      managed: pages,
      free: pages,
      min: 0,
      low: 0,
      high: 0,
      boost: 0,
      protection: [],
      pcp: [],
      counters: {},
    }));
}
