import { ZONE_NORMAL, type ZoneIndex, zoneNames } from "@memhp/abi";
import { BlockFlag, type BlockPart, BlockState, MIXED_ZONES, NO_ZONE, progressionsOf } from "@memhp/engine";
import type { MachineImage } from "@memhp/machine";
import { platformOf } from "@memhp/platforms";
import { type Host, type HostBlock, zoneOf } from "../host/host.ts";
import type { HostZone } from "../host/zoneinfo.ts";
import { Column } from "./columns.ts";
import { ImageImpossible } from "./image-impossible.ts";

/** Kernel zones with the pfns at which they end. */
const kernelZones = platformOf("x86_64").arch.zones;

type MapImage = MachineImage["memory"]["nodes"]["map"];
type NodeImage = MapImage["nodes"][number];
type ZoneImage = NodeImage["zones"][number];

/** A block of a host as a row of the machine. */
export interface MappedBlock {
  readonly block: number;
  /** Of its first page. */
  readonly node: number;
  /** All that have pages of it online. */
  readonly nodes: readonly number[];
  /** Zone index, `MIXED_ZONES`, or `NO_ZONE` where it is offline. */
  readonly zone: number;
  readonly isOnline: boolean;
  /** RAM and holes, where it is not all RAM of one zone. */
  readonly parts?: readonly BlockPart[];
  readonly presentPages: number;
  readonly flags: number;
  readonly startPfn: number;
  readonly endPfn: number;
}

/** Blocks of a host with their zones and holes. @throws ImageImpossible */
export function mapBlocks(host: Host): MappedBlock[] {
  const pages = host.blockSize / host.pageSize;
  return host.blocks.map((block) => {
    const [node] = block.nodes;
    if (node === undefined) throw new ImageImpossible(`block ${block.block} is of no node`);
    const parts = partsOf(host, block, pages);
    const presentPages = parts.reduce((sum, part) => sum + (part.ram ? part.endPfn - part.startPfn : 0), 0);
    const isOnline = block.state === "online";
    const homes = new Set(parts.map((part) => `${part.node} ${part.zone}`));
    const zone = homes.size > 1 ? MIXED_ZONES : (parts[0]?.zone ?? NO_ZONE);
    const isWhole = presentPages === pages && homes.size === 1;
    return {
      block: block.block,
      node: parts[0]?.node ?? node,
      nodes: isOnline ? [...new Set(parts.map((part) => part.node))] : [node],
      zone: isOnline ? zone : NO_ZONE,
      isOnline,
      presentPages,
      flags: isEarly(host, block, pages) ? BlockFlag.early : 0,
      startPfn: block.block * pages,
      endPfn: (block.block + 1) * pages,
      ...(isWhole || !isOnline ? {} : { parts }),
    };
  });
}

/** RAM and holes of a block; of one that is all RAM of one zone, the whole. */
export function allParts({ parts, startPfn, endPfn, node, zone }: MappedBlock): readonly BlockPart[] {
  return parts ?? [{ startPfn, endPfn, node, zone: zone as ZoneIndex, ram: true }];
}

function isEarly({ driverRam = [] }: Host, { block, dimm }: HostBlock, pages: number): boolean {
  const start = block * pages;
  return dimm === undefined && !driverRam.some((range) => range.start < start + pages && range.end > start);
}

/** RAM and holes of a block, ascending. A hole is told by the memory after it, or before it at the end. */
function partsOf(host: Host, block: HostBlock, pages: number): BlockPart[] {
  const start = block.block * pages;
  const end = start + pages;
  const cuts = bordersIn(host, block, start, end);
  const ram: BlockPart[] = [];
  for (const range of host.ram ?? []) {
    let from = Math.max(range.start, start);
    const to = Math.min(range.end, end);
    while (from < to) {
      const endPfn = Math.min(to, ...cuts.filter((at) => at > from));
      ram.push({ startPfn: from, endPfn, ...homeOf(host, block, from), ram: true });
      from = endPfn;
    }
  }
  const all: BlockPart[] = [];
  let pfn = start;
  for (const part of ram) {
    if (pfn < part.startPfn) all.push({ ...part, startPfn: pfn, endPfn: part.startPfn, ram: false });
    all.push(part);
    pfn = part.endPfn;
  }
  const last = ram.at(-1);
  if (pfn < end && last !== undefined) all.push({ ...last, startPfn: pfn, endPfn: end, ram: false });
  return all;
}

/** Pfns at which zone or node change within a block; none where the block has one zone. */
function bordersIn(host: Host, block: HostBlock, start: number, end: number): number[] {
  if (zoneOf(block) !== undefined && block.nodes.length === 1) return [];
  const zones = host.zones.filter(({ node, present }) => block.nodes.includes(node) && present > 0);
  const starts = zones.flatMap(({ startPfn = 0, spanned }) => [startPfn, startPfn + spanned]);
  return [...kernelZones.map(([, zoneEnd]) => zoneEnd), ...starts].filter((at) => at > start && at < end);
}

/** Node and zone of a page: those that the block's files name, else those of the zone that spans it. */
function homeOf({ zones }: Host, block: HostBlock, pfn: number): { readonly node: number; readonly zone: ZoneIndex } {
  const [first = 0] = block.nodes;
  const told = zoneOf(block);
  if (told !== undefined && block.nodes.length === 1 && block.state === "online")
    return { node: first, zone: zoneNames.indexOf(told) as ZoneIndex };
  const limit = kernelZones.find(([, end]) => pfn < end)?.[0] ?? ZONE_NORMAL;
  const spanning = zones.filter(
    ({ node, startPfn = 0, spanned, present }) =>
      block.nodes.includes(node) && present > 0 && pfn >= startPfn && pfn < startPfn + spanned,
  );
  const movable = spanning.find(({ zone }) => zone === "Movable");
  const kernel = spanning.find(({ zone }) => zoneNames.indexOf(zone) === limit);
  const home = movable ?? kernel ?? spanning[0];
  if (home === undefined) return { node: first, zone: limit };
  return { node: home.node, zone: zoneNames.indexOf(home.zone) as ZoneIndex };
}

/** What the pages of a zone say. */
export interface ZonePages {
  readonly present: number;
  readonly managed: number;
}

/** Rows, parts and nodes as an image holds them. Where files contradict the pages of a zone, the pages count. */
export function mapImage(
  host: Host,
  blocks: readonly MappedBlock[],
  pagesOf: (node: number, zone: number) => ZonePages,
): MapImage {
  const columns = {
    state: new Column(),
    zone: new Column(),
    flags: new Column(),
    node: new Column(),
    presentPages: new Column(),
    altmapPages: new Column(),
    group: new Column(),
    onlineType: new Column(),
  };
  for (const { zone, flags, node, presentPages, isOnline } of blocks) {
    columns.state.add(isOnline ? BlockState.online : BlockState.offline);
    columns.zone.add(zone);
    columns.flags.add(flags);
    columns.node.add(node);
    columns.presentPages.add(presentPages);
    columns.altmapPages.add(0);
    columns.group.add(-1);
    columns.onlineType.add(isOnline ? 1 : 0);
  }
  const { state, zone, flags, node, presentPages, altmapPages, group, onlineType } = columns;
  return {
    blockPages: host.blockSize / host.pageSize,
    blocks: {
      ids: progressionsOf(blocks.map(({ block }) => block)),
      state: state.runs,
      zone: zone.runs,
      flags: flags.runs,
      node: node.runs,
      presentPages: presentPages.runs,
      altmapPages: altmapPages.runs,
      group: group.runs,
      onlineType: onlineType.runs,
    },
    parts: blocks.flatMap(({ block, parts }) => (parts === undefined ? [] : [[block, parts] as const])),
    nodes: nodeIds(host).map((id) => nodeImage(host, id, blocks, pagesOf)),
  };
}

export function nodeIds({ zones }: Host): number[] {
  return [...new Set(zones.map(({ node }) => node))].sort((a, b) => a - b);
}

function nodeImage(
  host: Host,
  id: number,
  blocks: readonly MappedBlock[],
  pagesOf: (node: number, zone: number) => ZonePages,
): NodeImage {
  const zones = [0, 1, 2, 3, 4].map((index) =>
    zoneImage(
      index,
      host.zones.find((zone) => zone.node === id && zoneNames.indexOf(zone.zone) === index),
      spansOf(blocks, id, index),
      pagesOf(id, index),
    ),
  ) as unknown as NodeImage["zones"];
  const populated = zones.filter(({ spannedPages }) => spannedPages > 0);
  const startPfn = Math.min(...populated.map((zone) => zone.startPfn));
  const endPfn = Math.max(...populated.map((zone) => zone.startPfn + zone.spannedPages));
  const presentPages = zones.reduce((sum, zone) => sum + zone.presentPages, 0);
  return {
    id,
    zones,
    startPfn: populated.length === 0 ? 0 : startPfn,
    spannedPages: populated.length === 0 ? 0 : endPfn - startPfn,
    presentPages,
    nrZones: 1 + Math.max(-1, ...populated.map(({ index }) => index)),
    online: true,
    hasNormalMemory: zones.some(({ index, presentPages: pages }) => index <= 2 && pages > 0),
    hasMemory: presentPages > 0,
  };
}

/** Pages of a zone in online blocks, ascending, and whether they were there at boot. */
function spansOf(
  blocks: readonly MappedBlock[],
  node: number,
  index: number,
): readonly { readonly start: number; readonly end: number; readonly isEarly: boolean }[] {
  return blocks
    .filter((block) => block.nodes.includes(node) && block.isOnline)
    .flatMap((block) => {
      const isEarly = (block.flags & BlockFlag.early) !== 0;
      return allParts(block)
        .filter(({ ram, zone, node: own }) => ram && zone === index && own === node)
        .map(({ startPfn, endPfn }) => ({ start: startPfn, end: endPfn, isEarly }));
    });
}

function zoneImage(
  index: number,
  zone: HostZone | undefined,
  spans: ReturnType<typeof spansOf>,
  { present, managed }: ZonePages,
): ZoneImage {
  const first = spans[0];
  const last = spans.at(-1);
  if (first === undefined || last === undefined) return emptyZone(index);
  const told = { start: zone?.startPfn ?? 0, end: (zone?.startPfn ?? 0) + (zone?.spanned ?? 0) };
  // A span holds at least what is in the zone.
  const holdsAll = told.start <= first.start && told.end >= last.end;
  const { start, end } = holdsAll ? told : { start: first.start, end: last.end };
  return {
    index: index as ZoneIndex,
    startPfn: start,
    spannedPages: end - start,
    presentPages: present,
    managedPages: managed,
    earlyPages: spans.reduce((sum, span) => sum + (span.isEarly ? span.end - span.start : 0), 0),
    initialised: true,
  };
}

function emptyZone(index: number): ZoneImage {
  return {
    index: index as ZoneIndex,
    startPfn: 0,
    spannedPages: 0,
    presentPages: 0,
    managedPages: 0,
    earlyPages: 0,
    initialised: false,
  };
}
