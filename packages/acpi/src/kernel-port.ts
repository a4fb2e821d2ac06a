import type { KernelProfile, Result } from "@memhp/abi";
import type { MemoryRange } from "./crs.ts";

/** What one memory device needs of the kernel, for those who keep no namespace: see `attachMemoryDevice`. */
export interface AcpiKernelPort {
  readonly profile: KernelProfile;
  /** add_memory for one range of a device: EEXIST where it overlaps a resource (facts/kernel.md §5.1). */
  addMemory(range: MemoryRange, options: { readonly node: number; readonly group: number }): Promise<Result<void>>;
  /** Binds the memory blocks of a range to the device, so that each has `firmware_node`. */
  bindBlocks(range: MemoryRange): Promise<void>;
  /** Memory blocks of a range, ascending. */
  blocksOf(range: MemoryRange): readonly number[];
  /** device_offline: `false` where the block was offline already. */
  offlineBlock(block: number): Promise<Result<boolean>>;
  /** device_online with the type that the block holds, else the default. */
  onlineBlock(block: number): Promise<Result<boolean>>;
  /** remove_memory of a range whose blocks are all offline. */
  removeMemory(range: MemoryRange, node: number): Promise<void>;
  /** Evaluation of _OST. */
  ost(source: number, status: number): void;
  /** Evaluation of _EJ0: the machine takes the device away. */
  ejectDevice(): void;
  uevent(action: string, devpath: string, subsystem: string): void;
  log(text: string): void;
}
