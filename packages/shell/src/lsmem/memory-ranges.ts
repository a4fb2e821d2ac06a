import type { ReadTree } from "@memhp/sysfs";
import type { LsmemColumn } from "./columns.ts";

/** What lsmem needs of a file system. */
export type SysfsFiles = Pick<ReadTree, "list" | "read">;

/** Blocks that lsmem shows as one line. */
export interface MemoryRange {
  readonly firstBlock: number;
  readonly count: number;
  readonly state: "online" | "offline" | "on->off" | "?";
  readonly removable: boolean;
  /** -1 where a block has no node. */
  readonly node: number;
  readonly zones: readonly string[];
}

/** The whole memory as lsmem sees it. */
export interface MemoryView {
  readonly blockSizeBytes: number;
  readonly hasNodes: boolean;
  readonly hasZones: boolean;
  readonly ranges: readonly MemoryRange[];
  readonly onlineBytes: number;
  readonly offlineBytes: number;
}

/** This is no tree that lsmem could read. */
export class NoMemoryBlocks extends Error {
  override readonly name = "NoMemoryBlocks";
}

const MEMORY = "/sys/devices/system/memory";
const UNKNOWN_ZONE = "Unknown";
const zoneWords = ["DMA", "DMA32", "Normal", "Highmem", "Movable", "Device", "None", UNKNOWN_ZONE] as const;

/**
 * Reads the memory blocks and puts neighbours together that agree in the columns of `split`
 * (facts/peer-programs.md §2; util-linux 2.38.1). `split` undefined keeps every block on its own.
 * @throws NoMemoryBlocks
 */
export function readMemory(files: SysfsFiles, split: ReadonlySet<LsmemColumn> | undefined): MemoryView {
  const text = (path: string): string | undefined => {
    const read = files.read(`${MEMORY}/${path}`);
    return read.ok ? read.value.trimEnd() : undefined;
  };
  const entries = files.list(MEMORY);
  const sizeText = text("block_size_bytes");
  if (!entries.ok || sizeText === undefined) throw new NoMemoryBlocks("This system does not support memory blocks");
  const blockSizeBytes = Number.parseInt(sizeText, 16);
  const names = entries.value
    .filter((name) => /^memory\d+$/.test(name))
    .sort((a, b) => Number(a.slice(6)) - Number(b.slice(6)));
  const [first] = names;
  if (first === undefined) throw new NoMemoryBlocks("No memory blocks found");
  const hasNodes = nodeOf(files, first) !== -1;
  // This version looks at memory0 only, whether there is one or not.
  const hasZones = text("memory0/valid_zones") !== undefined;
  const ranges: MemoryRange[] = [];
  let onlineBytes = 0;
  for (const name of names) {
    const block: MemoryRange = {
      firstBlock: Number(name.slice(6)),
      count: 1,
      state: stateOf(text(`${name}/state`)),
      removable: text(`${name}/removable`) === "1",
      node: hasNodes ? nodeOf(files, name) : -1,
      zones: hasZones ? zonesOf(text(`${name}/valid_zones`)) : [],
    };
    if (block.state === "online") onlineBytes += blockSizeBytes;
    const last = ranges.at(-1);
    if (last !== undefined && split !== undefined && belongsTo(last, block, split))
      ranges[ranges.length - 1] = { ...last, count: last.count + 1 };
    else ranges.push(block);
  }
  // Whatever is not online counts as offline, also blocks on their way.
  return {
    blockSizeBytes,
    hasNodes,
    hasZones,
    ranges,
    onlineBytes,
    offlineBytes: names.length * blockSizeBytes - onlineBytes,
  };
}

function belongsTo(range: MemoryRange, block: MemoryRange, split: ReadonlySet<LsmemColumn>): boolean {
  if (range.firstBlock + range.count !== block.firstBlock) return false;
  if (split.has("STATE") && range.state !== block.state) return false;
  if (split.has("REMOVABLE") && range.removable !== block.removable) return false;
  if (split.has("NODE") && range.node !== block.node) return false;
  if (!split.has("ZONES")) return true;
  // Zones without a name cannot be told from each other.
  return !range.zones.includes(UNKNOWN_ZONE) && range.zones.join("/") === block.zones.join("/");
}

function stateOf(text: string | undefined): MemoryRange["state"] {
  if (text === "online" || text === "offline") return text;
  return text === "going-offline" ? "on->off" : "?";
}

function nodeOf(files: SysfsFiles, name: string): number {
  const entries = files.list(`${MEMORY}/${name}`);
  const link = entries.ok ? entries.value.find((entry) => /^node\d+$/.test(entry)) : undefined;
  return link === undefined ? -1 : Number(link.slice(4));
}

function zonesOf(text: string | undefined): string[] {
  return (text ?? "")
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => zoneWords.find((zone) => zone.toLowerCase() === word.toLowerCase()) ?? UNKNOWN_ZONE);
}
