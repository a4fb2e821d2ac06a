import type { Caller, DefaultOnlineType, MigrateType, OnlineType, Result, ZoneName } from "@memhp/abi";
import type { SysfsKernel } from "./sysfs-rules.ts";
import type { Written } from "./written.ts";

/** A memory block as its files show it. */
export interface BlockView {
  readonly id: number;
  readonly state: "online" | "offline" | "going-offline";
  /** dev->offline of the driver core, inverted: what `online` reads. */
  readonly deviceOnline: boolean;
  /** Text of `valid_zones` without its newline. */
  readonly validZones: string;
  readonly removable: boolean;
  /** Nodes that the block has pages on, ascending. */
  readonly nodes: readonly number[];
  /** What `phys_device` reads. */
  readonly physDevice: number;
  /** Target of `firmware_node` relative to the block's directory, for blocks bound to an ACPI device. */
  readonly firmwareNode: string | undefined;
}

/** Items of /proc/vmstat and its relatives by the kernel's name: `nr_mlock`. What is not named prints 0. */
export type Counters = Readonly<Record<string, number>>;

/** A zone's pageblocks of one migratetype. */
export interface PageTypeView {
  readonly type: MigrateType;
  /** Free chunks by order, as `ZoneView.freeChunks`. */
  readonly freeChunks: readonly number[];
  readonly pageblocks: number;
}

/** Per-cpu page lists of a zone, the same for every processor. No page waits on them in memhp, so their count is 0. */
export interface PagesetView {
  /** Pages. */
  readonly high: number;
  /** Pages. */
  readonly batch: number;
  /** How far a processor's counters may run ahead of the zone's. */
  readonly statThreshold: number;
}

/** One zone's record for /proc/zoneinfo, buddyinfo and pagetypeinfo. All counts are pages unless said. */
export interface ZoneView {
  readonly name: ZoneName;
  readonly startPfn: number;
  readonly spannedPages: number;
  readonly presentPages: number;
  readonly managedPages: number;
  readonly freePages: number;
  readonly minPages: number;
  readonly lowPages: number;
  readonly highPages: number;
  readonly promoPages: number;
  readonly protection: readonly number[];
  readonly pageset: PagesetView;
  /** Free chunks by order, from 0 to the largest; those of isolated pageblocks included. */
  readonly freeChunks: readonly number[];
  /** What the zone has of each migratetype; one that is not there prints 0. */
  readonly pageTypes: readonly PageTypeView[];
  /** The zone's own items; `nr_free_pages` is `freePages`. */
  readonly counters: Counters;
}

/** The pool of one hugepage size on one node. */
export interface HugepagesView {
  readonly sizeKb: number;
  /** Hugepages. */
  readonly total: number;
  /** Hugepages. */
  readonly free: number;
  /** Hugepages. */
  readonly surplus: number;
}

/** A NUMA node as its files show it. */
export interface NodeView {
  readonly id: number;
  readonly cpus: readonly number[];
  /** Distances to the online nodes, ascending by node id. */
  readonly distances: readonly number[];
  /** Memory blocks with a link in this node's directory, ascending. */
  readonly blocks: readonly number[];
  /** All five zones, in zone order. */
  readonly zones: readonly ZoneView[];
  /** The node's own items of 6.x; 4.1 keeps all of them in its zones. */
  readonly counters: Counters;
  /** By size, ascending: a directory `hugepages-2048kB` for each. */
  readonly hugepages: readonly HugepagesView[];
  /** Lines of nodeK/meminfo by name, in kB: `AnonPages`. What is not named prints 0, but for what the zones tell. */
  readonly meminfoKb: Counters;
}

/** Node sets behind /sys/devices/system/node/*. */
export interface NodeMasks {
  readonly possible: readonly number[];
  readonly online: readonly number[];
  readonly hasNormalMemory: readonly number[];
  readonly hasMemory: readonly number[];
  readonly hasCpu: readonly number[];
  readonly hasGenericInitiator: readonly number[];
}

/** A resource of /proc/iomem; bytes, `end` inclusive. */
export interface IomemEntry {
  /** Physical address of the first byte. */
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly children: readonly IomemEntry[];
}

/** What /proc/meminfo prints, in kB and in hugepages. */
export interface MeminfoView {
  readonly totalKb: number;
  readonly freeKb: number;
  readonly hardwareCorruptedKb: number;
  /** Of the default size, as the next two. */
  readonly hugePagesTotal: number;
  /** Hugepages of the default size. */
  readonly hugePagesFree: number;
  /** Hugepages of the default size. */
  readonly hugePagesSurplus: number;
  /** All hugepages of all sizes (6.x). */
  readonly hugetlbKb: number;
  /**
   * Other lines by name, in kB: `AnonPages`. What is not named prints 0, and `MemAvailable` what is free; nothing is
   * added up, so `Slab` and `Active` are named beside their parts.
   */
  readonly counters: Counters;
}

/** Frames in a row that look the same in /proc/kpageflags and /proc/kpagecount. */
export interface PageRun {
  readonly startPfn: number;
  readonly count: number;
  /** The sum of 2^bit over the bits that are set: all of `KPF` fits a number, but not its bitwise operators. */
  readonly flags: number;
  /** Page tables that map each page. 4.1 can show a negative one: -127 for the first page of a free chunk. */
  readonly mapCount: number;
}

/** Bits of a write to drop_caches: page cache 1, reclaimable slab 2. */
export type DropCaches = 1 | 2 | 3;

/** /sys/module/memory_hotplug/parameters, as the files print them. */
export type ModuleParameter = "online_policy" | "auto_movable_ratio" | "auto_movable_numa_aware" | "memmap_on_memory";

/** What a change of state came to: the block changed, or had that state already. */
export type Change = "changed" | "unchanged";

/**
 * What the sysfs adapter needs of a kernel. Reads are answered at once from what the kernel
 * knows; writes that take simulated time are promises. A machine fulfils it; a test may do so
 * with a few lines.
 */
export interface KernelPort {
  readonly kernel: SysfsKernel;
  readonly blockSizeBytes: number;
  readonly cmdline: string;
  readonly pageblockOrder: number;
  /** Directories that the architecture adds to each node. */
  readonly nodeDirectories: readonly string[];
  /** Where files keep what they only read back; a tree of its own without it. */
  readonly written?: Written;

  /** Ids of the memory blocks, ascending. */
  blockIds(): Iterable<number>;
  /** A block, or undefined where it does not exist. */
  block(id: number): BlockView | undefined;
  nodeMasks(): NodeMasks;
  /** A node that is online, or undefined. */
  node(id: number): NodeView | undefined;
  iomem(): readonly IomemEntry[];
  /** /sys/firmware/memmap entries in order. */
  firmwareMemmap(): readonly { readonly start: number; readonly end: number; readonly type: string }[];
  meminfo(): MeminfoView;
  /** Items of /proc/vmstat, those of zones and nodes summed up. */
  vmstat(): Counters;
  /**
   * max_pfn: one past the highest pfn with a struct page. A hot-remove does not lower it. Later kernels round it up to a
   * section (fs/proc/page.c get_max_dump_pfn).
   */
  endPfn(): number;
  /** Runs that cover the frames asked for, ascending, without a gap; a frame without a struct page is KPF_NOPAGE. */
  pages(startPfn: number, count: number): Promise<readonly PageRun[]>;
  /** Size of a page; 4 kB unless told otherwise. */
  readonly pageKb?: number;
  /** Size of the default pool; 2048 kB unless told otherwise. */
  readonly defaultHugepagesKb?: number;
  /** h->max_huge_pages, which /proc/sys/vm/nr_hugepages reads. On 4.1 it keeps what an offline has dissolved (4.1: offline-hugetlb). */
  maxHugepages(sizeKb: number): number;

  /** A write of `online*` to `state`: leaves its type and onlines the block if it is offline. */
  online(block: number, type: OnlineType, caller: Caller): Promise<Result<Change>>;
  /** A write of 1 to `online`: onlines with the remembered type. */
  onlineRemembered(block: number, caller: Caller): Promise<Result<Change>>;
  offline(block: number, caller: Caller): Promise<Result<Change>>;

  /** auto_online_blocks: `offline`, `online`, `online_kernel`, `online_movable`. Present where the profile has it. */
  autoOnline(): DefaultOnlineType;
  setAutoOnline(value: DefaultOnlineType): void;
  parameter(name: ModuleParameter): string;
  /** Takes a value that the adapter has already found well-formed. */
  setParameter(name: ModuleParameter, value: string): void;

  /** Adds a block's worth of memory at a physical address (facts/kernel.md §2.4). */
  probe(address: number, caller: Caller): Promise<Result<void>>;
  /** A request to /sys/kernel/dlpar, where the platform has it. */
  readonly dlpar?: ((text: string, caller: Caller) => Promise<Result<void>>) | undefined;
  /** soft_offline_page and hard_offline_page: a physical address. */
  offlinePage(kind: "soft" | "hard", address: number): Promise<Result<void>>;

  /** A write to an `nr_hugepages` file; `node` undefined is the whole machine. */
  setHugepages(node: number | undefined, sizeKb: number, count: number): Promise<Result<void>>;
  dropCaches(what: DropCaches): Promise<Result<void>>;

  /** True once the error injection module is loaded; then its debugfs files exist. */
  hasErrorInjection(): boolean;
  readInjection(action: "MEM_GOING_ONLINE" | "MEM_GOING_OFFLINE"): string;
  /** A write of text to an `error` file; the answer is the number of bytes taken. */
  writeInjection(action: "MEM_GOING_ONLINE" | "MEM_GOING_OFFLINE", text: string): Result<number>;

  /** Sends a synthetic uevent, as a write to a `uevent` file asks for. */
  syntheticUevent(devpath: string, subsystem: string, action: string, env: Readonly<Record<string, string>>): void;
  /** A line for the kernel log. */
  log(text: string): void;
}
