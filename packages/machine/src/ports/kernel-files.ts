import { type DefaultOnlineType, done, type Errno, type EventBody, hasZone, type Result, zoneName } from "@memhp/abi";
import { nodeDistance } from "../board/distances.ts";
import {
  lowmemReserve,
  type MemoryMap,
  type NodeMemory,
  type NodePages,
  type Watermarks,
  type ZonePages,
} from "@memhp/engine";
import { createErrorInjector, injectableActions, type InjectableAction } from "@memhp/notifier";
import type { KernelPort, ModuleParameter, NodeView, Written, ZoneView } from "@memhp/sysfs";
import { type BlockViewHost, blockViewOf } from "./block-view.ts";
import { remembered, ReplicaIndex } from "../kernel/replica-index.ts";
import type { Board } from "../board/board.ts";
import { type HotplugParameters, parseBootOptions } from "../spec/boot-options.ts";
import { hugepageSizes } from "../spec/hugepage-pools.ts";
import type { Injection, ShardSet } from "@memhp/shards";
import type { Iomem } from "../kernel/iomem.ts";
import type { MachinePages } from "../pages/machine-pages.ts";
import { flaggedRuns, hugepagesOf, meminfoKb, nodeCounters, vmstatItems, zonePagesView } from "./page-views.ts";
import type { MachineSpec } from "../spec/spec.ts";
import { zonePageset } from "./pageset.ts";
import type { StateChanges } from "../kernel/state-changes.ts";
import type { Kernel } from "@memhp/kernels";

/** What the files need of a machine. */
export interface KernelState extends BlockViewHost {
  readonly kernel: Kernel;
  readonly board: Board;
  readonly map: MemoryMap;
  readonly iomem: Iomem;
  readonly parameters: HotplugParameters;
  readonly spec: Pick<MachineSpec, "cmdline" | "distances" | "gigapages">;
  readonly pageSize: number;
  autoOnline: DefaultOnlineType;
  readonly shards: Pick<ShardSet, "groups" | "injection" | "map" | "revision" | "pages" | "endPfn">;
  /** A request to DLPAR, where the platform has it. */
  readonly dlpar?: ((text: string) => Promise<Result<void>>) | undefined;
  emit(body: EventBody): void;
  log(text: string): void;
  readonly firmwareMemmap: readonly { readonly start: number; readonly end: number; readonly type: string }[];
}

/** Fulfils the port of the sysfs adapter for a machine. What it does for a writer runs in the writer's kernel thread. */
export function kernelFiles(
  kernel: KernelState,
  pages: MachinePages,
  states: Pick<StateChanges, "online" | "offline" | "probe">,
  written: Written,
  loaded: Injection | null,
): KernelPort & { loadErrorInjection(priority: number, after: number): void; unloadErrorInjection(): void } {
  const { kernel: rules, map } = kernel;
  const distance = nodeDistance(kernel.board, kernel.spec);
  const { board, spec } = kernel;
  const { poolsKb, defaultKb } = hugepageSizes(rules, board.arch, spec, parseBootOptions(spec.cmdline));
  let injector: ReturnType<typeof createErrorInjector> | undefined;
  const errors: Record<InjectableAction, Errno | 0> = { MEM_GOING_ONLINE: 0, MEM_GOING_OFFLINE: 0 };

  if (loaded !== null) {
    loadErrorInjection(loaded.priority, loaded.after);
    for (const action of injectableActions) setInjection(action, loaded.errors[action]);
  }

  /** @param after callbacks of the host program that are on the chain already. */
  function loadErrorInjection(priority: number, after = 0): void {
    errors.MEM_GOING_ONLINE = 0;
    errors.MEM_GOING_OFFLINE = 0;
    injector = createErrorInjector({ kernel: rules, priority });
    kernel.shards.injection = { priority, errors: { ...errors }, ...(after > 0 && { after }) };
  }

  function setInjection(action: InjectableAction, errno: Errno | 0): void {
    if (injector === undefined || kernel.shards.injection === undefined)
      throw new Error("memhp bug: error injection is not loaded");
    injector.set(action, errno);
    errors[action] = errno;
    kernel.shards.injection = { ...kernel.shards.injection, errors: { ...errors } };
  }

  const index = new ReplicaIndex(kernel.shards);
  const onlineNodes = index.onlineNodes;
  const cpus = new Map(kernel.board.layout.nodes.map((node) => [node.node, node.cpus]));
  const cpusOf = (node: number): readonly number[] => cpus.get(node) ?? [];
  const cpuCount = kernel.board.layout.nodes.reduce((sum, each) => sum + each.cpus.length, 0);
  const cpuNodes = kernel.board.layout.nodes.filter((n) => n.cpus.length > 0).map((n) => n.node);
  const masks = remembered(
    () => kernel.shards.revision.map,
    () => ({
      possible: kernel.board.possibleNodes,
      online: onlineNodes().map((n) => n.id),
      hasNormalMemory: onlineNodes().flatMap((n) => (n.hasNormalMemory ? [n.id] : [])),
      hasMemory: onlineNodes().flatMap((n) => (n.hasMemory ? [n.id] : [])),
      hasCpu: cpuNodes,
      hasGenericInitiator: [],
    }),
  );
  const zoneViews = remembered(
    () => kernel.shards.revision.pages,
    () => new Map<number, ZoneView[]>(),
  );

  function zones(node: NodeMemory): ZoneView[] {
    const known = zoneViews().get(node.id);
    if (known !== undefined) return known;
    const watermarks = index.watermarks();
    const views = node.zones
      .filter((zone) => hasZone(map.arch, zone.index, rules.sysfs.deviceZone))
      .map((zone) => ({
        name: zoneName(zone.index),
        startPfn: zone.startPfn,
        spannedPages: zone.spannedPages,
        presentPages: zone.presentPages,
        managedPages: zone.managedPages,
        ...watermarks(node, zone.index),
        pageset: pageset(node, zone, watermarks(node, zone.index)),
        protection: lowmemReserve(map, node, zone.index),
        ...zonePagesView(rules, pagesOf(node.id).zones[zone.index] as ZonePages),
      }));
    zoneViews().set(node.id, views);
    return views;
  }

  /** 6.x takes pages past the per-cpu lists while a block of the zone goes offline: zone_pcp_disable (x_going_offline). */
  function pageset(node: NodeMemory, zone: NodeMemory["zones"][number], { lowPages }: Watermarks): ZoneView["pageset"] {
    const cpusOfNode = { own: cpusOf(node.id).length, all: cpuCount };
    const isDisabled = index.isLeaving(node.id, zone.index);
    return zonePageset(rules.watermarks, kernel.pageSize, zone.managedPages, lowPages, cpusOfNode, isDisabled);
  }

  const pagesOf = (node: number): NodePages => {
    const counters = kernel.shards.pages.get(node);
    if (counters === undefined) throw new Error(`memhp bug: the pages of node ${node} are not known`);
    return counters;
  };
  const managedPages = (): number =>
    onlineNodes().reduce((sum, n) => sum + n.zones.reduce((s, zone) => s + zone.managedPages, 0), 0);

  function node(id: number): NodeView | undefined {
    const found = map.nodes.get(id);
    if (found === undefined || !found.online) return undefined;
    // Each file of a node asks for a part; to count all blocks for every read of `distance` would cost milliseconds.
    return {
      id,
      cpus: cpusOf(id),
      get distances() {
        return onlineNodes().map((other) => distance(id, other.id));
      },
      get blocks() {
        return index.blocksOf(id);
      },
      get zones() {
        return zones(found);
      },
      get counters() {
        return nodeCounters(rules, pagesOf(id));
      },
      get hugepages() {
        return hugepagesOf(pagesOf(id), kernel.pageSize, poolsKb);
      },
      get meminfoKb() {
        return meminfoKb([pagesOf(id)], kernel.pageSize);
      },
    };
  }

  return {
    kernel: rules,
    blockSizeBytes: kernel.board.blockSizeBytes,
    cmdline: kernel.spec.cmdline,
    blockIds: () => map.blocks.ids(),
    block: (id) => blockViewOf(kernel, id),
    node,
    nodeMasks: masks,
    iomem: () => kernel.iomem.view(),
    firmwareMemmap: () => kernel.firmwareMemmap,
    meminfo() {
      const counters = pages.counters();
      const kb = (pages: number): number => pages * (kernel.pageSize / 1024);
      const pools = counters.flatMap((node) => hugepagesOf(node, kernel.pageSize, poolsKb));
      const ofDefault = pools.filter(({ sizeKb }) => sizeKb === defaultKb);
      return {
        totalKb: kb(managedPages()),
        freeKb: kb(counters.reduce((sum, node) => sum + node.zones.reduce((s, zone) => s + zone.freePages, 0), 0)),
        // num_poisoned_pages outlives the node that the pages were on.
        hardwareCorruptedKb: kb([...kernel.shards.pages.values()].reduce((sum, node) => sum + node.corruptedPages, 0)),
        hugePagesTotal: ofDefault.reduce((sum, pool) => sum + pool.total, 0),
        hugePagesFree: ofDefault.reduce((sum, pool) => sum + pool.free, 0),
        hugePagesSurplus: 0,
        hugetlbKb: pools.reduce((sum, pool) => sum + pool.total * pool.sizeKb, 0),
        counters: meminfoKb(counters, kernel.pageSize),
      };
    },
    vmstat: () => vmstatItems(rules, pages.counters()),
    written,
    pageblockOrder: kernel.board.arch.pageblockOrder,
    nodeDirectories: kernel.board.platform.nodeDirectories,
    endPfn: () => kernel.shards.endPfn,
    pages: async (startPfn, count) =>
      flaggedRuns(rules, await pages.runs(startPfn, count), (pfn) => map.blocks.has(Math.floor(pfn / map.blockPages))),
    pageKb: kernel.pageSize / 1024,
    defaultHugepagesKb: defaultKb,
    maxHugepages: (sizeKb) => pages.maxHugepages(sizeKb),
    async setHugepages(id, sizeKb, count) {
      await pages.setHugepages(id, sizeKb, count);
      return done(undefined);
    },
    async dropCaches(what) {
      await pages.dropCaches(what);
      return done(undefined);
    },
    online: (id, type, caller) => states.online(id, type, caller),
    onlineRemembered: (id, caller) => states.online(id, "remembered", caller),
    offline: (id, caller) => states.offline(id, caller),
    autoOnline: () => kernel.autoOnline,
    setAutoOnline: (value) => {
      kernel.autoOnline = value;
    },
    parameter: (name) => readParameter(kernel.parameters, name),
    setParameter: (name, value) => writeParameter(kernel.parameters, name, value),
    dlpar: kernel.dlpar,
    probe: (address, caller) => states.probe(address, caller),
    offlinePage: (kind, address) => pages.offlinePage(kind, address),
    hasErrorInjection: () => injector !== undefined,
    readInjection: (action) => injector?.read(action) ?? "",
    writeInjection(action, text) {
      if (injector === undefined || kernel.shards.injection === undefined)
        throw new Error("memhp bug: error injection is not loaded");
      const written = injector.write(action, text);
      const value = Number(injector.read(action));
      errors[action] = value === 0 ? 0 : -value;
      kernel.shards.injection = { ...kernel.shards.injection, errors: { ...errors } };
      return written.ok ? done(written.value) : written;
    },
    syntheticUevent: (devpath, subsystem, action, env) =>
      kernel.emit({ type: "uevent", action, devpath, subsystem, env }),
    log: (text) => kernel.log(text),
    loadErrorInjection,
    unloadErrorInjection() {
      injector = undefined;
      kernel.shards.injection = undefined;
    },
  };
}

function readParameter(parameters: HotplugParameters, name: ModuleParameter): string {
  const texts: Readonly<Record<ModuleParameter, string>> = {
    online_policy: parameters.policy,
    auto_movable_ratio: String(parameters.ratio),
    auto_movable_numa_aware: parameters.numaAware ? "Y" : "N",
    memmap_on_memory: parameters.memmapOnMemory,
  };
  return texts[name];
}

function writeParameter(parameters: HotplugParameters, name: ModuleParameter, value: string): void {
  if (name === "online_policy") parameters.policy = value === "auto-movable" ? "auto-movable" : "contig-zones";
  else if (name === "auto_movable_ratio") parameters.ratio = Number(value);
  else if (name === "auto_movable_numa_aware") parameters.numaAware = value === "Y";
}
