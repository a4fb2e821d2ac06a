import { ParseError, parseNumberList, type ZoneName, zoneNames } from "@memhp/abi";
import { archOf } from "./arch.ts";
import { CaptureError } from "../files/capture-error.ts";
import { type CaptureFiles, namesIn, numbersIn, textOf } from "../files/capture-files.ts";
import type { PageRuns } from "../pages/page-runs.ts";
import { type FreeChunks, type PageTypes, parseBuddyinfo, parsePagetypeinfo } from "./buddyinfo.ts";
import { type HugePool, parseMeminfo, readHugePools } from "./hugepages.ts";
import { type DeviceRange, parseSystemRam, type PfnRange } from "./iomem.ts";
import { parseSlabinfo, type SlabCache } from "./slabinfo.ts";
import { type HostZone, parseZoneinfo } from "./zoneinfo.ts";

/** One memory block as its files tell it. */
export interface HostBlock {
  readonly block: number;
  /** Word of `state`; undefined where it cannot be read. */
  readonly state?: string;
  /** Words of `valid_zones`; undefined where the file is missing. */
  readonly validZones?: readonly string[];
  readonly nodes: readonly number[];
  readonly removable?: string;
  /** Name of the ACPI device that it is bound to, the DIMM: `PNP0C80:01`. */
  readonly dimm?: string;
}

/** What the files of a captured host tell. Everything is optional but its blocks. */
export interface Host {
  readonly name: string;
  /** Of /proc/version: `6.12.107+deb13-amd64`. */
  readonly release?: string;
  /** As memhp calls it: x86_64, arm64; absent where no file tells. */
  readonly arch?: string;
  /** Bytes. */
  readonly pageSize: number;
  /** Bytes. */
  readonly blockSize: number;
  readonly pageblockPages: number;
  readonly blocks: readonly HostBlock[];
  readonly zones: readonly HostZone[];
  readonly ram?: readonly PfnRange[];
  /** The part of it that belongs to drivers: virtio-mem, dax. */
  readonly driverRam?: readonly PfnRange[];
  /** Devices of virtio-mem. */
  readonly virtioMem?: readonly DeviceRange[];
  readonly isArm64: boolean;
  /** Processors of each node. */
  readonly cpus: ReadonlyMap<number, readonly number[]>;
  /** Distances from a node to the others, by node. */
  readonly distances: ReadonlyMap<number, Readonly<Record<number, number>>>;
  readonly chunks: readonly FreeChunks[];
  readonly pageTypes?: PageTypes;
  readonly meminfo: ReadonlyMap<string, number>;
  readonly hugePools: readonly HugePool[];
  readonly cmdline?: string;
  /** Of /proc/slabinfo, which root alone reads. */
  readonly slabCaches?: readonly SlabCache[];
  readonly flags?: PageRuns;
  readonly counts?: PageRuns;
  readonly cgroups?: PageRuns;
  /** Files that an explanation leans on and that are not here. */
  readonly missing: readonly string[];
  readonly warnings: readonly string[];
}

const MEMORY = "/sys/devices/system/memory";
const NODES = "/sys/devices/system/node";
const PAGE_SIZES = [4096, 16384, 65536];
/** 2 MiB: x86-64 and arm64 with pages of 4 KiB. */
const PAGEBLOCK = 512;

/** Reads what the files of a host say. @throws CaptureError where they make no sense. */
export function readHost(files: CaptureFiles): Host {
  const list = namesIn(files);
  const meminfo = parseMeminfo(textOf(files, "/proc/meminfo") ?? "");
  const pageTypes = parsePagetypeinfo(textOf(files, "/proc/pagetypeinfo") ?? "");
  const ramText = textOf(files, "/proc/iomem");
  const zones = parseZoneinfo(textOf(files, "/proc/zoneinfo") ?? "");
  const pageSize = pageSizeOf(zones, meminfo);
  const ram = ramText === undefined ? undefined : parseSystemRam(ramText, pageSize);
  const { kpageflags: flags, kpagecount: counts, kpagecgroup: cgroups } = files.pages;
  const version = textOf(files, "/proc/version") ?? "";
  const release = /^Linux version (\S+)/.exec(version)?.[1];
  const arch = archOf(version);
  const slabinfo = textOf(files, "/proc/slabinfo");
  const cmdline = textOf(files, "/proc/cmdline")?.trim();
  return {
    name: files.name,
    ...(release === undefined ? {} : { release }),
    ...(arch === undefined ? {} : { arch }),
    pageSize,
    blockSize: blockSizeOf(files),
    pageblockPages: pageTypes?.pageblockPages ?? pageblockOf(meminfo, pageSize, cmdline),
    blocks: blocksOf(files, list),
    zones,
    ...(ram === undefined ? {} : { ram: ram.all, driverRam: ram.ofDrivers, virtioMem: ram.virtioMem }),
    isArm64: arch === "arm64",
    cpus: cpusOf(files, list),
    distances: distancesOf(files, list),
    chunks: parseBuddyinfo(textOf(files, "/proc/buddyinfo") ?? ""),
    ...(pageTypes === undefined ? {} : { pageTypes }),
    meminfo,
    hugePools: readHugePools(files, list, meminfo, pageSize),
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(slabinfo === undefined ? {} : { slabCaches: parseSlabinfo(slabinfo) }),
    ...(flags === undefined ? {} : { flags }),
    ...(counts === undefined ? {} : { counts }),
    ...(cgroups === undefined ? {} : { cgroups }),
    missing: [
      ...(flags === undefined ? ["/proc/kpageflags"] : []),
      ...(zones.length === 0 ? ["/proc/zoneinfo"] : []),
      ...(ram === undefined ? ["/proc/iomem"] : []),
      ...(release === undefined ? ["/proc/version"] : []),
    ],
    warnings: files.warnings,
  };
}

/** What MemTotal says of the pages that zones manage; 4 KiB where nothing tells. */
function pageSizeOf(zones: readonly HostZone[], meminfo: ReadonlyMap<string, number>): number {
  const managed = zones.reduce((sum, zone) => sum + zone.managed, 0);
  const bytes = (meminfo.get("MemTotal") ?? 0) * 1024;
  return PAGE_SIZES.find((size) => Math.abs(bytes / managed - size) < size / 4) ?? 4096;
}

/** A pageblock is as large as the usual hugepage (pageblock_order), which meminfo tells unless somebody chose another. */
function pageblockOf(meminfo: ReadonlyMap<string, number>, pageSize: number, cmdline = ""): number {
  const pages = ((meminfo.get("Hugepagesize") ?? 0) * 1024) / pageSize;
  return /(^| )default_hugepagesz=/.test(cmdline) || pages < 1 || !Number.isInteger(Math.log2(pages))
    ? PAGEBLOCK
    : pages;
}

function cpusOf(files: CaptureFiles, list: (directory: string) => readonly string[]): Map<number, readonly number[]> {
  const cpus = new Map<number, readonly number[]>();
  for (const node of numbersIn(list(NODES), "node")) {
    const text = textOf(files, `${NODES}/node${node}/cpulist`)?.trim();
    if (text === undefined || !/^\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?){0,999}$/.test(text)) continue;
    try {
      cpus.set(node, parseNumberList(text));
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
    }
  }
  return cpus;
}

/** Lines of distances have a number for each node that is online, in order. */
function distancesOf(
  files: CaptureFiles,
  list: (directory: string) => readonly string[],
): Map<number, Record<number, number>> {
  const nodes = numbersIn(list(NODES), "node");
  return new Map(
    nodes.flatMap((node) => {
      const numbers = textOf(files, `${NODES}/node${node}/distance`)?.trim().split(/\s+/).map(Number);
      if (numbers?.length !== nodes.length) return [];
      return [[node, Object.fromEntries(nodes.map((other, at) => [other, numbers[at] as number]))]] as const;
    }),
  );
}

function blockSizeOf(files: CaptureFiles): number {
  const text = textOf(files, `${MEMORY}/block_size_bytes`);
  if (text === undefined)
    throw new CaptureError(`${files.name}: block_size_bytes is missing; it says how large a block is`);
  const size = /^[0-9a-f]{1,12}\n?$/.test(text) ? Number.parseInt(text, 16) : 0;
  if (size < 2 ** 20 || !Number.isInteger(Math.log2(size)))
    throw new CaptureError(
      `${files.name}: block_size_bytes holds "${text.slice(0, 20).trim()}"; it is hexadecimal, and a power of two`,
    );
  return size;
}

/** Ids of real blocks stay below this: 52 address bits in blocks of 16 MiB. */
const MOST_BLOCK = 2 ** 28;

function blocksOf(files: CaptureFiles, list: (directory: string) => readonly string[]): HostBlock[] {
  return numbersIn(list(MEMORY), "memory")
    .filter((block) => block < MOST_BLOCK)
    .map((block) => blockOf(files, `${MEMORY}/memory${block}`, block, list(`${MEMORY}/memory${block}`)));
}

function blockOf(files: CaptureFiles, path: string, block: number, names: readonly string[]): HostBlock {
  const state = textOf(files, `${path}/state`)?.trim();
  const validZones = textOf(files, `${path}/valid_zones`)?.trim().split(/\s+/);
  const removable = textOf(files, `${path}/removable`)?.trim();
  return {
    block,
    ...(state === undefined ? {} : { state }),
    ...(validZones === undefined ? {} : { validZones }),
    nodes: numbersIn(names, "node"),
    ...dimmOf(files, path, names),
    ...(removable === undefined ? {} : { removable }),
  };
}

/** A link that became something else on its way here still says that there is a DIMM. */
function dimmOf(files: CaptureFiles, path: string, names: readonly string[]): { dimm?: string } {
  if (!names.includes("firmware_node")) return {};
  const target = files.entries.get(`${path}/firmware_node`)?.target ?? "";
  return { dimm: target.slice(target.lastIndexOf("/") + 1) || "DIMM" };
}

/** The single zone of an online block; undefined where it spans zones, or nobody tells. */
export function zoneOf({ validZones }: HostBlock): ZoneName | undefined {
  return zoneNames.find((name) => name === validZones?.[0]);
}
