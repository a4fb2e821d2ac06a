import type { Result } from "@memhp/abi";
import type { MemoryDriver, MemoryDriverRules } from "@memhp/hotplug";
import type { ByteRange } from "@memhp/platforms";
import type { SysfsKernel } from "@memhp/sysfs";

/** Where a block of memory is in its life, as a driver knows it from the notifier chain. */
export type DriverBlockState = "absent" | "offline" | "kernel" | "movable";

/**
 * What the kernel does for drivers of memory devices: memory that comes and goes by the driver's will, not the firmware's. Ranges and
 * sizes are bytes. Each call takes the hotplug lock by itself, and is made in a kernel thread.
 */
export interface DriverKernel {
  /** Drivers that this kernel has. */
  readonly modules: MemoryDriverRules;
  /** How its attribute files take writes. */
  readonly sysfs: SysfsKernel["sysfs"];
  /** mhp_supports_memmap_on_memory: memory_hotplug.memmap_on_memory is on, and struct pages of a block fit into it. */
  readonly supportsMemmapOnMemory: boolean;
  /** Built with CONFIG_MEMORY_HOTREMOVE. */
  readonly canRemove: boolean;
  readonly blockBytes: number;
  readonly pageblockBytes: number;
  readonly sectionBytes: number;
  /** Simulated time. */
  nowNs(): number;
  /** Rings once at a time, in a kernel thread of its own, but not where it is over by then. */
  setAlarm(alarm: {
    readonly atNs: number;
    readonly name: string;
    ring(): Promise<unknown>;
    readonly isOver?: () => boolean;
  }): void;
  log(text: string): void;
  /** Node of a proximity domain. */
  nodeOf(proximity: number): number;
  stateOf(block: number): DriverBlockState;
  /** Hears of blocks that a batch of work has changed, when it has ended. */
  onBlocks(hear: (blocks: ReadonlySet<number>) => void): void;
  /** The driver's callback joins the notifier chain: it lets go of the frames that it keeps when their block goes offline. */
  joinChain(driver: MemoryDriver): Promise<void>;
  /** A resource that others may lie in (__request_mem_region, not busy). False where something else is there. */
  claimRegion(range: ByteRange, name: string): boolean;
  releaseRegion(range: ByteRange, name: string): void;
  /** memory_group_register_dynamic: memory that comes and goes in units. */
  registerGroup(node: number, unitBytes: number): number;
  /** memory_group_register_static: a device that comes as a whole. */
  registerStaticGroup(bytes: number): number;
  unregisterGroup(group: number): void;
  /** add_memory_driver_managed. `withheld`: what the driver keeps of it, under `owner`. */
  add(
    range: ByteRange,
    options: {
      readonly node: number;
      /** Memory group of a device; absent for memory that no device announced. */
      readonly group?: number;
      readonly resourceName: string;
      /** Neighbours of one name are one resource. */
      readonly merges?: boolean;
      /** Struct pages may lie on the memory itself. */
      readonly memmapOnMemory?: boolean;
      readonly owner?: string;
      readonly withheld?: readonly ByteRange[];
    },
  ): Promise<Result<void>>;
  /** remove_memory: all of it is offline. */
  remove(range: ByteRange): Promise<Result<void>>;
  /** offline_and_remove_memory: what it took offline comes back where a block refuses. */
  offlineAndRemove(range: ByteRange): Promise<Result<void>>;
  /**
   * Takes frames of one block from the allocator (alloc_contig_range) and marks them PageOffline: fake-offline. Of an offline block
   * they are kept when it goes online. @param movableTries calls before it gives up in ZONE_MOVABLE.
   */
  withhold(range: ByteRange, owner: string, movableTries: number): Promise<Result<void>>;
  /** Size of a page. */
  readonly pageBytes: number;
  /**
   * A balloon takes single pages under a name, wherever a program of the first processor's node would; with CONFIG_COMPACTION they move on
   * when somebody wants their place. @returns how many it got.
   */
  takePages(owner: string, pages: number): Promise<number>;
  /** Frees as many of them. */
  giveBackPages(owner: string, pages: number): Promise<void>;
  /** Pages that it has, by node. */
  pagesOf(owner: string): ReadonlyMap<number, number>;
  /** Gives them to the allocator again, those of an offline block when it goes online. */
  release(range: ByteRange, owner: string): Promise<void>;
}
