import { ZONE_MOVABLE, zoneNames } from "@memhp/abi";
import type { Host } from "../host/host.ts";
import type { PfnRange } from "../host/iomem.ts";
import type { HostZone } from "../host/zoneinfo.ts";
import { allParts, type MappedBlock, mapBlocks } from "../image/host-map.ts";
import { RunsBuilder } from "../pages/runs-builder.ts";

/** Flags of /proc/kpageflags as hexadecimal words. */
const BUDDY = "400";
const ANONYMOUS = "5828";
const FILE = "28";
const UNEVICTABLE = "40028";

/**
 * A host of which nobody read the pages, with as much of them as its counters tell: how many of each zone are free, anonymous, of
 * files or locked. Where they lie no file says, so each block of a zone has its share. Those that no counter names are in no run,
 * which is unknown; of zone Movable, which holds what can move, they count as anonymous.
 * Where /proc/iomem told no addresses, RAM is what the spans of zones have of the blocks, holes and all.
 */
export function countedHost(host: Host): Host {
  const told = { ...host, ram: host.ram ?? ramOfBlocks(host) };
  const blocks = mapBlocks(told);
  const flags = new RunsBuilder(host.name);
  const shares = new Map<string, ZoneShare>();
  for (const block of blocks)
    for (const part of partsOf(block)) {
      const share = shareOf(shares, told, blocks, part);
      for (const { start, pages, value } of share.next(part.startPfn, part.endPfn))
        flags.add(start, pages, value, () => host.name);
    }
  return { ...told, flags: flags.finish(false) };
}

type Part = Required<MappedBlock>["parts"][number];

/** RAM of an online block. */
function partsOf(block: MappedBlock): readonly Part[] {
  return block.isOnline ? allParts(block).filter(({ ram }) => ram) : [];
}

/** Blocks as far as zones span them: what lies before the first page, or behind the last one, is no RAM. */
function ramOfBlocks({ blocks, zones, blockSize, pageSize }: Host): PfnRange[] {
  const pages = blockSize / pageSize;
  const spans = zones.filter(({ present, startPfn }) => present > 0 && startPfn !== undefined);
  const ranges: { start: number; end: number }[] = [];
  for (const { block, state, nodes } of blocks) {
    const [start, end] = [block * pages, (block + 1) * pages];
    const own = spans.filter(({ node, startPfn = 0, spanned }) => {
      return nodes.includes(node) && startPfn < end && startPfn + spanned > start;
    });
    const isSpanned = state === "online" && own.length > 0;
    const from = isSpanned ? Math.max(start, Math.min(...own.map(({ startPfn = 0 }) => startPfn))) : start;
    const to = isSpanned ? Math.min(end, Math.max(...own.map(({ startPfn = 0, spanned }) => startPfn + spanned))) : end;
    const last = ranges.at(-1);
    if (last?.end === from) last.end = to;
    else ranges.push({ start: from, end: to });
  }
  return ranges;
}

interface Piece {
  readonly start: number;
  readonly pages: number;
  readonly value: string;
}

/** Pages of one zone, handed out to its blocks in even parts. */
class ZoneShare {
  readonly #total: number;
  /** Kinds with their pages, in the order in which each block has them; undefined for what nobody knows. */
  readonly #kinds: readonly (readonly [value: string | undefined, pages: number])[];
  #given = 0;

  constructor(total: number, zone: HostZone | undefined) {
    this.#total = total;
    let left = total;
    const take = (pages: number): number => {
      const taken = Math.min(left, Math.max(0, pages));
      left -= taken;
      return taken;
    };
    const counter = (name: string): number => zone?.counters[name] ?? 0;
    const free = take((zone?.free ?? 0) + (zone?.pcp ?? []).reduce((sum, count) => sum + count, 0));
    const anonymous = take(counter("nr_zone_inactive_anon") + counter("nr_zone_active_anon"));
    const file = take(counter("nr_zone_inactive_file") + counter("nr_zone_active_file"));
    const locked = take(counter("nr_zone_unevictable"));
    const isMovable = zone?.zone === zoneNames[ZONE_MOVABLE];
    this.#kinds = [
      [isMovable ? ANONYMOUS : undefined, left],
      [ANONYMOUS, anonymous],
      [FILE, file],
      [UNEVICTABLE, locked],
      [BUDDY, free],
    ];
  }

  /** What the next pages of the zone are; gaps are unknown. */
  *next(startPfn: number, endPfn: number): IterableIterator<Piece> {
    const from = this.#given;
    this.#given += endPfn - startPfn;
    let upTo = 0;
    let at = startPfn;
    for (const [value, pages] of this.#kinds) {
      upTo += pages;
      const share = this.#scaled(this.#given, upTo) - this.#scaled(from, upTo);
      const end = Math.min(endPfn, Math.max(at, startPfn + share));
      if (value !== undefined && end > at) yield { start: at, pages: end - at, value };
      at = end;
    }
  }

  #scaled(pages: number, part: number): number {
    return Math.round((pages * part) / this.#total);
  }
}

function shareOf(
  shares: Map<string, ZoneShare>,
  host: Host,
  blocks: readonly MappedBlock[],
  { node, zone }: Part,
): ZoneShare {
  const key = `${node} ${zone}`;
  let share = shares.get(key);
  if (share === undefined) {
    const total = blocks
      .flatMap(partsOf)
      .filter((part) => part.node === node && part.zone === zone)
      .reduce((sum, part) => sum + part.endPfn - part.startPfn, 0);
    const found = host.zones.find((each) => each.node === node && zoneNames.indexOf(each.zone) === zone);
    share = new ZoneShare(total, found);
    shares.set(key, share);
  }
  return share;
}
