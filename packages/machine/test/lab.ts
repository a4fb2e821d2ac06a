import { dimmsOf } from "@memhp/devices";
import type { Caller, Refusal, SimEvent } from "@memhp/abi";
import type { LoadKind, NodePolicy, PageRun } from "@memhp/engine";
import { bootMachine, type LoadSpec, type Machine, parseMachineSpec } from "../src/index.ts";

export const MIB: number = 2 ** 20;
export const GIB: number = 2 ** 30;
/** Pages of a block of 128 MiB. */
export const BLOCK = 0x8000;
/** First block above 4 GiB, where DIMMs come. */
export const FIRST = 32;
export const SECOND = 1e9;

export const kernels: readonly string[] = ["4.1", "4.1-nomn", "6.1", "6.12"];
export const kernels41: readonly string[] = ["4.1", "4.1-nomn"];
export const kernels6: readonly string[] = ["6.1", "6.12"];

interface LabOptions {
  /** QEMU's nodes; by default two of 1 GiB, each with a processor. */
  readonly nodes?: readonly object[];
  readonly memory?: string;
  /** Size and node of the DIMM at block 32; by default 512 MiB on node 1. */
  readonly dimm?: { readonly bytes?: number; readonly node?: number };
  readonly kernelBlocks?: readonly number[];
  readonly cmdline?: string;
  readonly seed?: number;
}

/** A machine with a DIMM, all of whose blocks are offline, and what a test asks of it. */
export interface Lab {
  readonly machine: Machine;
  readonly events: SimEvent[];
  readonly state: (block: number) => string;
  readonly read: (path: string) => string;
  readonly write: (block: number, word: string, caller?: Caller) => ReturnType<Machine["write"]>;
  /** Online blocks from the last to the first, which 4.1 allows as movable. */
  readonly online: (word: string, ...blocks: readonly number[]) => Promise<void>;
  readonly load: (id: string, kind: LoadKind, bytes: number, options?: Partial<LoadSpec>) => Promise<void>;
  /** Used pages of a block by owner. */
  readonly pagesIn: (block: number) => Promise<ReadonlyMap<string, number>>;
  readonly runsIn: (block: number) => Promise<readonly PageRun[]>;
  /** What the memory notifier chain heard since the last question. */
  readonly heard: () => string[];
}

const twoNodes = [
  { nodeid: 0, mem: "1G", cpus: "0" },
  { nodeid: 1, mem: "1G", cpus: "1" },
];

export async function lab(kernel: string, options: LabOptions = {}): Promise<Lab> {
  const { nodes = twoNodes, memory = "2G", dimm = {}, kernelBlocks = [], cmdline = "", seed = 0 } = options;
  const spec = parseMachineSpec({
    machine: "q35",
    memory,
    slots: 8,
    maxmem: "64G",
    smp: 2,
    nodes,
    // 6.12 brings what is added online by itself.
    cmdline: `${cmdline} memhp_default_state=offline`.trim(),
  });
  const machine = await bootMachine(spec, { kernel, kernelBlocks, seed });
  const events: SimEvent[] = [];
  machine.listen((event) => events.push(event));
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: dimm.bytes ?? 512 * MIB, node: dimm.node ?? 1 });
  const read = (path: string): string => {
    const answer = machine.files.read(path.startsWith("/") ? path : `/sys/devices/system/memory/${path}`);
    return answer.ok ? answer.value : answer.refusal.errno.toString();
  };
  const write: Lab["write"] = (block, word, caller) =>
    machine.write(`/sys/devices/system/memory/memory${block}/state`, word, caller);
  const runsIn: Lab["runsIn"] = (block) => machine.pages.runs(block * BLOCK, BLOCK);
  return {
    machine,
    events,
    read,
    state: (block) => read(`memory${block}/state`),
    write,
    runsIn,
    async online(word, ...blocks) {
      for (const block of blocks.toSorted((a, b) => b - a)) {
        const { ret, errno } = await write(block, word);
        if (ret !== word.length) throw new Error(`block ${block}: ${word} gives ${errno}`);
      }
    },
    async load(id, kind, bytes, load = {}) {
      const started = await machine.pages.loads.start({ id, kind, sizeBytes: bytes, policy: onNode(1), ...load });
      if (!started.ok) throw new Error(`load ${id}: ${started.refusal.detail ?? started.refusal.rule}`);
    },
    async pagesIn(block) {
      const pages = new Map<string, number>();
      for (const { page, count } of await runsIn(block)) {
        const owner = page?.kind === "free" ? undefined : page?.owner;
        if (owner !== undefined) pages.set(owner, (pages.get(owner) ?? 0) + count);
      }
      return pages;
    },
    heard() {
      const heard = events.splice(0);
      return heard.flatMap((event) => (event.type === "notifier" && event.name === "early" ? [event.action] : []));
    },
  };
}

export function onNode(node: number): NodePolicy {
  return { mode: "bind", nodes: [node] };
}

/** The refusal of an answer, which must be one. */
export function refusalOf(answer: { readonly refusal?: Refusal }): Refusal {
  if (answer.refusal === undefined) throw new Error(`not refused: ${JSON.stringify(answer)}`);
  return answer.refusal;
}

/** Simulated time from one event to another; nanoseconds. */
export function between(
  events: readonly SimEvent[],
  from: (event: SimEvent) => boolean,
  to: (event: SimEvent) => boolean,
): number {
  const at = (wanted: (event: SimEvent) => boolean): number => events.find(wanted)?.atNs ?? Number.NaN;
  return at(to) - at(from);
}
