import { MIB, parseSize } from "@memhp/abi";
import { shown } from "@memhp/scenario";
import { type Architecture, architectureNames, architectureOf } from "./architectures.ts";

/** `machine` of a document says something that QEMU cannot be told. */
export class BoardError extends Error {
  override readonly name = "BoardError";
}

interface BoardNode {
  readonly id: number;
  readonly mebibytes: number;
  /** As QEMU takes them: `0-1`. */
  readonly cpus: readonly string[];
}

/** A machine as QEMU is told it. Sizes in MiB, as QEMU's boot memory comes. */
export interface Board {
  readonly architecture: Architecture;
  readonly machine: string;
  readonly cpu: string | undefined;
  readonly smp: number;
  readonly mebibytes: number;
  readonly slots: number;
  readonly maxMebibytes: number;
  readonly nodes: readonly BoardNode[];
  readonly distances: readonly (readonly number[])[];
  readonly cmdline: string;
  readonly extra: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const DEFAULT_ARCHITECTURE = "x86_64";
const DEFAULT_SLOTS = 16;

const known: ReadonlySet<string> = new Set(
  "arch machine cpu smp memory slots maxmem nodes distances cmdline extra firmware reserve_off".split(" "),
);

/**
 * Reads `machine` of a document, which must be QEMU's view of it.
 * @throws BoardError that names the word.
 */
export function readBoard(machine: unknown): Board {
  const fail = (where: string, what: string): never => {
    throw new BoardError(`machine${where}: ${what}`);
  };
  if (typeof machine !== "object" || machine === null || Array.isArray(machine))
    return fail("", `expected an object, found ${shown(machine)}`);
  const raw = machine as Json;
  for (const word of Object.keys(raw))
    if (!known.has(word)) fail(`.${word}`, `QEMU is not told this (it is: ${[...known].join(", ")})`);
  const text = (word: string, otherwise: string): string => {
    const value = raw[word] ?? otherwise;
    return typeof value === "string" ? value : fail(`.${word}`, `expected a text, found ${shown(value)}`);
  };
  const count = (word: string, otherwise: number): number => {
    const value = raw[word] ?? otherwise;
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? (value as number)
      : fail(`.${word}`, `expected a whole number, found ${shown(value)}`);
  };
  const arch = text("arch", DEFAULT_ARCHITECTURE);
  const architecture =
    architectureOf(arch) ?? fail(".arch", `${shown(arch)} (allowed: ${architectureNames.join(", ")})`);
  const { nodes: rawNodes = [], extra = [], distances = [] } = raw;
  if (!Array.isArray(rawNodes)) return fail(".nodes", "expected a list of nodes: the short form is not for QEMU");
  if (!Array.isArray(extra) || extra.some((word) => typeof word !== "string"))
    return fail(".extra", "expected a list of QEMU's words");
  if (!Array.isArray(distances)) return fail(".distances", "expected a list of rows");
  const nodes = rawNodes.map((node: unknown, i) => readNode(node, `machine.nodes[${i}]`));
  const inNodes = nodes.reduce((sum, node) => sum + node.mebibytes, 0);
  const mebibytes = raw["memory"] === undefined ? inNodes : mebibytesOf(raw["memory"], "machine.memory");
  if (mebibytes === 0) fail(".memory", "a machine needs memory");
  return {
    architecture,
    machine: text("machine", architecture.board),
    cpu: raw["cpu"] === null ? undefined : processor(raw["cpu"], architecture),
    smp: count("smp", 1),
    mebibytes,
    slots: count("slots", DEFAULT_SLOTS),
    maxMebibytes: raw["maxmem"] === undefined ? mebibytes : mebibytesOf(raw["maxmem"], "machine.maxmem"),
    nodes,
    distances: distances as number[][],
    cmdline: text("cmdline", ""),
    extra: extra as string[],
  };
}

/** `host` is of KVM; translated, `max` has the most. */
function processor(named: unknown, { cpu }: Architecture): string | undefined {
  if (named === undefined) return cpu;
  if (typeof named !== "string") throw new BoardError(`machine.cpu: expected a text or null, found ${shown(named)}`);
  return named.replace(/^host(?=,|$)/, "max");
}

function readNode(node: unknown, where: string): BoardNode {
  const { nodeid, mem, cpus } = (typeof node === "object" && node !== null ? node : {}) as Json;
  if (!Number.isSafeInteger(nodeid)) throw new BoardError(`${where}.nodeid: expected a number, found ${shown(nodeid)}`);
  if (cpus !== undefined && cpus !== null && typeof cpus !== "string")
    throw new BoardError(`${where}.cpus: expected a text such as 0-1, found ${shown(cpus)}`);
  return {
    id: nodeid as number,
    mebibytes: mem === undefined || mem === null ? 0 : mebibytesOf(mem, `${where}.mem`),
    cpus: (cpus ?? "").split(",").filter((range) => range !== ""),
  };
}

/** A bare number is of MiB, as QEMU reads it. */
function mebibytesOf(value: unknown, where: string): number {
  try {
    return typeof value === "number" ? value : Math.ceil(parseSize(value as string) / MIB);
  } catch {
    throw new BoardError(`${where}: expected a size such as 2G, found ${shown(value)}`);
  }
}
