import { formatSize, MIB, ParseError } from "@memhp/abi";
import { hwlocLayout } from "./hwloc-layout.ts";
import type { MemoryLayout } from "./memory-layout.ts";

/** A machine as a scenario describes it; sizes in bytes. Where numbers of nodes leave gaps, which no scenario has, where memory lies. */
export interface HwlocMachine {
  readonly layout?: MemoryLayout;
  readonly machine?: {
    readonly machine: "q35";
    readonly memory: number;
    readonly smp: number;
    readonly nodes: readonly { readonly nodeid: number; readonly mem: number; readonly cpus?: string }[];
    readonly distances?: readonly (readonly number[])[];
  };
  /** Lines: what this source does not tell. */
  readonly notes: readonly string[];
}

/** Firmware gives memory in such pieces; a node's own number lacks what the kernel took at boot. */
const STEP = 128 * MIB;

/** Whether a text is a topology as `lstopo FILE.xml` writes it. */
export function isHwlocXml(text: string): boolean {
  return /^\s*<\?xml[^>]*>\s*(?:<!DOCTYPE topology[^>]*>\s*)?<topology\b/.test(text);
}

type Attributes = ReadonlyMap<string, string>;

/** Reads nodes, processors and distances of a topology. @throws ParseError */
export function parseHwlocXml(text: string): HwlocMachine {
  const arch = /<info name="Architecture" value="([^"]*)"/.exec(text)?.[1];
  if (arch !== undefined && arch !== "x86_64")
    throw new ParseError(`Architecture ${arch}: only machines of x86_64 are made of a topology`);
  const nodes = nodesOf(text);
  const noMemory = nodes.filter(({ local }) => local === 0).map(({ id }) => id);
  if (noMemory.length === nodes.length)
    throw new ParseError("local_memory is missing or 0 of every NUMANode; no memory is told");
  const told = nodes.map(({ id, local, cpus }) => ({
    nodeid: id,
    mem: Math.ceil(local / STEP) * STEP,
    ...(cpus.length === 0 ? {} : { cpus: cpus.join(",") }),
  }));
  const distances = distancesOf(text, nodes.length);
  const rounded = nodes.filter(({ local }) => local % STEP !== 0).map(({ id }) => id);
  const lastCpu = nodes.reduce((most, { cpus }) => Math.max(most, ...cpus), 0);
  const notes = [
    "A topology does not tell: addresses, blocks, zones, holes, the kernel's version. Memory lies as on a q35 board.",
    ...(arch === undefined ? ["Its architecture is not told and is taken for x86_64."] : []),
    ...(rounded.length === 0 ? [] : [`Rounded up to ${formatSize(STEP)}: memory of node ${rounded.join(", ")}.`]),
  ];
  if (nodes.some(({ id }, at) => id !== at)) {
    const layout = hwlocLayout(
      nodes.map(({ id, cpus }, at) => ({ id, cpus, mem: told[at]?.mem ?? 0 })),
      distances,
    );
    return { layout: { ...layout, notes: [...notes, ...layout.notes] }, notes };
  }
  return {
    machine: {
      machine: "q35",
      memory: told.reduce((sum, { mem }) => sum + mem, 0),
      smp: lastCpu + 1,
      nodes: told,
      ...(distances === undefined ? {} : { distances }),
    },
    notes,
  };
}

function nodesOf(text: string): { id: number; local: number; cpus: number[] }[] {
  const nodes = [...text.matchAll(/<object ([^<>]*)>((?:\s*<(?:page_type|info)\b[^<>]*\/>)*)/g)].flatMap((match) => {
    const attributes = attributesOf(match[1] as string);
    const type = attributes.get("type");
    if (type === "MemCache") throw new ParseError("MemCache: a cache before memory is not simulated");
    if (type !== "NUMANode" && type !== "Machine") return [];
    return [{ type, ...nodeOf(attributes, match[2] ?? "") }];
  });
  const numa = nodes.filter(({ type }) => type === "NUMANode");
  // Before hwloc 2 a machine without NUMA has its memory itself.
  const used = numa.length > 0 ? numa : nodes.filter(({ local }) => local > 0).map((node) => ({ ...node, id: 0 }));
  if (used.length === 0) throw new ParseError("no object of type NUMANode with local_memory");
  const taken = new Set<number>();
  // A node that has only memory names its neighbours' processors.
  return used
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, local, cpus }) => {
      const own = cpus.filter((cpu) => !taken.has(cpu));
      for (const cpu of own) taken.add(cpu);
      return { id, local, cpus: own };
    });
}

function nodeOf(attributes: Attributes, inside: string): { id: number; local: number; cpus: number[] } {
  const subtype = attributes.get("subtype") ?? "";
  if (/gpu/i.test(subtype)) throw new ParseError(`NUMANode of subtype ${subtype}: memory of a device is not simulated`);
  const local = Number(attributes.get("local_memory") ?? 0);
  const types = [...inside.matchAll(/<page_type size="(\d+)" count="(\d+)"/g)];
  const sum = types.reduce((bytes, [, size, count]) => bytes + Number(size) * Number(count), 0);
  const bytes = local > 0 ? local : sum;
  if (!Number.isSafeInteger(bytes))
    throw new ParseError(`local_memory ${attributes.get("local_memory")} is no number of bytes`);
  return { id: Number(attributes.get("os_index") ?? 0), local: bytes, cpus: bitsOf(attributes.get("cpuset") ?? "") };
}

function attributesOf(text: string): Attributes {
  return new Map([...text.matchAll(/([\w:]+)="([^"]*)"/g)].map((match) => [match[1] as string, match[2] as string]));
}

/** `0x00000003,0x0000ffff`: words of 32 bits, the most significant first; an empty word is 0. */
function bitsOf(mask: string): number[] {
  if (mask.includes("0xf...f")) throw new ParseError(`cpuset ${mask} has no end; its processors are not told`);
  return mask
    .split(",")
    .toReversed()
    .flatMap((word, at) => {
      const value = Number.parseInt(word === "" ? "0" : word, 16);
      return Array.from({ length: 32 }, (_, bit) => bit)
        .filter((bit) => Math.floor(value / 2 ** bit) % 2 === 1)
        .map((bit) => at * 32 + bit);
    });
}

/** Latencies between nodes, in the order of their numbers. */
function distancesOf(text: string, nodes: number): number[][] | undefined {
  const start = /<distances2 type="NUMANode"[^<>]*name="NUMALatency"[^<>]*>/.exec(text);
  if (start === null) return undefined;
  const end = text.indexOf("</distances2>", start.index);
  if (end < 0) throw new ParseError("distances2 does not end");
  const body = text.slice(start.index, end);
  const all = (tag: string): number[] =>
    [...body.matchAll(new RegExp(`<${tag}[^<>]*>([\\d\\s]*)</${tag}>`, "g"))].flatMap(
      (match) => (match[1] as string).match(/\d+/g)?.map(Number) ?? [],
    );
  const indexes = all("indexes");
  const values = all("u64values");
  if (indexes.length !== nodes || values.length !== nodes * nodes)
    throw new ParseError(`distances2 has ${values.length} values of ${indexes.length} nodes; the machine has ${nodes}`);
  const order = indexes.map((_, at) => at).sort((a, b) => (indexes[a] as number) - (indexes[b] as number));
  return order.map((from) => order.map((to) => values[from * nodes + to] as number));
}
