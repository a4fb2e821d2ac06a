import type { Result } from "@memhp/abi";
import type { AcpiKernel } from "./acpi-rules.ts";
import type { MemoryRange } from "./crs.ts";

/** How a range of a memory device is added. */
export interface AddMemoryOptions {
  readonly node: number;
  /** Memory group that `registerGroup` made, or -1. */
  readonly group: number;
  /** The driver asks for the memmap to lie in the memory itself; the kernel decides. */
  readonly memmapOnMemory: boolean;
}

/** What ACPI needs of the kernel's memory hotplug core. The hotplug lock is held whenever one of these is called. */
export interface HotplugPort {
  /** add_memory for one range: EEXIST where it overlaps a resource (facts/kernel.md §5.1). */
  addMemory(range: MemoryRange, options: AddMemoryOptions): Promise<Result<void>>;
  /** Memory of a device that is there and that no driver of this kernel takes. */
  leftAlone?(ranges: readonly MemoryRange[]): void;
  /** remove_memory. A refusal is a block that is not offline, which is fatal to a kernel at this point. */
  removeMemory(range: MemoryRange, node: number): Promise<Result<void>>;
  /** One static memory group for a device; kernels with groups only. */
  registerGroup(node: number, sizeBytes: number): number;
  unregisterGroup(group: number): void;
  /** Memory blocks that exist in a range, ascending. */
  blocksOf(range: MemoryRange): readonly number[];
  /** Gives blocks their `firmware_node`, which leads to /sys and `devpath`. All or none. */
  bindBlocks(blocks: readonly number[], devpath: string): Result<void> | Promise<Result<void>>;
  unbindBlocks(blocks: readonly number[]): void | Promise<void>;
  isBlockOffline(block: number): boolean;
  /** device_offline: `false` where the block was offline already. */
  offlineBlock(block: number): Promise<Result<boolean>>;
  /** device_online with the type that the block holds, else the default. */
  onlineBlock(block: number): Promise<Result<boolean>>;
  /** Node of a proximity domain, where the kernel knows it. */
  nodeOfProximity(pxm: number): number | undefined;
  /** memory_add_physaddr_to_nid. */
  nodeOfAddress(address: number): number;
}

/** The firmware below the namespace. Devices are named by their paths: `\_SB_.MHPC.MP00`. */
export interface Firmware {
  /** Evaluation of _OST. */
  ost(path: string, source: number, status: number): void;
  /**
   * Evaluation of _EJ0(1): the machine takes the device away, and changes what _STA says. False where it fails.
   * Where it is left out, _EJ0 sets _STA of the device and of all below it to 0.
   */
  eject?(path: string): boolean | Promise<boolean>;
}

/** Whom the ACPI code asks: the kernel's memory core, the firmware, the log and the uevents. */
export interface AcpiPorts {
  readonly kernel: AcpiKernel;
  readonly memory: HotplugPort;
  readonly firmware: Firmware;
  uevent(action: string, devpath: string, subsystem: string, env?: Readonly<Record<string, string>>): void;
  log(text: string): void;
}

/** Something that the kernel itself would not survive: memory removed while it is online, or by halves of blocks. Not a bug of memhp. */
export class KernelBug extends Error {
  override readonly name = "KernelBug";
}
