import { MIB, ParseError, parseNumberList, parseSize } from "@memhp/abi";
import { qemuFields, type QemuOption, readQemuOptions } from "@memhp/devices";
import { chosenCpus, type CpuChoice, cpuCount, dealtCpus, type SmpWords } from "./qemu-cpus.ts";
import { shellWords } from "./shell-words.ts";

/** A machine as a scenario or a trace describes it, read off a QEMU command line. Sizes in bytes. */
export interface QemuMachine {
  readonly machine: {
    /** `q35` or `pc`, with `,nvdimm=on` where it takes NVDIMMs. */
    readonly machine: string;
    readonly memory: number;
    readonly smp: number;
    readonly slots: number;
    readonly maxmem: number;
    readonly nodes: readonly { readonly nodeid: number; readonly mem: number; readonly cpus?: string }[];
    readonly cmdline: string;
    readonly cpu?: string;
    /** Devices of memory that are there from the start, with their backends, as QEMU's words. */
    readonly extra: readonly string[];
    readonly distances?: readonly (readonly number[])[];
  };
  /** Words that say nothing of memory: disks, networks, displays. */
  readonly ignored: readonly string[];
}

/** Whether a text is a QEMU command line. */
export function isQemuLine(text: string): boolean {
  return /^\s*(?:#[^\n]*\n\s*)*(?:sudo\s+)?(?:\S*\/)?(?:qemu-system-\w+|qemu-kvm|kvm)\s/.test(text);
}

interface Draft {
  board: string;
  /** Bytes; undefined where no `-m` says it. */
  memory: number | undefined;
  /** Backend of the memory that the board begins with, by `-machine`. */
  memoryBackend: string | undefined;
  slots: number;
  maxmem: number | undefined;
  smp: SmpWords;
  readonly chosenCpus: CpuChoice[];
  cmdline: string;
  cpu: string | undefined;
  readonly backends: Map<string, number>;
  readonly nodes: Map<number, { mem: number | undefined; memdev: string | undefined; cpus: number[] }>;
  readonly distances: Map<string, number>;
  readonly devices: string[];
  readonly ignored: string[];
}

/** QEMU's own default. */
const DEFAULT_MEMORY = 128 * MIB;

/**
 * Reads a QEMU command line for x86_64: -M, -m, -smp, -cpu, -numa, -object memory-backend-*, -device pc-dimm, nvdimm, virtio-mem-pci,
 * virtio-balloon-pci and pcie-root-port, -append. Objects and devices may be JSON, as libvirt writes them.
 * What concerns memory and is not simulated is refused with its word; the rest is listed. @throws ParseError
 */
export function parseQemuLine(text: string): QemuMachine {
  const words = shellWords(text.replaceAll(/^\s*#[^\n]*$/gm, ""));
  const program = words.findIndex((word) => /(^|\/)(qemu-system-\w+|qemu-kvm|kvm)$/.test(word));
  const name = words[program];
  if (name === undefined) throw new ParseError("no qemu-system-x86_64 in it");
  if (/qemu-system-/.test(name) && !name.endsWith("x86_64"))
    throw new ParseError(`${name}: only machines of qemu-system-x86_64 are simulated`);
  const draft: Draft = {
    board: "pc",
    memory: undefined,
    memoryBackend: undefined,
    slots: 0,
    maxmem: undefined,
    smp: new Map(),
    chosenCpus: [],
    cmdline: "",
    cpu: undefined,
    backends: new Map(),
    nodes: new Map(),
    distances: new Map(),
    devices: [],
    ignored: [],
  };
  for (const option of readQemuOptions(words.slice(program + 1))) take(draft, option);
  return finished(draft);
}

const readers: Readonly<Record<string, (draft: Draft, value: string) => void>> = {
  "-M": takeBoard,
  "-machine": takeBoard,
  "-m": takeMemory,
  "-smp": takeCpus,
  "-cpu"(draft, value) {
    draft.cpu = value;
  },
  "-append"(draft, value) {
    draft.cmdline = value;
  },
  "-numa": takeNuma,
  "-object": takeObject,
  "-device": takeDevice,
};

function take(draft: Draft, { name, value }: QemuOption): void {
  const read = readers[name];
  if (read === undefined) {
    draft.ignored.push([name, value].filter((word) => word !== "" && word !== undefined).join(" "));
    return;
  }
  if (value === undefined) throw new ParseError(`${name} has no value`);
  read(draft, value);
}

/** `a,b=c`: the first word under `first` where it has no name. */
function fieldsOf(text: string, first: string): Map<string, string> {
  const { type, fields } = qemuFields(text);
  const equals = type.indexOf("=");
  const named: [string, string] = equals < 0 ? [first, type] : [type.slice(0, equals), type.slice(equals + 1)];
  return new Map([named, ...fields]);
}

/** The value of an `-object` or a `-device`, whose first word is its type. */
function typedFields(option: string, value: string): ReturnType<typeof qemuFields> {
  const read = qemuFields(value);
  if (read.type.startsWith("{")) throw new ParseError(`${option} ${value}: is neither words nor JSON`);
  return read;
}

function takeBoard(draft: Draft, value: string): void {
  const fields = fieldsOf(value, "type");
  const type = fields.get("type") ?? "pc";
  if (fields.get("hmat") === "on") throw new ParseError(`-machine ${value}: hmat is not simulated`);
  const board = /q35/.test(type) ? "q35" : /^pc(-i440fx.*)?$/.test(type) ? "pc" : undefined;
  if (board === undefined) throw new ParseError(`-machine ${type}: an unknown board (known: q35, pc)`);
  draft.board = fields.get("nvdimm") === "on" ? `${board},nvdimm=on` : board;
  draft.memoryBackend = fields.get("memory-backend");
}

function takeMemory(draft: Draft, value: string): void {
  const fields = fieldsOf(value, "size");
  const size = fields.get("size");
  if (size !== undefined) draft.memory = parseSize(size, MIB);
  draft.slots = fields.has("slots") ? count(fields.get("slots"), "-m slots") : draft.slots;
  const maxmem = fields.get("maxmem");
  if (maxmem !== undefined) draft.maxmem = parseSize(maxmem, MIB);
}

/** What PCs have of `-smp`; of the others there can be one. */
const SMP = new Set(["cpus", "maxcpus", "sockets", "dies", "modules", "cores", "threads"]);

function takeCpus(draft: Draft, value: string): void {
  const smp = new Map<string, number>();
  for (const [name, text] of fieldsOf(value, "cpus")) {
    const number = count(text, `-smp ${name}`);
    if (number === 0 || (!SMP.has(name) && number !== 1))
      throw new ParseError(`-smp ${name}=${number}: a PC has none of these (known: ${[...SMP].join(", ")})`);
    smp.set(name, number);
  }
  draft.smp = smp;
}

const CPU_IDS = new Set(["socket-id", "die-id", "module-id", "core-id", "thread-id"]);

function takeNuma(draft: Draft, value: string): void {
  const fields = fieldsOf(value, "kind");
  const kind = fields.get("kind");
  if (kind === "node") {
    const id = fields.has("nodeid") ? count(fields.get("nodeid"), "-numa nodeid") : draft.nodes.size;
    const mem = fields.get("mem");
    // `cpus=0,cpus=2-3` names several; the last of a name is what a map keeps.
    const cpus = [...value.matchAll(/(?:^|,)cpus=([\d-]+)/g)].flatMap((match) => parseNumberList(match[1] as string));
    const size = mem === undefined ? undefined : parseSize(mem, MIB);
    draft.nodes.set(id, { mem: size, memdev: fields.get("memdev"), cpus });
  } else if (kind === "dist") {
    const from = count(fields.get("src"), "-numa dist src");
    const to = count(fields.get("dst"), "-numa dist dst");
    draft.distances.set(`${from} ${to}`, count(fields.get("val"), "-numa dist val"));
  } else if (kind === "cpu") {
    const node = count(fields.get("node-id"), "-numa cpu node-id");
    const ids = [...fields].filter(([name]) => name !== "kind" && name !== "node-id");
    const unknown = ids.find(([name]) => !CPU_IDS.has(name))?.[0];
    if (unknown !== undefined)
      throw new ParseError(`-numa ${value}: ${unknown} is not known (known: node-id, ${[...CPU_IDS].join(", ")})`);
    draft.chosenCpus.push({ node, ids: new Map(ids.map(([name, id]) => [name, count(id, `-numa cpu ${name}`)])) });
  } else throw new ParseError(`-numa ${value}: not simulated (known: node, dist, cpu)`);
}

function takeObject(draft: Draft, value: string): void {
  const { type, fields } = typedFields("-object", value);
  if (!type.startsWith("memory-backend-")) {
    draft.ignored.push(`-object ${value}`);
    return;
  }
  const id = fields.get("id");
  const size = fields.get("size");
  if (id === undefined || size === undefined) throw new ParseError(`-object ${value}: id and size are needed`);
  draft.backends.set(id, parseSize(size));
}

function takeDevice(draft: Draft, value: string): void {
  const { type } = typedFields("-device", value);
  if (/^(pc-dimm|nvdimm|virtio-mem-pci|virtio-balloon(-pci)?|pcie-root-port)$/.test(type)) draft.devices.push(value);
  else if (/^(virtio-mem|virtio-pmem|cxl-)/.test(type))
    throw new ParseError(`-device ${type}: not simulated (known: pc-dimm, nvdimm, virtio-mem-pci, virtio-balloon-pci)`);
  else draft.ignored.push(`-device ${value}`);
}

/** Words for a device with those of its backend: QEMU makes all objects before any device, in whatever order they stand. */
function deviceWords(value: string, backends: Draft["backends"]): string[] {
  const memdev = qemuFields(value).fields.get("memdev");
  return memdev === undefined
    ? ["-device", value]
    : [
        "-object",
        `memory-backend-ram,id=${memdev},size=${sizeOf(memdev, backends, `-device ${value}`)}`,
        "-device",
        value,
      ];
}

function sizeOf(id: string, backends: Draft["backends"], where: string): number {
  const size = backends.get(id);
  if (size === undefined) throw new ParseError(`${where}: no -object of id "${id}"`);
  return size;
}

function count(text: string | undefined, where: string): number {
  if (text === undefined || !/^\d{1,6}$/.test(text))
    throw new ParseError(`${where}: ${text ?? "nothing"} is no number`);
  return Number(text);
}

function finished(draft: Draft): QemuMachine {
  const { board, memoryBackend, slots, smp, cmdline, cpu, backends, devices, ignored } = draft;
  const ofBackend =
    memoryBackend === undefined ? undefined : sizeOf(memoryBackend, backends, "-machine memory-backend");
  const memory = draft.memory ?? ofBackend ?? DEFAULT_MEMORY;
  const distances = distancesOf(draft);
  return {
    machine: {
      machine: board,
      memory,
      smp: cpuCount(smp),
      slots,
      maxmem: draft.maxmem ?? memory,
      nodes: nodesOf(draft, memory),
      cmdline,
      ...(cpu === undefined ? {} : { cpu }),
      extra: devices.flatMap((device) => deviceWords(device, backends)),
      ...(distances === undefined ? {} : { distances }),
    },
    ignored,
  };
}

/** Nodes without a size share what is left, as QEMU's older machines did. */
function nodesOf(
  { nodes, backends, smp, chosenCpus: choices }: Draft,
  memory: number,
): QemuMachine["machine"]["nodes"] {
  const stranger = choices.find(({ node }) => !nodes.has(node))?.node;
  if (stranger !== undefined) throw new ParseError(`-numa cpu,node-id=${stranger}: there is no such node`);
  const isTold = choices.length > 0 || [...nodes.values()].some(({ cpus }) => cpus.length > 0);
  const ids = [...nodes.keys()].sort((a, b) => a - b);
  const others = isTold ? chosenCpus(smp, choices) : dealtCpus(smp, ids);
  const told = [...nodes]
    .sort(([a], [b]) => a - b)
    .map(([id, { mem, memdev, cpus }]) => {
      const size = memdev === undefined ? mem : sizeOf(memdev, backends, `-numa node,nodeid=${id}`);
      return { id, cpus: [...cpus, ...(others.get(id) ?? [])], size };
    });
  const anySize = told.some(({ size }) => size !== undefined);
  const share = anySize ? 0 : Math.floor(memory / Math.max(1, told.length) / (8 * MIB)) * 8 * MIB;
  return told.map(({ id, size, cpus }, at) => ({
    nodeid: id,
    mem: size ?? (!anySize && at === told.length - 1 ? memory - share * at : share),
    ...(cpus.length === 0 ? {} : { cpus: cpus.join(",") }),
  }));
}

/** The SLIT; what is not told is 10 on the diagonal, the other direction, or 20. */
function distancesOf({ distances, nodes }: Draft): number[][] | undefined {
  if (distances.size === 0) return undefined;
  const ids = [...nodes.keys()].sort((a, b) => a - b);
  const between = (from: number, to: number): number =>
    from === to ? 10 : (distances.get(`${from} ${to}`) ?? distances.get(`${to} ${from}`) ?? 20);
  return ids.map((from) => ids.map((to) => between(from, to)));
}
