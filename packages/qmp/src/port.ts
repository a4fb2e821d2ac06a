import type { QmpEvent } from "./event.ts";
import type { OspmStatus } from "./ospm-status.ts";
import type { QomKind } from "./qom.ts";
import type { Awaitable, QmpResult } from "./result.ts";
import type { QemuVersion } from "./version.ts";

/** `-object memory-backend-ram`: memory of the host that a DIMM can be made of. */
export interface MemoryBackendRam {
  readonly id: string;
  /** More than 0; up to 64 bits. */
  readonly sizeBytes: bigint;
}

/** `-device pc-dimm` or `-device nvdimm`, as the user asked for it. */
export interface PcDimm {
  /** Without it the device is anonymous, and only its path names it. */
  readonly id?: string;
  /** Its QOM path: `/machine/peripheral/d0`, `/machine/peripheral-anon/device[0]`. */
  readonly path: string;
  /** Id of its backend, which exists. Undefined: the user named none. */
  readonly memdev?: string;
  /** Undefined: the first free slot. Negative numbers come through. */
  readonly slot?: number;
  /** Proximity domain; 32 bits, unsigned. */
  readonly node: number;
  /** Undefined: the first address where it fits. */
  readonly addr?: bigint;
  /** It is an NVDIMM, which keeps so many bytes of its backend for labels. */
  readonly nvdimm?: { readonly labelBytes: bigint };
}

/** `-device virtio-mem-pci`, as the user asked for it; bytes. */
export interface VirtioMemPci {
  /** Without it the device is anonymous, and only its path names it. */
  readonly id?: string;
  /** Its QOM path. */
  readonly path: string;
  /** The root port. Undefined: the root bus. */
  readonly bus?: string;
  /** Id of its backend, which exists. Undefined: the user named none. */
  readonly memdev?: string;
  /** Proximity domain; 32 bits, unsigned. */
  readonly node: number;
  readonly blockBytes?: bigint;
  readonly requestedBytes: bigint;
}

/** A memory device as `query-memory-devices` tells it. */
export type MemoryDevice = DimmInSlot | VirtioMemDevice;

/** A virtio-mem device; bytes. */
export interface VirtioMemDevice {
  readonly type: "virtio-mem";
  readonly id?: string;
  readonly memdev: string;
  readonly addr: number | bigint;
  /** What is plugged. */
  readonly sizeBytes: number | bigint;
  readonly maxBytes: number | bigint;
  readonly blockBytes: number | bigint;
  readonly requestedBytes: number | bigint;
  readonly node: number;
}

/** A DIMM in its slot. */
export interface DimmInSlot {
  readonly type?: "dimm" | "nvdimm";
  readonly id?: string;
  readonly memdev: string;
  readonly addr: number | bigint;
  readonly sizeBytes: number | bigint;
  readonly slot: number;
  readonly node: number;
  /** False for a DIMM of the command line. */
  readonly hotplugged: boolean;
}

/** Bytes. */
export interface MemorySizeSummary {
  readonly baseBytes: number | bigint;
  readonly pluggedBytes: number | bigint;
}

/** QEMU's RunState; `running` and `paused` will do for most. */
export type RunState = "running" | "paused" | "prelaunch" | "shutdown" | (string & {});

/**
 * The machine behind the monitor. Commands come one at a time, whichever client sent them; arguments are already
 * checked as far as that needs no machine. A refusal is a result; what is thrown counts as a bug.
 */
export interface QmpPort {
  /** `-name`. */
  readonly name?: string;
  /** Which QEMU it takes after; without it, `DEFAULT_VERSION`. */
  readonly version?: QemuVersion;
  /** Simulated time. */
  nowNs(): number;
  /** The number of a device without an id, from 0; counted by the monitor where the board does not keep it. */
  takeDeviceNumber?(): number;
  runState?(): Awaitable<RunState>;
  /** What a QOM path or id names; `resolveQomPath` knows how. */
  resolve(path: string): Awaitable<QomKind | undefined>;
  /** Fails for an id in use. */
  objectAdd(backend: MemoryBackendRam): Awaitable<QmpResult>;
  /** Fails for an id that is not there, or whose DIMM is. */
  objectDel(id: string): Awaitable<QmpResult>;
  /**
   * Puts a DIMM into a slot. The id is free; the slot, the address, the node and the backend are the machine's to judge.
   * Answers without waiting for the guest.
   */
  deviceAdd(dimm: PcDimm): Awaitable<QmpResult>;
  /** The same of a virtio-mem device; a board without it has no such devices. */
  virtioMemAdd?(device: VirtioMemPci): Awaitable<QmpResult>;
  /** Asks the guest to give up a DIMM that is there: an id, or the QOM path of an anonymous device. Answers without waiting for the guest. */
  deviceDel(id: string): Awaitable<QmpResult>;
  /** Sets a property of a device that is there; undefined for one that it does not have. Answers without waiting for the guest. */
  qomSet?(id: string, property: string, value: number): Awaitable<QmpResult | undefined>;
  /** How much of its memory the guest may keep; bytes. Absent where no balloon is there. Answers without letting the guest's time pass. */
  balloon?(bytes: number): Awaitable<QmpResult>;
  /** How much it has kept; bytes. */
  balloonBytes?(): Awaitable<number>;
  /** The guest is reset. Answers without waiting for it; absent where the machine cannot. */
  systemReset?(): Awaitable<QmpResult>;
  /** By address. */
  memoryDevices(): Awaitable<readonly MemoryDevice[]>;
  ospmStatus(): Awaitable<readonly OspmStatus[]>;
  memorySizeSummary(): Awaitable<MemorySizeSummary>;
  /** `quit` has been answered. */
  quit(): void;
  /** Events in the order in which they happen; returns the end of the subscription. */
  subscribe(listener: (event: QmpEvent) => void): () => void;
}
