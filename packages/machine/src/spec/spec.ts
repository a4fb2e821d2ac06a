import { formatSize, isPowerOfTwo, MIB, TIB } from "@memhp/abi";
import {
  count,
  type DeviceType,
  deviceTypes,
  fail,
  type IgnoredWord,
  isRecord,
  MAX_NODES,
  MAX_SLOTS,
  optionalText,
  size,
} from "@memhp/devices";
import { readDeviceSpecs } from "./device-specs.ts";
import { ignoredBootWords } from "./ignored-words.ts";
import { readDistances } from "./distances.ts";
import { checkNodes, type NodeSpec, parseNode } from "./node-spec.ts";
import { ReadKeys } from "./read-keys.ts";
import { platformOf, platforms } from "@memhp/platforms";
import { type QemuVersion, readQemuVersion } from "@memhp/qmp";

/** A computer as the firmware sees it, before a kernel runs on it. Bytes. */
export interface MachineSpec {
  /** One of the boards of its platform. */
  readonly board: string;
  readonly arch: string;
  readonly memoryBytes: number;
  /** Empty: no NUMA, everything is node 0. */
  readonly nodes: readonly NodeSpec[];
  readonly slots: number;
  readonly maxMemoryBytes: number;
  readonly cpus: number;
  readonly hypervisor: boolean;
  /** The processor has pages of 1 GiB (pdpe1gb on x86). */
  readonly gigapages?: boolean;
  /** One of the firmwares of its platform, where it has several. */
  readonly firmware?: string;
  /** Whose rules the hypervisor has; 7.2 unless told otherwise. */
  readonly qemu?: QemuVersion;
  readonly cmdline: string;
  /** What the machine says of each kind of memory device, by the id of the kind. */
  readonly devices: Readonly<Record<string, unknown>>;
  /** The blocks of devices that are there at boot start offline whatever auto_online_blocks says (the short form). */
  readonly devicesStartOffline?: boolean;
  /** The firmware's SLIT, `distances[from][to]`; without it Linux assumes 10 and 20. */
  readonly distances?: readonly (readonly number[])[];
  /** Forced block size, for architectures and short forms that fix it. */
  readonly blockSizeBytes?: number;
  /** Words of the description that are not carried out; absent where there are none. */
  readonly ignored?: readonly IgnoredWord[];
}

const MAX_CPUS = 8192;
/** What 46 bits of a physical address reach. */
const MAX_MEMORY = 64 * TIB;
const MAX_BLOCK_SIZE = TIB;

/**
 * Reads `machine` of a trace or scenario: QEMU's view, or the short form
 * `{ nodes: { count, memory } }`.
 * @param types kinds of memory devices that the machine may have. @param bootLog what a kernel said when it booted on it.
 * @throws SpecError for what no machine can be, and for a key that nobody reads.
 */
export function parseMachineSpec(
  raw: unknown,
  types: readonly DeviceType[] = deviceTypes,
  bootLog: readonly string[] = [],
): MachineSpec {
  if (!isRecord(raw)) fail("machine", `expected an object, found ${JSON.stringify(raw)}`);
  const keys = new ReadKeys(raw);
  const spec = isRecord(raw["nodes"]) ? parseShortForm(keys.record, types) : parseLongForm(keys.record, types, bootLog);
  keys.refuseUnread("machine");
  return spec;
}

function parseLongForm(
  raw: Record<string, unknown>,
  types: readonly DeviceType[],
  bootLog: readonly string[],
): MachineSpec {
  const rawNodes = raw["nodes"] ?? [];
  if (!Array.isArray(rawNodes)) fail("machine.nodes", "expected a list of nodes");
  const nodes = (rawNodes as unknown[]).map((node, i) => parseNode(node, `machine.nodes[${i}]`, MAX_NODES));
  // Without smp there are as many as the nodes name.
  const named = nodes.reduce((most, node) => Math.max(most, ...node.cpus), 0) + 1;
  const cpus = count(raw["smp"], "machine.smp", Math.min(named, MAX_CPUS), MAX_CPUS);
  checkCpus(nodes, cpus);
  const arch = readArch(raw["arch"]);
  checkNodes(nodes, arch);
  const nodeBytes = nodes.reduce((sum, node) => sum + node.memoryBytes, 0);
  const memoryBytes = raw["memory"] === undefined ? nodeBytes : size(raw["memory"], "machine.memory", MIB);
  if (nodes.length > 0 && nodeBytes !== memoryBytes)
    fail("machine.nodes", `the nodes' memory adds up to ${nodeBytes} bytes, machine.memory is ${memoryBytes}`);
  if (memoryBytes < 64 * MIB) fail("machine.memory", "a machine needs at least 64M of boot memory");
  const maxMemoryBytes = raw["maxmem"] === undefined ? memoryBytes : size(raw["maxmem"], "machine.maxmem", MIB);
  checkMemory(memoryBytes, maxMemoryBytes);
  const block = blockSizeOf(raw);
  for (const [i, node] of nodes.entries()) checkSize(arch, `machine.nodes[${i}].mem`, node.memoryBytes, block);
  checkSize(arch, "machine.memory", memoryBytes, block);
  checkSize(arch, "machine.maxmem", maxMemoryBytes, block);
  const board = readBoard(raw["machine"], arch);
  const cmdline = optionalText(raw["cmdline"], "machine.cmdline") ?? "";
  const cpu = optionalText(raw["cpu"] ?? undefined, "machine.cpu");
  const qemu = readQemu(raw["qemu"]);
  const firmware = platformOf(arch).firmwareOf?.(optionalText(raw["firmware"], "machine.firmware"), bootLog);
  const {
    devices,
    nodes: possible,
    ignored,
  } = readDeviceSpecs(types, raw, { nodes: nodes.length, isShortForm: false, ...qemu });
  return {
    board,
    arch,
    memoryBytes,
    nodes: withDefaultCpus(nodes, cpus),
    slots: slotsOf(raw["slots"], arch),
    maxMemoryBytes,
    cpus,
    hypervisor: cpu?.includes("-hypervisor") !== true,
    ...gigapagesOf(cpu, arch),
    ...(firmware === undefined ? {} : { firmware }),
    ...qemu,
    cmdline,
    devices,
    ...parseDistances(raw["distances"], Math.max(possible, 1)),
    ...block,
    ...ignoredOf(cmdline, [
      ...ignoredOfBoard(raw["machine"]),
      ...ignoredOfFirmware(raw["firmware"], arch, firmware, bootLog),
      ...ignored,
    ]),
  };
}

/** QEMU's processors with pdpe1gb: max, host, and models of servers; not the one of who names none (qemu64, kvm64). */
function gigapagesOf(cpu: string | undefined, arch: string): Pick<MachineSpec, "gigapages"> {
  if (arch !== DEFAULT_ARCH) return { gigapages: true };
  if (cpu === undefined || /[-,]-?pdpe1gb(=off)?$|-pdpe1gb|pdpe1gb=off/.test(cpu)) return {};
  return /^(qemu|kvm|core|pentium|athlon|486|n270|phenom|coreduo|core2duo|Conroe|Penryn|Nehalem)/.test(cpu) &&
    !/[+]pdpe1gb|pdpe1gb=on/.test(cpu)
    ? {}
    : { gigapages: true };
}

/** QEMU's view of a machine has as many as QEMU's boards (hw/acpi: ACPI_MAX_RAM_SLOTS; hw/ppc: SPAPR_MAX_RAM_SLOTS). */
function slotsOf(raw: unknown, arch: string): number {
  return count(raw, "machine.slots", 16, platformOf(arch).maxSlots);
}

/** The short form is no board of QEMU's: it has as many as its DIMMs need, and more to come, where boards have slots at all. */
function slotsOfShortForm(raw: unknown, needed: number, arch: string): number {
  const most = platformOf(arch).maxSlots === 0 ? 0 : MAX_SLOTS;
  if (needed > most)
    fail("machine.dimms", `${needed} DIMMs need ${needed} slots (allowed: ${most}, as many as boards of ${arch} have)`);
  return count(raw, "machine.slots", Math.max(16, needed + 16), most);
}

function ignoredOf(cmdline: string, words: readonly IgnoredWord[]): Pick<MachineSpec, "ignored"> {
  const ignored = [...ignoredBootWords(cmdline), ...words];
  return ignored.length === 0 ? {} : { ignored };
}

function blockSizeOf(raw: Record<string, unknown>): Pick<MachineSpec, "blockSizeBytes"> {
  if (raw["block_size"] === undefined) return {};
  const bytes = size(raw["block_size"], "machine.block_size");
  if (!isPowerOfTwo(bytes) || bytes > MAX_BLOCK_SIZE)
    fail(
      "machine.block_size",
      `expected a power of two up to ${formatSize(MAX_BLOCK_SIZE)}, found ${formatSize(bytes)}`,
    );
  return { blockSizeBytes: bytes };
}

function checkMemory(memoryBytes: number, maxMemoryBytes: number): void {
  if (memoryBytes > MAX_MEMORY)
    fail("machine.memory", `expected at most ${formatSize(MAX_MEMORY)}, found ${formatSize(memoryBytes)}`);
  if (maxMemoryBytes < memoryBytes)
    fail("machine.maxmem", `${formatSize(maxMemoryBytes)} is less than the boot memory of ${formatSize(memoryBytes)}`);
}

function checkSize(arch: string, where: string, bytes: number, block: Pick<MachineSpec, "blockSizeBytes">): void {
  const why = platformOf(arch).whyNotSize?.(bytes, block.blockSizeBytes);
  if (why !== undefined) fail(where, why);
}

function checkCpus(nodes: readonly NodeSpec[], smp: number): void {
  const nodeOf = new Map<number, number>();
  for (const { id, cpus } of nodes) {
    for (const cpu of cpus) {
      if (cpu >= smp)
        fail(`machine.nodes[${id}].cpus`, `there is no processor ${cpu} (allowed: 0..${smp - 1}, by smp)`);
      const other = nodeOf.get(cpu);
      if (other !== undefined) fail(`machine.nodes[${id}].cpus`, `processor ${cpu} is on node ${other} already`);
      nodeOf.set(cpu, id);
    }
  }
}

const DEFAULT_ARCH = "x86_64";

function readArch(raw: unknown): string {
  const ids = platforms.map(({ id }) => id);
  const arch = platforms.find(({ id, uname }) => id === raw || uname === raw)?.id ?? raw ?? DEFAULT_ARCH;
  if (typeof arch !== "string" || !ids.includes(arch))
    fail("machine.arch", `memhp does not simulate ${JSON.stringify(arch)} (allowed: ${ids.join(", ")})`);
  return arch;
}

function readBoard(raw: unknown, arch: string): string {
  const { boards, board: defaultBoard } = platformOf(arch);
  const board = optionalText(raw, "machine.machine")?.split(",")[0] ?? defaultBoard;
  if (!boards.includes(board))
    fail("machine.machine", `unknown board ${JSON.stringify(board)} (known: ${boards.join(", ")})`);
  return board;
}

/** Properties of a board that are no matter of memory. */
const otherProperties =
  /^(type|nvdimm|gic-version|its|accel|kernel[-_]irqchip|smm|usb|vmport|graphics|dump-guest-core|mem-merge|hpet|acpi|secure|virtualization|mte|ras|cap-.*|x-.*|pic|pit|sata|smbus|i8042|rtcseed|dtb-randomness)$/;

/** QEMU's word goes on with properties: `virt,gic-version=3`. */
function ignoredOfBoard(raw: unknown): IgnoredWord[] {
  const [, ...properties] = typeof raw === "string" ? raw.split(",") : [];
  return properties
    .filter((property) => !otherProperties.test(property.split("=")[0] ?? ""))
    .map((word) => ({ where: "machine.machine", word, why: "memhp has nothing for this property of a board" }));
}

/** A name that tells nothing: the platform's boards have one firmware, or none of its builds is called so. @param taken the machine's. */
function ignoredOfFirmware(
  raw: unknown,
  arch: string,
  taken: string | undefined,
  bootLog: readonly string[],
): IgnoredWord[] {
  const named = optionalText(raw, "machine.firmware");
  if (named === undefined) return [];
  const ignored = (why: string): IgnoredWord[] => [{ where: "machine.firmware", word: named, why }];
  if (taken === undefined) return ignored(`memhp has one firmware for the boards of ${arch}`);
  const isTold = named.includes(taken) || bootLog.length > 0;
  return isTold ? [] : ignored(`memhp knows no such build: the machine has that of ${taken}`);
}

function readQemu(raw: unknown): Pick<MachineSpec, "qemu"> {
  if (raw === undefined) return {};
  const version = typeof raw === "string" ? readQemuVersion(raw) : undefined;
  return { qemu: version ?? fail("machine.qemu", 'expected a release of QEMU from "7.2" to "11"') };
}

function parseDistances(raw: unknown, nodes: number): Pick<MachineSpec, "distances"> {
  const { rows, wrong } = readDistances(raw, nodes);
  if (wrong !== undefined) fail(...wrong);
  return rows === undefined ? {} : { distances: rows };
}

/** Processors that no node names go to node 0, as QEMU does. */
function withDefaultCpus(nodes: readonly NodeSpec[], cpus: number): NodeSpec[] {
  const named = new Set(nodes.flatMap((node) => node.cpus));
  const rest = Array.from({ length: cpus }, (_, cpu) => cpu).filter((cpu) => !named.has(cpu));
  return nodes.map((node, i) => (i === 0 ? { ...node, cpus: [...node.cpus, ...rest].sort((a, b) => a - b) } : node));
}

/** The short form: `count` nodes alike. */
function parseShortForm(raw: Record<string, unknown>, types: readonly DeviceType[]): MachineSpec {
  const nodeKeys = new ReadKeys(raw["nodes"] as Record<string, unknown>);
  const nodes = nodeKeys.record;
  const total = count(nodes["count"], "machine.nodes.count", 1, MAX_NODES);
  if (total === 0) fail("machine.nodes.count", "a machine has at least one node");
  const memory = size(nodes["memory"], "machine.nodes.memory");
  if (memory === 0 || memory % MIB !== 0) fail("machine.nodes.memory", `expected whole MiB, found ${memory} bytes`);
  checkMemory(memory * total, Number.POSITIVE_INFINITY);
  const cpusPerNode = count(nodes["cpus"], "machine.nodes.cpus", 1, 64);
  nodeKeys.refuseUnread("machine.nodes");
  const qemu = readQemu(raw["qemu"]);
  const reading = { nodes: total, isShortForm: true, ...qemu };
  const { devices, nodes: possible, room } = readDeviceSpecs(types, raw, reading);
  const arch = readArch(raw["arch"]);
  const slots = slotsOfShortForm(raw["slots"], room.slots, arch);
  const cmdline = optionalText(raw["cmdline"], "machine.cmdline") ?? "";
  const maxMemoryBytes =
    raw["maxmem"] === undefined
      ? memory * total + room.bytes + slots * Math.max(room.largestBytes, memory)
      : size(raw["maxmem"], "machine.maxmem");
  checkMemory(memory * total, maxMemoryBytes);
  const block = blockSizeOf(raw);
  checkSize(arch, "machine.nodes.memory", memory, block);
  checkSize(arch, "machine.maxmem", maxMemoryBytes, block);
  return {
    board: platformOf(arch).boards[0] as string,
    arch,
    memoryBytes: memory * total,
    nodes: Array.from({ length: total }, (_, id) => ({
      id,
      memoryBytes: memory,
      cpus: Array.from({ length: cpusPerNode }, (_v, i) => id * cpusPerNode + i),
    })),
    slots,
    maxMemoryBytes,
    cpus: cpusPerNode * total,
    hypervisor: true,
    gigapages: true,
    ...qemu,
    cmdline,
    devices,
    devicesStartOffline: true,
    ...parseDistances(raw["distances"], possible),
    ...block,
    ...ignoredOf(cmdline, []),
  };
}
