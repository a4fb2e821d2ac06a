import { alignUp, type ArchProfile, archProfile, GIB, type PfnRange, TIB } from "@memhp/abi";
import type { Kernel } from "@memhp/kernels";
import { type BootLayout, type BootNode, coreOptionPages, memoryBlockSize } from "@memhp/engine";
import { type BootOptions } from "../spec/boot-options.ts";
import { endWithContainers } from "../spec/container-memory.ts";
import { containerNodes } from "../spec/container-spec.ts";
import { type MachineSpec, SpecError } from "../spec/spec.ts";

const LOW_HOLE_START = 0x9fc00;
const LOW_HOLE_END = 0x100000;
const FOUR_GIB = 4 * GIB;
const HYPERTRANSPORT_START = 0xfd00000000;
/** ACPI tables at the end of low RAM (observed-4.1: low RAM ends at ..ffe0 pfn). */
const ACPI_TABLES = 0x20000;

/** A range of the firmware memory map; bytes, end exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** End of RAM below 4 GiB: `pc` and `q35` split where their PCI holes begin (boot-*, a_boot_*). */
export function lowMemoryEnd(spec: MachineSpec): number {
  if (spec.board === "q35") return spec.memoryBytes >= 0xb0000000 ? 0x80000000 : spec.memoryBytes;
  return spec.memoryBytes >= 0xe0000000 ? 0xc0000000 : spec.memoryBytes;
}

/** Usable ranges of the e820 map. */
export function firmwareRam(spec: MachineSpec): ByteRange[] {
  const low = lowMemoryEnd(spec);
  const ranges = [
    { start: 0, end: LOW_HOLE_START },
    { start: LOW_HOLE_END, end: low - ACPI_TABLES },
  ];
  if (spec.memoryBytes > low) ranges.push({ start: FOUR_GIB, end: FOUR_GIB + spec.memoryBytes - low });
  return ranges;
}

/** One entry of the e820 map; bytes, end exclusive. */
export interface FirmwareEntry extends ByteRange {
  readonly type: "System RAM" | "Reserved";
}

/** The whole e820 map of a board, as the boot logs of the traces print it. */
export function firmwareMap(spec: MachineSpec, options: BootOptions): FirmwareEntry[] {
  const low = lowMemoryEnd(spec);
  const reserved = (start: number, end: number): FirmwareEntry => ({ start, end, type: "Reserved" });
  const entries = firmwareRam(spec).map((range): FirmwareEntry => ({ ...range, type: "System RAM" }));
  entries.push(reserved(LOW_HOLE_START, 0xa0000), reserved(0xf0000, LOW_HOLE_END), reserved(low - ACPI_TABLES, low));
  if (spec.board === "q35") entries.push(reserved(0xb0000000, 0xc0000000), reserved(0xfed1c000, 0xfed20000));
  entries.push(reserved(0xfffc0000, FOUR_GIB));
  // The HyperTransport hole below 1 TiB, on machines that end below it.
  if (dimmWindow(spec).end <= HYPERTRANSPORT_START) entries.push(reserved(HYPERTRANSPORT_START, TIB));
  // `memmap=size$start` adds an entry of the user's (x_hidden_inside_dma32).
  for (const hole of options.reserved) entries.push(reserved(hole.start, hole.start + hole.size));
  return entries.sort((a, b) => a.start - b.start);
}

/**
 * End of the physical address space: 40 bits, as QEMU's processors of the traces have
 * (observed-4.1 §7, observed-6 §10), or as many as the board's memory needs.
 */
export function physicalLimit(spec: MachineSpec): number {
  return Math.max(TIB, 2 ** Math.ceil(Math.log2(dimmWindow(spec).end)));
}

/** Where the board's PCI bus decodes below 4 GiB (observed-4.1 §7: 80000000-febfffff on a machine of 2 GiB). */
export function pciWindow(spec: MachineSpec): ByteRange {
  return { start: spec.board === "q35" ? 0xc0000000 : lowMemoryEnd(spec), end: 0xfec00000 };
}

/** Where memory devices go: above boot memory, on a 1 GiB boundary. */
export function dimmWindow(spec: MachineSpec): ByteRange {
  const above = Math.max(0, spec.memoryBytes - lowMemoryEnd(spec));
  const start = alignUp(FOUR_GIB + above, GIB);
  // QEMU adds 1 GiB of alignment room for each slot.
  const dimmEnd = start + Math.max(0, spec.maxMemoryBytes - spec.memoryBytes) + spec.slots * GIB;
  return { start, end: endWithContainers(spec.containers ?? [], dimmEnd) };
}

/** Memory affinity that the firmware's SRAT gives; bytes. */
interface Affinity extends ByteRange {
  readonly pxm: number;
}

function memoryAffinity(spec: MachineSpec): Affinity[] {
  const low = lowMemoryEnd(spec);
  const entries: Affinity[] = [];
  let next = 0;
  for (const node of spec.nodes) {
    const start = next;
    const end = start + node.memoryBytes;
    next = end;
    if (node.memoryBytes === 0) continue;
    if (start < low) entries.push({ pxm: node.id, start, end: Math.min(end, low) });
    if (end > low)
      entries.push({ pxm: node.id, start: Math.max(start, low) - low + FOUR_GIB, end: end - low + FOUR_GIB });
  }
  return entries;
}

/**
 * Proximity domains to node ids, in the order in which the SRAT names them: processors, memory,
 * the hot-plug window, which belongs to the last node (observed-6 §5: j_absent_node_4), then what containers may bring.
 */
export function proximityMap(spec: MachineSpec, options: BootOptions): Map<number, number> {
  const map = new Map<number, number>();
  if (spec.nodes.length === 0 || options.numaOff) return map;
  const seen = (pxm: number): void => {
    if (!map.has(pxm)) map.set(pxm, map.size);
  };
  for (let cpu = 0; cpu < spec.cpus; cpu++) {
    const node = spec.nodes.find((n) => n.cpus.includes(cpu));
    if (node !== undefined) seen(node.id);
  }
  for (const entry of memoryAffinity(spec)) seen(entry.pxm);
  if (spec.slots > 0 && spec.maxMemoryBytes > spec.memoryBytes) seen(spec.nodes.length - 1);
  for (const node of containerNodes(spec.containers ?? [])) seen(node);
  return map;
}

/** What a kernel finds when it boots on a board. */
export interface Board {
  readonly kernel: Kernel;
  readonly arch: ArchProfile;
  readonly layout: BootLayout;
  readonly blockSizeBytes: number;
  /** RAM as the kernel uses it, for /proc/iomem; bytes. */
  readonly ram: readonly ByteRange[];
  /** The same with the firmware's own bounds, for /sys/firmware/memmap; bytes. */
  readonly firmware: readonly ByteRange[];
  readonly proximity: ReadonlyMap<number, number>;
  readonly possibleNodes: readonly number[];
}

/** Lays boot memory out for a kernel. @throws SpecError for a board that it cannot boot on. */
export function layOutBoard(kernel: Kernel, spec: MachineSpec, options: BootOptions): Board {
  const arch = readArch(spec.arch);
  const proximity = proximityMap(spec, options);
  if (proximity.size > arch.maxNodes)
    throw new SpecError(`machine.nodes: ${proximity.size} nodes, ${arch.id} has at most ${arch.maxNodes} (facts §1.2)`);
  const numa = proximity.size > 0 && kernel.config.NUMA;
  const firmware = firmwareRam(spec);
  const ram = limitRam(firmware, options);
  const pageSize = 2 ** arch.pageShift;
  const toPfns = (range: ByteRange): PfnRange => ({
    startPfn: Math.max(1, Math.ceil(range.start / pageSize)),
    endPfn: Math.floor(range.end / pageSize),
  });
  const possibleNodes = numa ? [...proximity.values()].sort((a, b) => a - b) : [0];
  const affinity = numa ? memoryAffinity(spec) : [{ pxm: 0, start: 0, end: Number.MAX_SAFE_INTEGER }];
  const nodes = possibleNodes.map((id): MutableBootNode => {
    const pxm = numa ? ([...proximity].find(([, node]) => node === id)?.[0] ?? -1) : 0;
    const ranges = affinity
      .filter((entry) => entry.pxm === pxm)
      .flatMap((entry) =>
        ram.map((range) => toPfns({ start: Math.max(range.start, entry.start), end: Math.min(range.end, entry.end) })),
      )
      .filter((range) => range.startPfn < range.endPfn)
      .sort((a, b) => a.startPfn - b.startPfn);
    const cpus = numa
      ? (spec.nodes.find((node) => node.id === pxm)?.cpus ?? [])
      : Array.from({ length: spec.cpus }, (_, cpu) => cpu);
    return { node: id, ranges, hotpluggable: [], cpus };
  });
  if (kernel.machine.memorylessNode === "offline") moveProcessors(nodes);
  const totalPages = nodes.reduce((sum, node) => sum + node.ranges.reduce((s, r) => s + r.endPfn - r.startPfn, 0), 0);
  const endPfn = Math.max(...nodes.flatMap((node) => node.ranges.map((range) => range.endPfn)));
  const blockSizeBytes =
    spec.blockSizeBytes ??
    memoryBlockSize(kernel, {
      ramBytes: totalPages * pageSize,
      endBytes: endPfn * pageSize,
      hypervisor: spec.hypervisor,
    });
  const sectionBytes = 2 ** arch.sectionSizeBits;
  if (blockSizeBytes < sectionBytes || !Number.isInteger(Math.log2(blockSizeBytes))) {
    throw new SpecError(
      `machine.block_size: ${blockSizeBytes} must be a power of two of at least ${sectionBytes} (one section of ${arch.id})`,
    );
  }
  return {
    kernel,
    arch,
    blockSizeBytes,
    ram,
    firmware,
    proximity,
    possibleNodes,
    layout: {
      kernel,
      arch,
      blockPages: blockSizeBytes / pageSize,
      nodes,
      options: {
        kernelcorePages: coreOptionPages(kernel, options.kernelcore, totalPages, arch.pageShift),
        movablecorePages: coreOptionPages(kernel, options.movablecore, totalPages, arch.pageShift),
        movableNode: options.movableNode,
      },
    },
  };
}

type MutableBootNode = { -readonly [K in keyof BootNode]: BootNode[K] };

/** find_near_online_node of 4.1: processors of a node without memory go to the first node that has some (boot-2n-memless). */
function moveProcessors(nodes: MutableBootNode[]): void {
  const home = nodes.find((node) => node.ranges.length > 0);
  for (const node of nodes) {
    if (home === undefined || node.ranges.length > 0) continue;
    home.cpus = [...home.cpus, ...node.cpus].sort((a, b) => a - b);
    node.cpus = [];
  }
}

function readArch(id: string): ArchProfile {
  try {
    return archProfile(id);
  } catch (error) {
    throw new SpecError(`machine.arch: ${(error as Error).message}`);
  }
}

/** RAM below `mem=`, without the `memmap=` reservations. */
function limitRam(ram: readonly ByteRange[], options: BootOptions): ByteRange[] {
  const limit = options.memLimitBytes ?? Number.MAX_SAFE_INTEGER;
  let ranges = ram.map((range) => ({ start: range.start, end: Math.min(range.end, limit) }));
  for (const hole of options.reserved) {
    const holeEnd = hole.start + hole.size;
    ranges = ranges.flatMap((range) => [
      { start: range.start, end: Math.min(range.end, hole.start) },
      { start: Math.max(range.start, holeEnd), end: range.end },
    ]);
  }
  return ranges.filter((range) => range.start < range.end);
}
