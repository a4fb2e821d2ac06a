import { done, type Errno, type OnlineType, type Refusal, refused, type Result, type ZoneName } from "@memhp/abi";
import type {
  BlockView,
  Change,
  Counters,
  IomemEntry,
  KernelPort,
  MeminfoView,
  ModuleParameter,
  NodeView,
  PageRun,
  ZoneView,
} from "../src/index.ts";
import { kernelOf, withConfig } from "../../../tools/conformance/src/kernels.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface FakeOptions {
  readonly kernel?: string;
  readonly config?: Parameters<typeof withConfig>[1];
  readonly blocks?: readonly (Partial<BlockView> & { readonly id: number })[];
  readonly nodes?: readonly NodeView[];
  readonly iomem?: readonly IomemEntry[];
  readonly memmap?: ReturnType<KernelPort["firmwareMemmap"]>;
  readonly autoOnline?: ReturnType<KernelPort["autoOnline"]>;
  readonly injection?: boolean;
  readonly meminfo?: Partial<MeminfoView>;
  readonly vmstat?: Counters;
  /** From pfn 0 on, without a gap. */
  readonly pages?: readonly PageRun[];
  readonly maxHugepages?: number;
}

/** A kernel of a few lines: it keeps what it is told, and writes down what it was asked. */
export interface FakePort extends KernelPort {
  readonly blocks: Map<number, Writable<BlockView>>;
  readonly remembered: Map<number, OnlineType>;
  /** Calls that change something, in order: `online 32 movable`. */
  readonly calls: string[];
  readonly uevents: { uevent: string; env: Readonly<Record<string, string>> }[];
  readonly logged: string[];
  /** The next call that changes something is refused with this errno. */
  refuseNext: Errno | undefined;
}

export function zoneView(name: ZoneName, zone: Partial<ZoneView> = {}): ZoneView {
  const none = { startPfn: 0, spannedPages: 0, presentPages: 0, managedPages: 0, freePages: 0 };
  const watermarks = { minPages: 0, lowPages: 0, highPages: 0, promoPages: 0, protection: [0, 0, 0, 0, 0] };
  const pageset = { high: 0, batch: 1, statThreshold: 0 };
  const freeChunks = Array<number>(11).fill(0);
  return { name, ...none, ...watermarks, pageset, freeChunks, pageTypes: [], counters: {}, ...zone };
}

export function nodeView(id: number, node: Partial<NodeView> = {}): NodeView {
  const zones = (["DMA", "DMA32", "Normal", "Movable", "Device"] as const).map((name) => zoneView(name));
  const hugepages = [{ sizeKb: 2048, total: 0, free: 0, surplus: 0 }];
  return { id, cpus: [], distances: [10], blocks: [], zones, counters: {}, hugepages, meminfoKb: {}, ...node };
}

/** The part of the runs between two frames. */
function clip(runs: readonly PageRun[], startPfn: number, endPfn: number): PageRun[] {
  return runs
    .map((run) => {
      const start = Math.max(run.startPfn, startPfn);
      return { ...run, startPfn: start, count: Math.min(run.startPfn + run.count, endPfn) - start };
    })
    .filter(({ count }) => count > 0);
}

export function fakePort(options: FakeOptions = {}): FakePort {
  const kernel = withConfig(kernelOf(options.kernel ?? "6.12"), options.config ?? {});
  const defaults = { state: "offline", deviceOnline: false, validZones: "Normal Movable", removable: true } as const;
  const blocks = new Map(
    (options.blocks ?? []).map((block): [number, Writable<BlockView>] => [
      block.id,
      { ...defaults, nodes: [0], physDevice: 0, firmwareNode: undefined, ...block },
    ]),
  );
  const nodes = options.nodes ?? [nodeView(0, { cpus: [0, 1], blocks: [...blocks.keys()] })];
  const online = nodes.map(({ id }) => id);
  const parameters: Record<ModuleParameter, string> = {
    online_policy: "contig-zones",
    auto_movable_ratio: "301",
    auto_movable_numa_aware: "Y",
    memmap_on_memory: "N",
  };
  const injected = { MEM_GOING_ONLINE: "0\n", MEM_GOING_OFFLINE: "0\n" };
  const pages = options.pages ?? [];
  let autoOnline = options.autoOnline ?? "offline";
  let injectionLoaded = options.injection ?? false;

  /** Notes the call and answers the refusal that was asked for, if any. */
  function asked(call: string): { ok: false; refusal: Refusal } | undefined {
    port.calls.push(call);
    const errno = port.refuseNext;
    port.refuseNext = undefined;
    if (errno === undefined) return undefined;
    return refused({ errno, code: "unmovable_page", rule: "the test asked for it", retry: "no", remedy: [] });
  }

  async function change(id: number, isOnline: boolean, call: string): Promise<Result<Change>> {
    const block = blocks.get(id);
    if (block === undefined) throw new Error(`no block ${id}`);
    const refusal = asked(call);
    if (refusal !== undefined) return refusal;
    if (block.deviceOnline === isOnline) return done("unchanged");
    block.deviceOnline = isOnline;
    block.state = isOnline ? "online" : "offline";
    port.uevents.push({ uevent: `${block.state}@/devices/system/memory/memory${id}`, env: {} });
    return done("changed");
  }

  const port: FakePort = {
    blocks,
    remembered: new Map(),
    calls: [],
    uevents: [],
    logged: [],
    refuseNext: undefined,
    kernel,
    blockSizeBytes: 0x8000000,
    cmdline: "console=ttyS0 loglevel=4 panic=-1 ",
    blockIds: () => blocks.keys(),
    block: (id) => blocks.get(id),
    nodeMasks: () => ({
      possible: online,
      online,
      hasNormalMemory: online,
      hasMemory: online,
      hasCpu: online,
      hasGenericInitiator: [],
    }),
    node: (id) => nodes.find((node) => node.id === id),
    iomem: () => options.iomem ?? [],
    firmwareMemmap: () => options.memmap ?? [],
    meminfo: () => ({
      totalKb: 2057648,
      freeKb: 1948724,
      hardwareCorruptedKb: 4,
      hugePagesTotal: 100,
      hugePagesFree: 90,
      hugePagesSurplus: 0,
      hugetlbKb: 204800,
      counters: {},
      ...options.meminfo,
    }),
    vmstat: () => options.vmstat ?? {},
    nodeDirectories: ["x86"],
    pageblockOrder: 9,
    endPfn: () => pages.reduce((_, { startPfn, count }) => startPfn + count, 0),
    pages: async (startPfn, count) => clip(pages, startPfn, startPfn + count),
    maxHugepages: () => options.maxHugepages ?? 0,
    online(id, type) {
      port.remembered.set(id, type);
      return change(id, true, `online ${id} ${type}`);
    },
    onlineRemembered: (id) => change(id, true, `online ${id}`),
    offline: (id) => change(id, false, `offline ${id}`),
    autoOnline: () => autoOnline,
    setAutoOnline(value) {
      port.calls.push(`auto ${value}`);
      autoOnline = value;
    },
    parameter: (name) => parameters[name],
    setParameter(name, value) {
      port.calls.push(`${name}=${value}`);
      parameters[name] = value;
    },
    async probe(address) {
      const refusal = asked(`probe 0x${address.toString(16)}`);
      const id = address / port.blockSizeBytes;
      if (refusal === undefined) port.uevents.push({ uevent: `add@/devices/system/memory/memory${id}`, env: {} });
      return refusal ?? done(undefined);
    },
    offlinePage: async (kind, address) => asked(`${kind} 0x${address.toString(16)}`) ?? done(undefined),
    setHugepages: async (node, sizeKb, count) =>
      asked(`hugepages ${node ?? "all"} ${sizeKb} ${count}`) ?? done(undefined),
    dropCaches: async (what) => asked(`drop ${what}`) ?? done(undefined),
    hasErrorInjection: () => injectionLoaded,
    readInjection: (action) => injected[action],
    writeInjection(action, text) {
      injectionLoaded = true;
      const refusal = asked(`inject ${action}`);
      injected[action] = `${text.trim()}\n`;
      return refusal ?? done(text.length);
    },
    syntheticUevent: (devpath, _subsystem, action, env) => port.uevents.push({ uevent: `${action}@${devpath}`, env }),
    log: (text) => port.logged.push(text),
  };
  return port;
}
