import { done, record, type Result, wholeNumber } from "@memhp/abi";
import type { BlockView, Change, KernelPort, ModuleParameter, NodeView, ZoneView } from "./kernel-port.ts";
import { NO_PAGE } from "./page-flags.ts";
import type { SysfsKernel } from "./sysfs-rules.ts";

type StubBlock = Partial<BlockView> & { readonly id: number };

/** What a stub has, and which of its answers are yours. */
export interface StubOverrides extends Partial<KernelPort> {
  /** Memory blocks: a number is an online block of the first node in ZONE_NORMAL, a view says what differs. None unless told. */
  readonly blocks?: readonly (number | StubBlock)[];
  /** Ids of the online nodes, each with empty zones. `[0]` unless told. */
  readonly nodes?: readonly number[];
}

const ZONES = ["DMA", "DMA32", "Normal", "Movable", "Device"] as const;
const PARAMETERS: Readonly<Record<ModuleParameter, string>> = {
  online_policy: "contig-zones",
  auto_movable_ratio: "301",
  auto_movable_numa_aware: "Y",
  memmap_on_memory: "N",
};

/**
 * A kernel of a few lines behind the files, for a test of whatever reads or writes them: every member of `KernelPort` has an answer, blocks
 * change their state and always may, and what is written is kept. Whatever else a member shall do, an override does.
 *
 *     const kernel = stubKernel(kernelOf("6.12"), { blocks: [32], offline: async () => refused(busy) });
 *     await createTree(kernel).write("/sys/devices/system/memory/memory32/state", "offline"); // EBUSY
 *
 * @param kernel whose texts, files and habits the tree has: `kernelOf("6.12")` of `@memhp/kernels`.
 * @throws TypeError for a key that is neither a member of `KernelPort` nor `blocks` or `nodes`; RangeError for ids that are no whole numbers.
 */
export function stubKernel(kernel: SysfsKernel, overrides: StubOverrides = {}): KernelPort {
  checkRecord(overrides);
  const { blocks: given = [], nodes = [0], ...members } = overrides;
  for (const [i, block] of given.entries()) wholeNumber(`blocks[${i}]`, typeof block === "number" ? block : block.id);
  for (const [i, node] of nodes.entries()) wholeNumber(`nodes[${i}]`, node);
  const blocks = new Map(given.map((block) => blockOf(block, nodes[0] ?? 0)).map((block) => [block.id, block]));
  const port = withState(kernel, blocks, nodes);
  for (const key of Object.keys(members))
    if (!(key in port) && key !== "written" && key !== "dlpar")
      throw new TypeError(
        `overrides.${key}: not a member of KernelPort, which has ${Object.keys(port).join(", ")}; or blocks, nodes`,
      );
  return { ...port, ...members };
}

/** Beside the code that reads it, so that the type of the argument stays what it is. */
function checkRecord(overrides: unknown): void {
  record("overrides", overrides);
}

function withState(kernel: SysfsKernel, blocks: Map<number, BlockView>, nodes: readonly number[]): KernelPort {
  const parameters = { ...PARAMETERS };
  const injected = { MEM_GOING_ONLINE: "0\n", MEM_GOING_OFFLINE: "0\n" };
  const pools = new Map<number, number>();
  let autoOnline: ReturnType<KernelPort["autoOnline"]> = "offline";

  async function change(id: number, wanted: "online" | "offline"): Promise<Result<Change>> {
    const block = blocks.get(id);
    if (block === undefined || block.state === wanted) return done("unchanged");
    blocks.set(id, { ...block, state: wanted, deviceOnline: wanted === "online" });
    return done("changed");
  }

  return {
    kernel,
    blockSizeBytes: 2 ** 27,
    cmdline: "",
    pageKb: 4,
    pageblockOrder: 9,
    nodeDirectories: [],
    blockIds: () => [...blocks.keys()].toSorted((a, b) => a - b),
    block: (id) => blocks.get(id),
    nodeMasks: () => ({
      possible: nodes,
      online: nodes,
      hasNormalMemory: nodes,
      hasMemory: nodes,
      hasCpu: nodes,
      hasGenericInitiator: [],
    }),
    node: (id) => (nodes.includes(id) ? nodeOf(id, nodes, [...blocks.values()]) : undefined),
    iomem: () => [],
    firmwareMemmap: () => [],
    meminfo: () => ({
      totalKb: 0,
      freeKb: 0,
      hardwareCorruptedKb: 0,
      hugePagesTotal: 0,
      hugePagesFree: 0,
      hugePagesSurplus: 0,
      hugetlbKb: 0,
      counters: {},
    }),
    vmstat: () => ({}),
    endPfn: () => 0,
    pages: async (startPfn, count) => [{ startPfn, count, flags: NO_PAGE, mapCount: 0 }],
    defaultHugepagesKb: 2048,
    maxHugepages: (sizeKb) => pools.get(sizeKb) ?? 0,
    online: (id) => change(id, "online"),
    onlineRemembered: (id) => change(id, "online"),
    offline: (id) => change(id, "offline"),
    autoOnline: () => autoOnline,
    setAutoOnline: (value) => void (autoOnline = value),
    parameter: (name) => parameters[name],
    setParameter: (name, value) => void (parameters[name] = value),
    probe: async () => done(undefined),
    offlinePage: async () => done(undefined),
    async setHugepages(_node, sizeKb, count) {
      pools.set(sizeKb, count);
      return done(undefined);
    },
    dropCaches: async () => done(undefined),
    hasErrorInjection: () => false,
    readInjection: (action) => injected[action],
    writeInjection(action, text) {
      injected[action] = `${text.trim()}\n`;
      return done(text.length);
    },
    syntheticUevent: () => undefined,
    log: () => undefined,
  };
}

function blockOf(block: number | StubBlock, node: number): BlockView {
  const { id, ...rest } = typeof block === "number" ? { id: block } : block;
  const state = "state" in rest && rest.state !== undefined ? rest.state : "online";
  return {
    id,
    state,
    deviceOnline: state !== "offline",
    validZones: "Normal",
    removable: true,
    nodes: [node],
    physDevice: 0,
    firmwareNode: undefined,
    ...rest,
  };
}

function nodeOf(id: number, nodes: readonly number[], blocks: readonly BlockView[]): NodeView {
  return {
    id,
    cpus: [],
    distances: nodes.map((other) => (other === id ? 10 : 20)),
    blocks: blocks.filter((block) => block.nodes.includes(id)).map((block) => block.id),
    zones: ZONES.map(emptyZone),
    counters: {},
    hugepages: [],
    meminfoKb: {},
  };
}

function emptyZone(name: ZoneView["name"]): ZoneView {
  const none = { startPfn: 0, spannedPages: 0, presentPages: 0, managedPages: 0, freePages: 0 };
  const watermarks = { minPages: 0, lowPages: 0, highPages: 0, promoPages: 0, protection: [0, 0, 0, 0, 0] };
  const pageset = { high: 0, batch: 1, statThreshold: 0 };
  return { name, ...none, ...watermarks, pageset, freeChunks: Array<number>(11).fill(0), pageTypes: [], counters: {} };
}
