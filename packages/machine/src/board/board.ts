import { type Architecture, GIB, MIB, type PfnRange } from "@memhp/abi";
import type { ByteRange, FirmwareEntry, Platform } from "@memhp/platforms";
import type { Kernel } from "@memhp/kernels";
import { type BootLayout, type BootNode, coreOptionPages, memoryBlockSize } from "@memhp/engine";
import { type BootOptions } from "../spec/boot-options.ts";
import { type DeviceType, deviceTypes, SpecError } from "@memhp/devices";
import { eachSpec } from "../spec/device-specs.ts";
import { deviceRam, joined, memoryAffinity } from "./affinity.ts";
import { crashRanges, readCrashkernel } from "./crash-kernel.ts";
import { type FakeNodes, fakeNodes } from "./fake-nodes.ts";
import type { MachineSpec } from "../spec/spec.ts";

/** The whole firmware memory map of a board, with what the user took out of it. */
export function firmwareMap(
  platform: Platform,
  spec: MachineSpec,
  options: BootOptions,
  devices: readonly DeviceType[] = deviceTypes,
): FirmwareEntry[] {
  const entries = [
    ...platform.firmwareRam(spec),
    ...platform.firmwareReserved(spec, deviceWindow(platform, spec, devices).end),
    // `memmap=size$start` adds an entry of the user's (x_hidden_inside_dma32).
    ...reservedOn(platform, options).map(({ start, size, type }): FirmwareEntry => ({
      start,
      end: start + size,
      type,
    })),
  ];
  return entries.sort((a, b) => a.start - b.start);
}

/** End of the physical address space of a board. */
export function physicalLimit(
  platform: Platform,
  spec: MachineSpec,
  devices: readonly DeviceType[] = deviceTypes,
): number {
  return platform.physicalLimit(deviceWindow(platform, spec, devices).end);
}

/** Where memory devices go. */
export function deviceWindow(
  platform: Platform,
  spec: MachineSpec,
  devices: readonly DeviceType[] = deviceTypes,
): ByteRange {
  const start = platform.deviceMemoryStart(spec);
  let end = slotsEnd(platform, spec);
  eachSpec(devices, spec.devices, (type, own) => (end = type.windowEnd?.(own, end) ?? end));
  return { start, end };
}

/** Room that a kind of device asked for at the end of the window. */
export function roomOf(
  platform: Platform,
  spec: MachineSpec,
  devices: readonly DeviceType[],
  kind: DeviceType,
): ByteRange {
  const { end: start } = deviceWindow(platform, spec, devices.slice(0, devices.indexOf(kind)));
  const own = spec.devices[kind.id];
  return { start, end: own === undefined ? start : (kind.windowEnd?.(own, start) ?? start) };
}

/** End of the room for slots: QEMU adds 1 GiB of alignment room for each. */
function slotsEnd(platform: Platform, spec: MachineSpec): number {
  return platform.deviceMemoryStart(spec) + Math.max(0, spec.maxMemoryBytes - spec.memoryBytes) + spec.slots * GIB;
}

/**
 * Proximity domains to node ids, in the order in which the SRAT names them: processors, memory,
 * the hot-plug window, which belongs to the last node (observed-6 §5: j_absent_node_4), then what devices may bring.
 */
export function proximityMap(
  platform: Platform,
  spec: MachineSpec,
  options: BootOptions,
  devices: readonly DeviceType[] = deviceTypes,
): Map<number, number> {
  const map = new Map<number, number>();
  if (spec.nodes.length === 0 || options.numaOff || platform.hasHomelessMemory(spec)) return map;
  const seen = (pxm: number): void => {
    // A device tree's domain is the node; of ACPI's, each new one is the next node (acpi_map_pxm_to_node).
    if (!map.has(pxm)) map.set(pxm, platform.announces === "dlpar" ? pxm : map.size);
  };
  for (let cpu = 0; cpu < spec.cpus; cpu++) {
    const node = spec.nodes.find((n) => n.cpus.includes(cpu));
    if (node !== undefined) seen(node.id);
  }
  for (const entry of memoryAffinity(platform, spec)) seen(entry.pxm);
  if (spec.slots > 0 && spec.maxMemoryBytes > spec.memoryBytes) seen(spec.nodes.at(-1)?.id ?? 0);
  for (const node of eachSpec(devices, spec.devices, (type, own) => type.proximityDomains?.(own) ?? []).flat())
    seen(node);
  return map;
}

/** What a kernel finds when it boots on a board. */
export interface Board {
  readonly kernel: Kernel;
  readonly platform: Platform;
  /** Kinds of memory devices that it may have. */
  readonly devices: readonly DeviceType[];
  readonly arch: Architecture;
  readonly layout: BootLayout;
  readonly blockSizeBytes: number;
  /** RAM as the kernel uses it, for /proc/iomem; bytes. */
  readonly ram: readonly ByteRange[];
  /** The same with the firmware's own bounds, for /sys/firmware/memmap; bytes. */
  readonly firmware: readonly ByteRange[];
  readonly proximity: ReadonlyMap<number, number>;
  readonly possibleNodes: readonly number[];
  /** Memory of a crash kernel; bytes. */
  readonly crash?: readonly ByteRange[];
  /** Firmware's node of each node, where the kernel made its own (`numa=fake=`). */
  readonly physicalNodes?: readonly number[];
}

/** Lays boot memory out for a kernel. @throws SpecError for a board that it cannot boot on. */
export function layOutBoard(
  kernel: Kernel,
  platform: Platform,
  spec: MachineSpec,
  options: BootOptions,
  devices: readonly DeviceType[] = deviceTypes,
): Board {
  const { arch } = platform;
  const proximity = proximityMap(platform, spec, options, devices);
  if (proximity.size > arch.maxNodes)
    throw new SpecError(`machine.nodes: ${proximity.size} nodes, ${arch.id} has at most ${arch.maxNodes} (facts §1.2)`);
  const numa = proximity.size > 0 && kernel.config.NUMA;
  const ofDevices = deviceRam(platform, spec, devices);
  const firmware = joined(
    [...platform.firmwareRam(spec), ...ofDevices].map(({ start, end }) => ({ start, end })),
    () => ofDevices.length > 0,
  );
  const present = limitRam(firmware, platform, options);
  const pageSize = 2 ** arch.pageShift;
  const toPfns = (range: ByteRange): PfnRange => ({
    startPfn: Math.max(platform.firstPfn, Math.ceil(range.start / pageSize)),
    endPfn: Math.floor(range.end / pageSize),
  });
  const endOfRam = Math.max(...present.map(({ end }) => end));
  const said = [...memoryAffinity(platform, spec), ...ofDevices.map(({ node, ...range }) => ({ pxm: node, ...range }))];
  const affinity = numa ? joined(said, (a, b) => a.pxm === b.pxm) : [{ pxm: 0, start: 0, end: endOfRam }];
  const firmwareNodes = numa ? [...proximity.values()].sort((a, b) => a - b) : [0];
  const homes = affinity.map(({ pxm, start, end }) => ({ node: numa ? (proximity.get(pxm) ?? -1) : 0, start, end }));
  const fake = fakeOf(kernel, platform, options, homes, present);
  const possibleNodes = fake === undefined ? firmwareNodes : [...fake.physical.keys()];
  const nodes = possibleNodes.map((id): MutableBootNode => {
    const physical = fake === undefined ? id : (fake.physical[id] as number);
    const pxm = numa ? ([...proximity].find(([, node]) => node === physical)?.[0] ?? -1) : 0;
    const ranges = (fake?.memory ?? homes)
      .filter((entry) => entry.node === id)
      .flatMap((entry) =>
        present.map((range) =>
          toPfns({ start: Math.max(range.start, entry.start), end: Math.min(range.end, entry.end) }),
        ),
      )
      .filter((range) => range.startPfn < range.endPfn)
      .sort((a, b) => a.startPfn - b.startPfn);
    const cpus = numa
      ? (spec.nodes.find((node) => node.id === pxm)?.cpus ?? [])
      : Array.from({ length: spec.cpus }, (_, cpu) => cpu);
    const isHotpluggable = spec.nodes.find((node) => node.id === pxm)?.hotpluggable === true;
    const hotpluggable = isHotpluggable && !holdsKernel(ranges, arch) ? ranges : [];
    return { node: id, ranges, hotpluggable, cpus, ...(platform.possibleNodesOnline ? { online: true } : {}) };
  });
  const unmapped = platform.unmapped(spec);
  const crash = platform.reservesCrashKernel ? crashOf(kernel, arch, options, present) : [];
  const ram = ramResources(platform, present, affinity, unmapped);
  if (kernel.machine.memorylessNode === "offline") moveProcessors(nodes);
  const totalPages = nodes.reduce((sum, node) => sum + node.ranges.reduce((s, r) => s + r.endPfn - r.startPfn, 0), 0);
  const endPfn = Math.max(...nodes.flatMap((node) => node.ranges.map((range) => range.endPfn)));
  const blockSizeBytes =
    spec.blockSizeBytes ??
    platform.blockSizeBytes ??
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
    platform,
    devices,
    arch,
    blockSizeBytes,
    ram,
    firmware,
    proximity,
    possibleNodes,
    ...(fake === undefined ? {} : { physicalNodes: fake.physical }),
    ...(crash.length === 0 ? {} : { crash }),
    layout: {
      kernel,
      arch,
      blockPages: blockSizeBytes / pageSize,
      nodes,
      ...(unmapped.length === 0 ? {} : { unmapped: unmapped.map(toPfns) }),
      ...(crash.length === 0 ? {} : { setAside: crash.map(toPfns) }),
      options: {
        kernelcorePages: coreOptionPages(kernel, options.kernelcore, totalPages, arch.pageShift),
        movablecorePages: coreOptionPages(kernel, options.movablecore, totalPages, arch.pageShift),
        movableNode: options.movableNode,
      },
    },
  };
}

/** numa_clear_kernel_node_hotplug: firmware may say so, but the kernel's own node stays (facts §8.1 step 1). */
function holdsKernel(ranges: readonly PfnRange[], { kernelStartPfn }: Architecture): boolean {
  return ranges.some(({ startPfn, endPfn }) => startPfn <= kernelStartPfn && kernelStartPfn < endPfn);
}

function fakeOf(
  kernel: Kernel,
  platform: Platform,
  { numaFake }: BootOptions,
  homes: readonly { readonly node: number; readonly start: number; readonly end: number }[],
  ram: readonly ByteRange[],
): FakeNodes | undefined {
  if (numaFake === undefined || !kernel.config.NUMA || !platform.emulatesNodes) return undefined;
  return fakeNodes(numaFake, homes, ram, {
    mostNodes: platform.arch.maxNodes,
    knowsEach: kernel.machine.fakeNodes !== "by-number-or-size",
  });
}

/** Memory of a crash kernel: behind the kernel's image, which lies low. */
function crashOf(
  { machine, boot }: Kernel,
  { kernelStartPfn, pageShift }: Architecture,
  { crashkernel }: BootOptions,
  ram: readonly ByteRange[],
): readonly ByteRange[] {
  const ramBytes = ram.reduce((sum, { start, end }) => sum + end - start, 0);
  const wish = crashkernel === undefined ? undefined : readCrashkernel(crashkernel.text, ramBytes);
  if (wish === undefined) return [];
  const imageEnd = (kernelStartPfn + boot.memory.imagePages) * 2 ** pageShift;
  const free = ram
    .map(({ start, end }) => ({ start: start < imageEnd ? Math.max(start, imageEnd) : start, end }))
    .filter(({ start, end }) => start < end);
  const isLow = machine.crashKernel === "below-896M";
  return crashRanges({ ...wish, ...crashkernel }, free, isLow ? 896 * MIB : 4 * GIB, !isLow);
}

/** RAM as /proc/iomem lists it: without what is not mapped, and on some platforms node by node. */
function ramResources(
  platform: Platform,
  present: readonly ByteRange[],
  affinity: readonly ByteRange[],
  unmapped: readonly ByteRange[],
): ByteRange[] {
  const parts = platform.ramByNode ? affinity.flatMap((home) => present.map((range) => overlap(range, home))) : present;
  return unmapped
    .reduce(
      (ranges: readonly ByteRange[], hole) =>
        ranges.flatMap((range) => [
          overlap(range, { start: 0, end: hole.start }),
          overlap(range, { start: hole.end, end: Number.MAX_SAFE_INTEGER }),
        ]),
      parts,
    )
    .filter((range) => range.start < range.end);
}

function overlap(range: ByteRange, limits: ByteRange): ByteRange {
  return { start: Math.max(range.start, limits.start), end: Math.min(range.end, limits.end) };
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

/** What `memmap=` takes out of RAM, where the kernel reads it. */
function reservedOn({ hasE820 }: Platform, { reserved }: BootOptions): BootOptions["reserved"] {
  return hasE820 === true ? reserved : [];
}

/** RAM below `mem=`, or so much of it (mm/memblock.c memblock_enforce_memory_limit), without the `memmap=` reservations. */
function limitRam(ram: readonly ByteRange[], platform: Platform, options: BootOptions): ByteRange[] {
  const { memLimitBytes, memmapLimitBytes } = options;
  const limit = memLimitBytes ?? (platform.hasE820 === true ? memmapLimitBytes : undefined) ?? Number.MAX_SAFE_INTEGER;
  let left = limit;
  let ranges = ram.map(({ start, end }) => {
    if (platform.hasE820 === true) return { start, end: Math.min(end, limit) };
    const bytes = Math.min(left, end - start);
    left -= bytes;
    return { start, end: start + bytes };
  });
  for (const hole of reservedOn(platform, options)) {
    const holeEnd = hole.start + hole.size;
    ranges = ranges.flatMap((range) => [
      { start: range.start, end: Math.min(range.end, hole.start) },
      { start: Math.max(range.start, holeEnd), end: range.end },
    ]);
  }
  return ranges.filter((range) => range.start < range.end);
}
