import {
  done,
  type Errno,
  type EventBody,
  type KernelProfile,
  type OnlineType,
  refused,
  type Result,
  zoneName,
} from "@memhp/abi";
import { slitDistance, trustedSlit } from "@memhp/acpi";
import {
  BlockFlag,
  BlockState,
  isRemovable,
  type MemoryMap,
  type NodeMemory,
  nodesOfBlock,
  type PolicyInput,
  validZones,
} from "@memhp/engine";
import { createErrorInjector, type InjectableAction } from "@memhp/notifier";
import {
  type BlockView,
  type Change,
  type KernelPort,
  type ModuleParameter,
  NO_PAGE,
  type NodeView,
  pageFlags,
  type PageRun,
  type ZoneView,
} from "@memhp/sysfs";
import type { Board } from "./board.ts";
import type { AutoOnline, HotplugParameters } from "./boot-options.ts";
import type { Iomem } from "./iomem.ts";
import type { Injection } from "./shard.ts";
import type { MachineSpec } from "./spec.ts";
import { lowmemReserve, zoneWatermarks } from "./watermarks.ts";

/** What the files need of a machine. */
export interface KernelState {
  readonly profile: KernelProfile;
  readonly board: Board;
  readonly map: MemoryMap;
  readonly iomem: Iomem;
  readonly parameters: HotplugParameters;
  readonly spec: Pick<MachineSpec, "cmdline" | "distances">;
  readonly pageSize: number;
  autoOnline: AutoOnline;
  readonly core: { policyFor(node: number): PolicyInput; injection: Injection | undefined };
  online(block: number, type: OnlineType | "planted"): Promise<Result<Change>>;
  offline(block: number): Promise<Result<Change>>;
  emit(body: EventBody): void;
  log(text: string): void;
  /** ACPI path of the device that a block is bound to, relative to the block's directory. */
  firmwareNode(block: number): string | undefined;
  readonly firmwareMemmap: readonly { readonly start: number; readonly end: number; readonly type: string }[];
  probe(address: number): Promise<Result<void>>;
}

const stateText = (state: BlockState): BlockView["state"] => {
  // There is no text for going online: the block reads offline until it is done (facts/kernel.md §2.2).
  if (state === BlockState.online) return "online";
  return state === BlockState.goingOffline ? "going-offline" : "offline";
};

/** Fulfils the port of the sysfs adapter for a machine. */
export function kernelFiles(
  kernel: KernelState,
): KernelPort & { loadErrorInjection(priority: number): void; unloadErrorInjection(): void } {
  const { profile, map } = kernel;
  const slit = trustedSlit(kernel.spec.distances);
  let injector: ReturnType<typeof createErrorInjector> | undefined;
  const errors: Record<InjectableAction, Errno | 0> = { MEM_GOING_ONLINE: 0, MEM_GOING_OFFLINE: 0 };

  const onlineNodes = (): NodeMemory[] =>
    [...map.nodes.values()].filter((node) => node.online).sort((a, b) => a.id - b.id);
  const cpusOf = (node: number): readonly number[] =>
    kernel.board.layout.nodes.find((n) => n.node === node)?.cpus ?? [];

  function block(id: number): BlockView | undefined {
    const state = map.blocks.state(id);
    if (state === BlockState.absent) return undefined;
    return {
      id,
      state: stateText(state),
      // The device flag flips only when the transition is over (facts/kernel.md §2.10).
      deviceOnline: state === BlockState.online || state === BlockState.goingOffline,
      validZones: validZones(map, id, kernel.core.policyFor(map.blocks.node(id))),
      removable: isRemovable(map, id),
      nodes: nodesOfBlock(map, id),
      physDevice: 0,
      firmwareNode: map.blocks.hasFlag(id, BlockFlag.firmware) ? kernel.firmwareNode(id) : undefined,
    };
  }

  function zones(node: NodeMemory): ZoneView[] {
    const watermarks = zoneWatermarks(profile, onlineNodes());
    return node.zones.map((zone) => ({
      name: zoneName(zone.index),
      startPfn: zone.startPfn,
      spannedPages: zone.spannedPages,
      presentPages: zone.presentPages,
      managedPages: zone.managedPages,
      freePages: zone.managedPages,
      ...watermarks(node, zone.index),
      protection: lowmemReserve(profile, node, zone.index),
      ...freeZone(zone.managedPages, zone.presentPages),
      counters: {},
    }));
  }

  /** A zone of which nothing is used. */
  function freeZone(pages: number, presentPages: number): Pick<ZoneView, "freeChunks" | "pageTypes"> {
    const { maxPageOrder, pageblockOrder } = kernel.board.arch;
    const freeChunks = Array.from({ length: maxPageOrder + 1 }, (_, order) =>
      order === maxPageOrder ? Math.floor(pages / 2 ** order) : Math.floor(pages / 2 ** order) % 2,
    );
    const pageblocks = Math.ceil(presentPages / 2 ** pageblockOrder);
    return { freeChunks, pageTypes: [{ type: "Movable", freeChunks, pageblocks }] };
  }

  const managedPages = (): number =>
    onlineNodes().reduce((sum, n) => sum + n.zones.reduce((s, zone) => s + zone.managedPages, 0), 0);
  const endBlock = (): number => [...map.blocks.ids()].reduce((_, id) => id + 1, 0);

  /** Each block as if it were free all over. */
  function pages(startPfn: number, count: number): PageRun[] {
    const { blockPages } = map;
    const runs: PageRun[] = [];
    for (let pfn = startPfn; pfn < startPfn + count;) {
      const block = Math.floor(pfn / blockPages);
      const end = Math.min((block + 1) * blockPages, startPfn + count);
      const state = map.blocks.state(block);
      const isThere = state === BlockState.online || (state !== BlockState.absent && profile.generation === "4.1");
      const free = { kind: "free", isTail: true, order: kernel.board.arch.maxPageOrder, isPoisoned: false } as const;
      runs.push({
        startPfn: pfn,
        count: end - pfn,
        flags: isThere ? pageFlags(free, profile.id) : NO_PAGE,
        mapCount: 0,
      });
      pfn = end;
    }
    return runs;
  }

  function node(id: number): NodeView | undefined {
    const found = map.nodes.get(id);
    if (found === undefined || !found.online) return undefined;
    // Each file of a node asks for a part; to count all blocks for every read of `distance` would cost milliseconds.
    return {
      id,
      cpus: cpusOf(id),
      get distances() {
        return onlineNodes().map((other) => slitDistance(slit, id, other.id));
      },
      get blocks() {
        return [...map.blocks.ids()].filter((block) => nodesOfBlock(map, block).includes(id));
      },
      get zones() {
        return zones(found);
      },
      counters: {},
      hugepages: [{ sizeKb: 2048, total: 0, free: 0, surplus: 0 }],
      meminfoKb: {},
    };
  }

  return {
    profile,
    blockSizeBytes: kernel.board.blockSizeBytes,
    cmdline: kernel.spec.cmdline,
    blockIds: () => map.blocks.ids(),
    block,
    node,
    nodeMasks: () => ({
      possible: kernel.board.possibleNodes,
      online: onlineNodes().map((n) => n.id),
      hasNormalMemory: onlineNodes()
        .filter((n) => n.hasNormalMemory)
        .map((n) => n.id),
      hasMemory: onlineNodes()
        .filter((n) => n.hasMemory)
        .map((n) => n.id),
      hasCpu: kernel.board.layout.nodes.filter((n) => n.cpus.length > 0).map((n) => n.node),
      hasGenericInitiator: [],
    }),
    iomem: () => kernel.iomem.view(),
    firmwareMemmap: () => kernel.firmwareMemmap,
    meminfo() {
      const kb = managedPages() * (kernel.pageSize / 1024);
      const noHugepages = { hugePagesTotal: 0, hugePagesFree: 0, hugePagesSurplus: 0, hugetlbKb: 0 };
      return { totalKb: kb, freeKb: kb, hardwareCorruptedKb: 0, ...noHugepages, counters: {} };
    },
    vmstat: () => ({ nr_free_pages: managedPages() }),
    pageblockOrder: kernel.board.arch.pageblockOrder,
    endPfn: () => endBlock() * map.blockPages,
    pages: async (startPfn, count) => pages(startPfn, count),
    maxHugepages: () => 0,
    // As many hugepages as there is room for, which is none: the kernel does not call that an error.
    setHugepages: async () => done(undefined),
    dropCaches: async () => done(undefined),
    online: (id, type) => kernel.online(id, type),
    onlinePlanted: (id) => kernel.online(id, "planted"),
    offline: (id) => kernel.offline(id),
    autoOnline: () => kernel.autoOnline,
    setAutoOnline: (value) => {
      kernel.autoOnline = value;
    },
    parameter: (name) => readParameter(kernel.parameters, name),
    setParameter: (name, value) => writeParameter(kernel.parameters, name, value),
    probe: (address) => kernel.probe(address),
    // Single pages come with the page engine.
    offlinePage: async () =>
      refused({
        errno: "ENXIO",
        code: "no_ram_resource",
        rule: "facts §2.5",
        retry: "no",
        remedy: ["write an address inside memory"],
      }),
    hasErrorInjection: () => injector !== undefined,
    readInjection: (action) => injector?.read(action) ?? "",
    writeInjection(action, text) {
      if (injector === undefined || kernel.core.injection === undefined)
        throw new Error("memhp bug: error injection is not loaded");
      const written = injector.write(action, text);
      const value = Number(injector.read(action));
      errors[action] = value === 0 ? 0 : -value;
      kernel.core.injection = { ...kernel.core.injection, errors: { ...errors } };
      return written.ok ? done(written.value) : written;
    },
    syntheticUevent: (devpath, subsystem, action, env) =>
      kernel.emit({ type: "uevent", action, devpath, subsystem, env }),
    log: (text) => kernel.log(text),
    loadErrorInjection(priority) {
      errors.MEM_GOING_ONLINE = 0;
      errors.MEM_GOING_OFFLINE = 0;
      injector = createErrorInjector({ profile, priority });
      kernel.core.injection = { priority, errors: { ...errors } };
    },
    unloadErrorInjection() {
      injector = undefined;
      kernel.core.injection = undefined;
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
