import { parseNumberList, MIB } from "@memhp/abi";
import { type ContainerSpec, nodesWithContainers, parseContainers } from "./container-spec.ts";
import { readDistances } from "./distances.ts";
import { at, count, fail, isRecord, size, SpecError } from "./spec-fields.ts";
import { platformOf, platforms } from "@memhp/platforms";

export { SpecError };

/** A node as QEMU's `-numa node` gives it: boot memory and processors. */
export interface NodeSpec {
  readonly id: number;
  readonly memoryBytes: number;
  readonly cpus: readonly number[];
}

/** A DIMM that is plugged in before the machine starts. */
export interface ColdDimm {
  readonly id: string;
  readonly sizeBytes: number;
  readonly node: number;
  readonly memdev: string;
  /** Where the user put it; without it the board chooses. */
  readonly addr?: number;
  readonly slot?: number;
}

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
  /** One of the firmwares of its platform, where it has several. */
  readonly firmware?: string;
  readonly cmdline: string;
  readonly coldDimms: readonly ColdDimm[];
  /** The blocks of cold DIMMs start offline whatever auto_online_blocks says (the short form). */
  readonly coldDimmsOffline?: boolean;
  /** Containers whose memory comes and goes as one. */
  readonly containers?: readonly ContainerSpec[];
  /** The firmware's SLIT, `distances[from][to]`; without it Linux assumes 10 and 20. */
  readonly distances?: readonly (readonly number[])[];
  /** Forced block size, for architectures and short forms that fix it. */
  readonly blockSizeBytes?: number;
}

interface RawNode {
  readonly nodeid?: unknown;
  readonly mem?: unknown;
  readonly cpus?: unknown;
}

const MAX_NODES = 1024;
const MAX_CPUS = 8192;
const MAX_SLOTS = 1 << 20;

/**
 * Reads `machine` of a trace or scenario: QEMU's view, or the short form
 * `{ nodes: { count, memory }, dimms: { per_node, size } }`.
 * @param bootLog what a kernel said when it booted on it, which tells of firmware.
 * @throws SpecError
 */
export function parseMachineSpec(raw: unknown, bootLog: readonly string[] = []): MachineSpec {
  if (!isRecord(raw)) fail("machine", `expected an object, found ${JSON.stringify(raw)}`);
  if (isRecord(raw["nodes"])) return parseShortForm(raw);
  const rawNodes = raw["nodes"] ?? [];
  if (!Array.isArray(rawNodes)) fail("machine.nodes", "expected a list of nodes");
  const cpus = count(raw["smp"], "machine.smp", 1, MAX_CPUS);
  const nodes = (rawNodes as unknown[]).map((node, i) => parseNode(node, `machine.nodes[${i}]`));
  const ids = nodes.map((node) => node.id);
  if (ids.some((id, i) => id !== i))
    fail("machine.nodes", `node ids must be 0..${nodes.length - 1} in order, found ${ids.join(", ")}`);
  const nodeBytes = nodes.reduce((sum, node) => sum + node.memoryBytes, 0);
  const memoryBytes = raw["memory"] === undefined ? nodeBytes : size(raw["memory"], "machine.memory", MIB);
  if (nodes.length > 0 && nodeBytes !== memoryBytes)
    fail("machine.nodes", `the nodes' memory adds up to ${nodeBytes} bytes, machine.memory is ${memoryBytes}`);
  if (memoryBytes < 64 * MIB) fail("machine.memory", "a machine needs at least 64M of boot memory");
  const arch = readArch(raw["arch"]);
  const board = readBoard(raw["machine"], arch);
  const cmdline = raw["cmdline"] ?? "";
  if (typeof cmdline !== "string") fail("machine.cmdline", "expected a string");
  const coldDimms = parseExtra(raw["extra"]);
  return {
    board,
    arch,
    memoryBytes,
    nodes: withDefaultCpus(nodes, cpus),
    slots: count(raw["slots"], "machine.slots", 16, MAX_SLOTS),
    maxMemoryBytes: raw["maxmem"] === undefined ? memoryBytes : size(raw["maxmem"], "machine.maxmem", MIB),
    cpus,
    hypervisor: !(typeof raw["cpu"] === "string" && raw["cpu"].includes("-hypervisor")),
    ...readFirmware(raw["firmware"], arch, bootLog),
    cmdline,
    coldDimms,
    ...parseHotplugNodes(raw, nodes.length, coldDimms),
    ...(raw["block_size"] === undefined ? {} : { blockSizeBytes: size(raw["block_size"], "machine.block_size") }),
  };
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
  if (raw !== undefined && typeof raw !== "string") fail("machine.machine", "expected a board");
  // QEMU's word goes on with properties: virt,gic-version=3.
  const board = raw?.split(",")[0] ?? defaultBoard;
  if (!boards.includes(board))
    fail("machine.machine", `unknown board ${JSON.stringify(board)} (known: ${boards.join(", ")})`);
  return board;
}

function readFirmware(raw: unknown, arch: string, bootLog: readonly string[]): Pick<MachineSpec, "firmware"> {
  const platform = platformOf(arch);
  const firmware = platform.firmwareOf?.(typeof raw === "string" ? raw : undefined, bootLog);
  return firmware === undefined ? {} : { firmware };
}

/** Containers, and the distances of all nodes, those that containers bring included. */
function parseHotplugNodes(
  raw: Record<string, unknown>,
  nodes: number,
  coldDimms: readonly ColdDimm[],
): Pick<MachineSpec, "containers" | "distances"> {
  const containers = parseContainers(
    raw["containers"],
    nodes,
    coldDimms.map(({ id }) => id),
  );
  return {
    ...(containers.length === 0 ? {} : { containers }),
    ...parseDistances(raw["distances"], Math.max(nodesWithContainers(nodes, containers), 1)),
  };
}

function parseDistances(raw: unknown, nodes: number): Pick<MachineSpec, "distances"> {
  const { rows, wrong } = readDistances(raw, nodes);
  if (wrong !== undefined) fail(...wrong);
  return rows === undefined ? {} : { distances: rows };
}

function parseNode(raw: unknown, where: string): NodeSpec {
  if (!isRecord(raw)) fail(where, "expected an object with nodeid, mem, cpus");
  const node = raw as RawNode;
  const id = count(node.nodeid, `${where}.nodeid`, -1, MAX_NODES - 1);
  if (id < 0) fail(`${where}.nodeid`, "missing");
  const cpus =
    typeof node.cpus === "string" && node.cpus !== ""
      ? at(`${where}.cpus`, () => parseNumberList(node.cpus as string))
      : [];
  return {
    id,
    memoryBytes: node.mem === undefined || node.mem === null ? 0 : size(node.mem, `${where}.mem`, MIB),
    cpus,
  };
}

/** Processors that no node names go to node 0, as QEMU does. */
function withDefaultCpus(nodes: readonly NodeSpec[], cpus: number): NodeSpec[] {
  const named = new Set(nodes.flatMap((node) => node.cpus));
  const rest = Array.from({ length: cpus }, (_, cpu) => cpu).filter((cpu) => !named.has(cpu));
  return nodes.map((node, i) => (i === 0 ? { ...node, cpus: [...node.cpus, ...rest].sort((a, b) => a - b) } : node));
}

/** Cold-plugged DIMMs in QEMU's `-object memory-backend-ram` and `-device pc-dimm` arguments. */
function parseExtra(raw: unknown): ColdDimm[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw) || raw.some((word) => typeof word !== "string"))
    fail("machine.extra", "expected a list of QEMU arguments");
  const words = raw as string[];
  const options = (text: string): Map<string, string> =>
    new Map(
      text
        .split(",")
        .slice(1)
        .map((pair) => [pair.split("=")[0] ?? "", pair.slice(pair.indexOf("=") + 1)]),
    );
  const backends = new Map<string, number>();
  const dimms: ColdDimm[] = [];
  for (let i = 0; i + 1 < words.length; i += 2) {
    const argument = words[i + 1] as string;
    const fields = options(argument);
    if (words[i] === "-object" && argument.startsWith("memory-backend"))
      backends.set(fields.get("id") ?? "", size(fields.get("size"), `machine.extra[${i + 1}]`));
    if (words[i] === "-device" && argument.startsWith("pc-dimm")) {
      const where = `machine.extra[${i + 1}]`;
      const memdev = fields.get("memdev") ?? "";
      const sizeBytes = backends.get(memdev);
      if (sizeBytes === undefined) fail(where, `no memory backend ${JSON.stringify(memdev)}`);
      const number = (name: string): number | undefined => optionNumber(fields.get(name), `${where}: ${name}`);
      const addr = number("addr");
      const slot = number("slot");
      dimms.push({
        id: fields.get("id") ?? memdev,
        sizeBytes,
        node: number("node") ?? 0,
        memdev,
        // QEMU's own way to say "any" (6.1, 6.12: n_cold_dimms has addresses).
        ...(addr !== undefined && addr !== 0 && { addr }),
        ...(slot !== undefined && slot !== -1 && { slot }),
      });
    }
  }
  return dimms;
}

function optionNumber(text: string | undefined, where: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : fail(where, `expected a whole number, found ${JSON.stringify(text)}`);
}

/** The short form: `count` nodes alike, with `per_node` DIMMs each that are there from the start. */
function parseShortForm(raw: Record<string, unknown>): MachineSpec {
  const nodes = raw["nodes"] as Record<string, unknown>;
  const total = count(nodes["count"], "machine.nodes.count", 1, MAX_NODES);
  if (total === 0) fail("machine.nodes.count", "a machine has at least one node");
  const memory = size(nodes["memory"], "machine.nodes.memory");
  const cpusPerNode = count(nodes["cpus"], "machine.nodes.cpus", 1, 64);
  const dimms = raw["dimms"] === undefined ? undefined : raw["dimms"];
  if (dimms !== undefined && !isRecord(dimms)) fail("machine.dimms", "expected { per_node, size }");
  const perNode = dimms === undefined ? 0 : count(dimms["per_node"], "machine.dimms.per_node", 1, MAX_SLOTS);
  const dimmBytes = dimms === undefined ? 0 : size(dimms["size"], "machine.dimms.size");
  const coldDimms: ColdDimm[] = [];
  for (let node = 0; node < total; node++) {
    for (let i = 0; i < perNode; i++)
      coldDimms.push({ id: `n${node}d${i}`, sizeBytes: dimmBytes, node, memdev: `mem-n${node}d${i}` });
  }
  const slots = count(raw["slots"], "machine.slots", Math.max(16, coldDimms.length + 16), MAX_SLOTS);
  const cmdline = raw["cmdline"] ?? "";
  if (typeof cmdline !== "string") fail("machine.cmdline", "expected a string");
  const arch = readArch(raw["arch"]);
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
    maxMemoryBytes:
      raw["maxmem"] === undefined
        ? memory * total + dimmBytes * coldDimms.length + slots * Math.max(dimmBytes, memory)
        : size(raw["maxmem"], "machine.maxmem"),
    cpus: cpusPerNode * total,
    hypervisor: true,
    cmdline,
    coldDimms,
    coldDimmsOffline: true,
    ...parseHotplugNodes(raw, total, coldDimms),
    ...(raw["block_size"] === undefined ? {} : { blockSizeBytes: size(raw["block_size"], "machine.block_size") }),
  };
}
