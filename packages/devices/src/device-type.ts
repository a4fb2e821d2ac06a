import type { ConfigSwitch, Caller, EventBody, Refusal, Result, Task } from "@memhp/abi";
import type { Acpi, AcpiDeviceDescription, HotplugOutcome } from "@memhp/acpi";
import type { PagesCallback } from "@memhp/hotplug";
import type { ByteRange } from "@memhp/platforms";
import type {
  MemoryBackends,
  MemoryDevice,
  OspmStatus,
  PcDimm,
  QemuVersion,
  QmpResult,
  VirtioMemPci,
} from "@memhp/qmp";
import type { AnyStateMachine, InspectionEvent, Observer } from "xstate";
import type { FileNode, LinkNode } from "@memhp/sysfs";
import type { DriverKernel } from "./driver-kernel.ts";
import type { SchemaPart, SchemaWords } from "./schema-part.ts";
import type { SpecPart, SpecReading } from "./spec-part.ts";

/**
 * A kind of memory device: what it adds to the specification, the firmware, the monitor and the image of a machine. A machine has a
 * list of these and knows none of them by name; `machine.device(type)` is the door to the devices of one kind.
 */
export interface DeviceType<Door = unknown, Spec = unknown, Image = unknown> {
  /** Names its part of `MachineSpec.devices` and of an image's `devices`. */
  readonly id: string;
  /** What the kernel's driver does with one such device. */
  readonly statechart: AnyStateMachine;
  /**
   * The driver's callback on the memory notifier chain, called in the shard that owns the block, with a handle on pages. It keeps nothing
   * between calls: what it must know is in the pages. Workers of your own give it to `serveShard`.
   */
  readonly callback?: PagesCallback;
  /** Its fields of `machine` as a scenario's schema describes them, each optional. */
  readonly schema?: (words: SchemaWords) => SchemaPart;
  /** Its fields of `machine` in a scenario. @throws SpecError */
  readSpec?(raw: Readonly<Record<string, unknown>>, reading: SpecReading): SpecPart<Spec>;
  /** Where the window for memory devices ends once these have room above `end`; bytes. */
  windowEnd?(spec: Spec, end: number): number;
  /**
   * Their memory where firmware tells of it as RAM from the start (DLPAR), by the first address that devices may have; bytes, `end` exclusive.
   * With ACPI the kernel finds it in the namespace.
   */
  bootRam?(
    spec: Spec,
    start: number,
  ): readonly { readonly start: number; readonly end: number; readonly node: number }[];
  /** Proximity domains that the firmware's SRAT promises memory to because of these. */
  proximityDomains?(spec: Spec): readonly number[];
  /** Checks what an image says of them, which anybody may have written; `where` leads its errors. @throws ImageError */
  checkImage?(image: unknown, where: string): void;
  /**
   * The devices of this kind in one machine.
   * @param image what `snapshot` wrote down; undefined at boot.
   * @throws SpecError for a specification that this machine cannot have.
   */
  create(host: DeviceHost, spec: Spec | undefined, image: Image | undefined): Device<Door>;
}

/** The devices of one kind in a machine. */
export interface Device<Door = unknown> {
  /** What `machine.device(type)` gives: insert, eject and what else people do with such devices. */
  readonly door: Door;
  /** What the ACPI namespace holds below `\_SB_` because of them, there or not. */
  readonly namespace: readonly AcpiDeviceDescription[];
  /** Memory that is in the machine. */
  memory(): readonly DeviceMemory[];
  /** Addresses that no other device can have, whether theirs are in the machine or not. */
  reserved(): readonly DeviceMemory[];
  /** Whether a device has this name, there or not. */
  has(id: string): boolean;
  /** The kernel evaluated _OST at a place of the namespace. @returns false for a place that is not theirs. */
  ost(path: string, source: number, status: number): boolean;
  /** The kernel evaluated _EJ0: the device is gone. @returns false for a place that is not theirs. */
  ejected(path: string): boolean;
  /** Puts in what is there before the kernel scans the namespace. @throws SpecError */
  boot?(): void;
  /** QEMU's monitor knows them. */
  readonly monitor?: DeviceMonitor;
  /** The driver that the kernel has for them as a module; absent where it has none. */
  readonly module?: DriverModule | undefined;
  /** Which kernels have a module that this one has not, in words. */
  whereIsModule?(name: string): string | undefined;
  /** The machine goes on from an image, and everything is there: what waited for time waits again. */
  goOn?(): Promise<void>;
  /** Files of theirs, by absolute path below /sys; they come and go with the devices. */
  files?(): Readonly<Record<string, FileNode | LinkNode>>;
  /** Blocks that a driver of theirs brought as memory slower than DRAM. */
  slowBlocks?(): readonly number[];
  /** Plain data, at rest. */
  snapshot(): unknown;
  /** The guest is reset: what the machine says of them from then on, and what they keep. Without it, what it said, and nothing. */
  afterReset?(): { readonly spec?: unknown; readonly image?: unknown };
}

/** A driver that is loaded by name, as insmod does. */
export interface DriverModule {
  readonly name: string;
  /** Switches without which the kernel does not have it (its Kconfig). */
  readonly needs?: readonly ConfigSwitch[];
  /** @param words parameters, `unplug_online=0`. */
  load(words: string): Promise<Result<void>>;
  /** rmmod; absent where memhp does not take it out again. */
  unload?(): Promise<Result<void>>;
}

/** Memory of a device; bytes. */
export interface DeviceMemory {
  readonly id: string;
  /** Node that the user named, where the kind has one. */
  readonly node?: number;
  /** Physical address of the first byte. */
  readonly addr: number;
  readonly sizeBytes: number;
}

/** What QEMU's monitor says of devices and does with them. Sizes in bytes. */
export interface DeviceMonitor {
  /** Ids of those in the machine, with the memory backend of each. */
  plugged(): readonly { readonly id: string; readonly memdev: string }[];
  /** `device_add` of a DIMM: answers without waiting for the guest. How that ends is in the events; `onBug` hears what memhp itself failed at. */
  add?(device: PcDimm, backends: MemoryBackends, onBug: (error: unknown) => void): QmpResult;
  /** `device_add virtio-mem-pci`, in the same way. */
  addVirtioMem?(device: VirtioMemPci, backends: MemoryBackends): QmpResult;
  /** `device_del` of one that is there. */
  remove(id: string, onBug: (error: unknown) => void): QmpResult;
  /** `qom-set` of a property of one that is there; undefined for a property that they do not have. */
  set?(id: string, property: string, value: number): QmpResult | undefined;
  /** `balloon` and `query-balloon`, where one is there; bytes that the guest keeps. */
  readonly balloon?: { request(bytes: number): QmpResult; readonly actualBytes: number } | undefined;
  /** `query-memory-devices`, by address. */
  devices(): readonly MemoryDevice[];
  /** `query-acpi-ospm-status`. */
  ospmStatus(): readonly OspmStatus[];
}

/** What a machine gives to its devices. */
export interface DeviceHost {
  readonly board: DeviceBoard;
  /** What `windowEnd` asked for, at the end of the window; bytes. */
  readonly room: ByteRange;
  /** Devices of all other kinds. */
  readonly others: {
    has(id: string): boolean;
    reserved(): readonly DeviceMemory[];
    /** As the monitor lists them. */
    devices(): readonly MemoryDevice[];
  };
  /** The kernel's ACPI code. Not there yet while devices are created. */
  readonly acpi: Acpi;
  /** Begins a kernel thread. */
  start<T>(name: string, body: () => Promise<T>, caller?: Caller): Task<T>;
  /** What the kernel does for drivers of memory devices. */
  readonly driver: DriverKernel;
  /** Hears of the actors of devices, as XState's own inspection; whoever creates one gives it this. */
  readonly inspect?: Observer<InspectionEvent>;
  /** Runs under the hotplug lock, in a kernel thread. */
  underLock<T>(body: () => Promise<T>): Promise<T>;
  /** Firmware notifies the kernel of a device: bus check, device check, eject request. Under the lock. What ACPI refuses by itself is told. */
  notify(
    device: { readonly id: string; readonly path: string },
    value: number,
    caller?: Caller,
  ): Promise<HotplugOutcome>;
  /** A hypervisor that tells the kernel of memory by DLPAR instead of ACPI; under the lock. */
  readonly dlpar?: DlparPort | undefined;
  emit(event: EventBody): void;
  /** A refusal as an event, with whose it is. */
  tell(refusal: Refusal, caller?: Caller): void;
}

/** What pseries asks of the kernel: logical memory blocks (LMBs), one after the other. Ranges are bytes. */
export interface DlparPort {
  /** One LMB, named by its first byte. */
  addOne(start: number, node: number): Promise<Result<void>>;
  removeOne(start: number, node: number): Promise<Result<void>>;
  /** Adds each LMB and brings it online. */
  add(range: ByteRange, node: number): Promise<Result<void>>;
  /** Takes each LMB offline and removes it; where one does not go, those that went come back. `gone`: how many had gone until then. */
  remove(range: ByteRange, node: number): Promise<Result<void> & { readonly gone: number }>;
}

/** What of a board concerns memory devices. */
export interface DeviceBoard {
  /** Addresses for memory devices. */
  readonly window: ByteRange;
  /** Memory that is there without any device; bytes, 0 unless told otherwise. */
  readonly memoryBytes?: number | undefined;
  /** `-m slots=`. */
  readonly slots: number;
  /** What the namespace has before the DIMM slots; a PC's unless told otherwise. */
  readonly resourceDevices?: readonly { readonly name: string; readonly uid: string }[] | undefined;
  /** Memory that is plugged in is whole units of so many bytes. */
  readonly unitBytes?: number | undefined;
  /** Number of the first PCI slot that a device of the command line gets; 1 unless told otherwise. */
  readonly firstPciSlot?: number | undefined;
  /** Nodes of the machine; 0 without NUMA. */
  readonly nodes: number;
  /** How much memory may be plugged in: `maxmem` beyond boot memory; bytes. */
  readonly roomBytes: number;
  /** Whose rules the hypervisor has; 7.2 unless told otherwise. */
  readonly qemu?: QemuVersion | undefined;
}
