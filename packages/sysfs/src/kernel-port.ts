import type { KernelProfile, OnlineType, Result, ZoneName } from "@memhp/abi";

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
  readonly physDevice: number;
  /** Target of `firmware_node` relative to the block's directory, for blocks bound to an ACPI device. */
  readonly firmwareNode: string | undefined;
}

/** One zone's record for /proc/zoneinfo. All counts are pages. */
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
}

export interface NodeView {
  readonly id: number;
  readonly cpus: readonly number[];
  /** Distances to the online nodes, ascending by node id. */
  readonly distances: readonly number[];
  /** Memory blocks with a link in this node's directory, ascending. */
  readonly blocks: readonly number[];
  /** All five zones, in zone order. */
  readonly zones: readonly ZoneView[];
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
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly children: readonly IomemEntry[];
}

export interface MeminfoView {
  readonly totalKb: number;
  readonly freeKb: number;
  readonly hardwareCorruptedKb: number;
  readonly hugePagesTotal: number;
  readonly hugePagesFree: number;
}

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
  readonly profile: KernelProfile;
  readonly blockSizeBytes: number;
  readonly cmdline: string;

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

  /** A write of `online*` to `state`: plants the type and onlines the block if it is offline. */
  online(block: number, type: OnlineType): Promise<Result<Change>>;
  /** A write of 1 to `online`: onlines with the planted type. */
  onlinePlanted(block: number): Promise<Result<Change>>;
  offline(block: number): Promise<Result<Change>>;

  /** auto_online_blocks: `offline`, `online`, `online_kernel`, `online_movable`. Present where the profile has it. */
  autoOnline(): "offline" | "online" | "online_kernel" | "online_movable";
  setAutoOnline(value: "offline" | "online" | "online_kernel" | "online_movable"): void;
  parameter(name: ModuleParameter): string;
  /** Takes a value that the adapter has already found well-formed. */
  setParameter(name: ModuleParameter, value: string): void;

  /** Adds a block's worth of memory at a physical address (facts/kernel.md §2.4). */
  probe(address: number): Promise<Result<void>>;
  /** soft_offline_page and hard_offline_page: a physical address. */
  offlinePage(kind: "soft" | "hard", address: number): Promise<Result<void>>;

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
