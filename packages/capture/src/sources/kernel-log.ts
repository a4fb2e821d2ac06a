import { formatSize, MIB, ParseError } from "@memhp/abi";
import { archOf, notX86 } from "../host/arch.ts";
import type { PfnRange } from "../host/iomem.ts";
import type { LayoutBlock, MemoryLayout, NodeRange } from "./memory-layout.ts";

const PAGE = 4096;
/** 128 TiB in blocks of 128 MiB. */
const MOST_BLOCKS = 2 ** 20;

/** Whether a text is a kernel's log from its first lines on. */
export function isKernelLog(text: string): boolean {
  const start = text.slice(0, 65_536);
  return (
    !/^\s*\{/.test(start) &&
    /^(?:.*kernel: )?(?:<\d+>)?\s*(?:\[[\s\d.]+\]\s*)?(?:BIOS-e820: |Linux version \d)/m.test(start)
  );
}

interface Draft {
  readonly e820: { start: number; end: number; type: string }[];
  readonly nodes: NodeRange[];
  readonly cpus: Map<number, number[]>;
  readonly movable: Map<number, number>;
  release: string | undefined;
  arch: string | undefined;
  cmdline: string | undefined;
  blockSize: number | undefined;
}

/**
 * Reads the memory map that firmware gave and the nodes of its SRAT off the log of an x86_64 kernel's boot. @throws ParseError
 */
export function parseKernelLog(text: string, name: string): MemoryLayout {
  const draft: Draft = {
    e820: [],
    nodes: [],
    cpus: new Map(),
    movable: new Map(),
    release: undefined,
    arch: undefined,
    cmdline: undefined,
    blockSize: undefined,
  };
  let cpu = 0;
  for (const raw of text.split("\n")) {
    // `<6>`, `[    0.000000]`, `Nov 28 10:00:00 host kernel:` stand before it.
    const line = raw
      .replace(/^.*?kernel: /, "")
      .replace(/^(?:<\d+>)?\s*(?:\[[\s\d.]+\]\s*)?/, "")
      .trimEnd();
    if (/^ACPI: SRAT: PXM \d+ -> APIC|^SRAT: PXM \d+ -> APIC/.test(line)) {
      const node = Number(/-> Node (\d{1,4})/.exec(line)?.[1] ?? 0);
      draft.cpus.set(node, [...(draft.cpus.get(node) ?? []), cpu++]);
    } else takeLine(draft, line);
  }
  return layoutOf(draft, name);
}

function takeLine(draft: Draft, line: string): void {
  const { e820 } = draft;
  const range = rangeIn(line);
  const match = (pattern: RegExp): string | undefined => pattern.exec(line)?.[1];
  const told = match(/^BIOS-e820: .*(?:\] |\()(\w[^)]*?)\)?$/);
  const changed = /^e820: (?:update|remove) .*\] (\S[^=]*?)(?: ==> (.+))?$/.exec(line);
  if (told !== undefined && range !== undefined) e820.push({ ...range, type: told });
  else if (changed !== null && range !== undefined) change(e820, range, changed[1] as string, changed[2] ?? "removed");
  else if (/^(?:ACPI: )?SRAT: Node \d/.test(line) && range !== undefined)
    draft.nodes.push({ ...pages(range), node: Number(match(/Node (\d{1,4})/) ?? 0) });
  else if (/^Faking (?:a )?node|fake node/i.test(line) && !/No NUMA|at \[mem 0x0000000000000000-/.test(line))
    throw new ParseError(`${JSON.stringify(line)}: nodes that the kernel made up (numa=fake) are not simulated`);
  else if (/^ {0,4}Node \d+: 0x[0-9a-f]+$/i.test(line))
    draft.movable.set(
      Number(match(/Node (\d{1,4})/)),
      Number.parseInt(match(/0x(0*[0-9a-f]{1,13})/i) ?? "0", 16) / PAGE,
    );
  if (draft.release === undefined && line.startsWith("Linux version ")) {
    draft.release = match(/^Linux version (\S+)/);
    draft.arch = archOf(line);
  }
  draft.cmdline ??= match(/^(?:Kernel c|C)ommand line: (.*)$/);
  const mib = match(/Memory block size: (\d{1,6}) ?MB/i);
  if (mib !== undefined) draft.blockSize = Number(mib) * MIB;
}

/** `[mem 0xA-0xB]`, or `A - B` and `A-B` of older kernels, whose end is not included. Bytes. */
function rangeIn(line: string): PfnRange | undefined {
  const now = /\[mem 0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})\]/i.exec(line);
  if (now !== null)
    return { start: Number.parseInt(now[1] as string, 16), end: Number.parseInt(now[2] as string, 16) + 1 };
  const old = /(?:BIOS-e820: |PXM \d+ )([0-9a-f]{1,16}) ?- ?([0-9a-f]{1,16})/i.exec(line);
  return old === null
    ? undefined
    : { start: Number.parseInt(old[1] as string, 16), end: Number.parseInt(old[2] as string, 16) };
}

/** `e820: update` and `remove` make another type of a part of what is of one type. */
function change(e820: Draft["e820"], { start, end }: PfnRange, from: string, to: string): void {
  for (const entry of e820.filter(({ type }) => type === from)) {
    if (entry.start >= end || entry.end <= start) continue;
    const { start: first, end: last } = entry;
    entry.start = Math.max(first, start);
    entry.end = Math.min(last, end);
    entry.type = to;
    if (first < entry.start) e820.push({ start: first, end: entry.start, type: from });
    if (last > entry.end) e820.push({ start: entry.end, end: last, type: from });
  }
}

/** Whole pages within a range of bytes. */
function pages({ start, end }: PfnRange): PfnRange {
  return { start: Math.ceil(start / PAGE), end: Math.floor(end / PAGE) };
}

function layoutOf(
  { e820, nodes, cpus, movable, release, arch, cmdline, blockSize }: Draft,
  name: string,
): MemoryLayout {
  const foreign = notX86({ release, arch });
  if (foreign !== undefined) throw new ParseError(foreign);
  const ram = e820
    .filter(({ type }) => type === "usable")
    .map(pages)
    .filter(({ start, end }) => start < end)
    .sort((a, b) => a.start - b.start);
  if (ram.length === 0) throw new ParseError("no line `BIOS-e820: [mem …] usable`: the log does not begin at boot");
  if (blockSize === undefined)
    throw new ParseError(
      "the line `x86/mm: Memory block size` is missing; nothing else of a log says how large a block is",
    );
  const blocks = blocksOf(ram, blockSize / PAGE, nodes);
  const others = [...new Set(e820.map(({ type }) => type))].filter((type) => /soft reserved|persistent/i.test(type));
  return {
    name,
    ...(release === undefined ? {} : { release }),
    ...(cmdline === undefined ? {} : { cmdline }),
    blockSize,
    blocks,
    ram,
    ...(nodes.length === 0 ? {} : { nodes }),
    ...(movable.size === 0 ? {} : { movableFrom: movable }),
    cpus,
    notes: [
      "A log does not tell: distances, and memory that came or went after boot.",
      ...(nodes.length === 0 ? ["No SRAT in it: all memory is of node 0."] : []),
      ...others.map((type) => `Left out, as it is no System RAM: ${sizeOf(e820, type)} of ${type}.`),
    ],
  };
}

function sizeOf(e820: Draft["e820"], wanted: string): string {
  return formatSize(e820.reduce((sum, { start, end, type }) => sum + (type === wanted ? end - start : 0), 0));
}

/** A block is there as soon as it has RAM. */
function blocksOf(ram: readonly PfnRange[], size: number, nodes: readonly NodeRange[]): LayoutBlock[] {
  const ids = new Set<number>();
  for (const { start, end } of ram) {
    if (end / size - start / size > MOST_BLOCKS) throw new ParseError(`more than ${MOST_BLOCKS} blocks`);
    for (let block = Math.floor(start / size); block * size < end; block++) ids.add(block);
  }
  const nodeOf = (pfn: number): number => {
    if (nodes.length === 0) return 0;
    const home = nodes.find(({ start, end }) => pfn >= start && pfn < end);
    if (home === undefined)
      throw new ParseError(`SRAT tells no node of RAM at 0x${(pfn * PAGE).toString(16)}; the log is not complete`);
    return home.node;
  };
  return [...ids].map((block) => {
    const first = ram.find(({ end }) => end > block * size) as PfnRange;
    return { block, state: "online", validZones: ["none"], node: nodeOf(Math.max(first.start, block * size)) };
  });
}
