import { ParseError, parseNumberList, parseSize } from "@memhp/abi";
import { shellWords } from "./shell-words.ts";

const MIB = 2 ** 20;

/** A machine as a scenario or a trace describes it, read off a QEMU command line. Sizes in bytes. */
export interface QemuMachine {
  readonly machine: {
    readonly machine: "q35" | "pc";
    readonly memory: number;
    readonly smp: number;
    readonly slots: number;
    readonly maxmem: number;
    readonly nodes: readonly { readonly nodeid: number; readonly mem: number; readonly cpus?: string }[];
    readonly cmdline: string;
    readonly cpu?: string;
    /** Backends and DIMMs that are there from the start, as QEMU's words. */
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
  board: "q35" | "pc";
  memory: number;
  slots: number;
  maxmem: number | undefined;
  smp: number;
  cmdline: string;
  cpu: string | undefined;
  readonly backends: Map<string, number>;
  readonly nodes: Map<number, { mem: number | undefined; memdev: string | undefined; cpus: number[] }>;
  readonly distances: Map<string, number>;
  readonly extra: string[];
  readonly ignored: string[];
}

/**
 * Reads a QEMU command line for x86_64: -M, -m, -smp, -cpu, -numa, -object memory-backend-*, -device pc-dimm, virtio-mem-pci and
 * pcie-root-port, -append.
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
    // QEMU's own default.
    memory: 128 * MIB,
    slots: 0,
    maxmem: undefined,
    smp: 1,
    cmdline: "",
    cpu: undefined,
    backends: new Map(),
    nodes: new Map(),
    distances: new Map(),
    extra: [],
    ignored: [],
  };
  for (let at = program + 1; at < words.length; at++) {
    const word = words[at] as string;
    if (!word.startsWith("-")) {
      draft.ignored.push(word);
      continue;
    }
    const next = words[at + 1];
    const value = next === undefined || (next.startsWith("-") && next.length > 1) ? undefined : next;
    take(draft, word.replace(/^--/, "-"), value);
    if (value !== undefined) at++;
  }
  return finished(draft);
}

function take(draft: Draft, option: string, value: string | undefined): void {
  const needed = (): string => {
    if (value === undefined) throw new ParseError(`${option} has no value`);
    return value;
  };
  switch (option) {
    case "-M":
    case "-machine":
      draft.board = boardOf(needed());
      return;
    case "-m":
      takeMemory(draft, needed());
      return;
    case "-smp":
      draft.smp = count(fieldsOf(needed(), "cpus").get("cpus"), "-smp");
      return;
    case "-cpu":
      draft.cpu = needed();
      return;
    case "-append":
      draft.cmdline = needed();
      return;
    case "-numa":
      takeNuma(draft, needed());
      return;
    case "-object":
      takeObject(draft, needed());
      return;
    case "-device":
      takeDevice(draft, needed());
      return;
    default:
      draft.ignored.push(value === undefined ? option : `${option} ${value}`);
  }
}

/** `a,b=c`: the first word under `first` where it has no name. */
function fieldsOf(text: string, first: string): Map<string, string> {
  return new Map(
    text.split(",").map((field, at) => {
      const equals = field.indexOf("=");
      if (equals >= 0) return [field.slice(0, equals), field.slice(equals + 1)];
      return at === 0 ? [first, field] : [field, "on"];
    }),
  );
}

function boardOf(value: string): "q35" | "pc" {
  const fields = fieldsOf(value, "type");
  const type = fields.get("type") ?? "pc";
  if (fields.get("nvdimm") === "on" || fields.get("hmat") === "on")
    throw new ParseError(`-machine ${value}: nvdimm and hmat are not simulated`);
  if (/q35/.test(type)) return "q35";
  if (/^pc(-i440fx.*)?$/.test(type)) return "pc";
  throw new ParseError(`-machine ${type}: an unknown board (known: q35, pc)`);
}

function takeMemory(draft: Draft, value: string): void {
  const fields = fieldsOf(value, "size");
  const size = fields.get("size");
  if (size !== undefined) draft.memory = parseSize(size, MIB);
  draft.slots = fields.has("slots") ? count(fields.get("slots"), "-m slots") : draft.slots;
  const maxmem = fields.get("maxmem");
  if (maxmem !== undefined) draft.maxmem = parseSize(maxmem, MIB);
}

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
    const id = count(fields.get("node-id"), "-numa cpu node-id");
    const socket = fields.get("socket-id");
    if (socket !== undefined) draft.nodes.get(id)?.cpus.push(count(socket, "-numa cpu socket-id"));
  } else throw new ParseError(`-numa ${value}: not simulated (known: node, dist, cpu)`);
}

function takeObject(draft: Draft, value: string): void {
  const fields = fieldsOf(value, "qom-type");
  const type = fields.get("qom-type") ?? "";
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
  const fields = fieldsOf(value, "driver");
  const driver = fields.get("driver") ?? "";
  if (driver === "pcie-root-port") draft.extra.push("-device", value);
  else if (driver === "pc-dimm" || driver === "virtio-mem-pci") {
    const memdev = fields.get("memdev") ?? "";
    const size = draft.backends.get(memdev);
    if (size === undefined) throw new ParseError(`-device ${value}: no -object of id "${memdev}" stands before it`);
    draft.extra.push("-object", `memory-backend-ram,id=${memdev},size=${size}`, "-device", value);
  } else if (/^(nvdimm|virtio-mem|virtio-pmem|cxl-)/.test(driver))
    throw new ParseError(`-device ${driver}: not simulated (known: pc-dimm, virtio-mem-pci)`);
  else draft.ignored.push(`-device ${value}`);
}

function count(text: string | undefined, where: string): number {
  if (text === undefined || !/^\d{1,6}$/.test(text))
    throw new ParseError(`${where}: ${text ?? "nothing"} is no number`);
  return Number(text);
}

function finished(draft: Draft): QemuMachine {
  const { board, memory, smp, slots, maxmem = memory, cmdline, cpu, extra, ignored } = draft;
  const distances = distancesOf(draft);
  return {
    machine: {
      machine: board,
      memory,
      smp,
      slots,
      maxmem,
      nodes: nodesOf(draft),
      cmdline,
      ...(cpu === undefined ? {} : { cpu }),
      extra,
      ...(distances === undefined ? {} : { distances }),
    },
    ignored,
  };
}

/** Nodes without a size share what is left, as QEMU's older machines did. */
function nodesOf({ nodes, memory, backends }: Draft): QemuMachine["machine"]["nodes"] {
  const sizeOf = (id: number, mem: number | undefined, memdev: string | undefined): number | undefined => {
    if (memdev === undefined) return mem;
    const size = backends.get(memdev);
    if (size === undefined) throw new ParseError(`-numa node,nodeid=${id}: no -object of id "${memdev}"`);
    return size;
  };
  const told = [...nodes]
    .sort(([a], [b]) => a - b)
    .map(([id, node]) => ({ id, ...node, size: sizeOf(id, node.mem, node.memdev) }));
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
