import type { Refusal } from "@memhp/abi";
import {
  type Check,
  fields,
  flag,
  list,
  number,
  optional,
  orNull,
  record,
  text,
  tuple,
  whole,
} from "../image-checks.ts";
import { checkSizeEvents, type SizeEventsImage } from "../size-events.ts";

/** What a driver keeps of its device, at rest. */
export interface DriverImage {
  /** Its number among virtio devices: virtioN. */
  readonly index: number;
  /** Dotted path of the statechart's state, and its context. */
  readonly state: string;
  readonly retryMs: number;
  /** When the retry timer rings; null where it does not run. */
  readonly retryAtNs: number | null;
  readonly group: number;
  /** Plugged units as first and count. */
  readonly plugged: readonly (readonly [first: number, count: number])[];
  /** Memory blocks, or big blocks, that were in use at any time: the next one is new. */
  readonly prepared: number;
  readonly hasLeftovers: boolean;
  /** Why the last shrink stopped short, by block. */
  readonly refusals: readonly Refusal[];
}

/** A device on the bus; bytes. */
export interface VirtioMemImage {
  readonly id: string;
  readonly memdev: string;
  readonly addr: number;
  readonly sizeBytes: number;
  /** Proximity domain. */
  readonly node: number;
  readonly blockBytes: number;
  readonly requestedBytes: number;
  /** Where it is on the PCI bus: `0000:00:01.0`, behind a root port `0000:00:01.0/0000:01:00.0`. */
  readonly pci: string;
  /** The root port; without it, it cannot be unplugged. */
  readonly port?: string;
  /** Its number among virtio devices, where it got one and no driver is loaded. */
  readonly index?: number;
  readonly driver?: DriverImage;
  /** MEMORY_DEVICE_SIZE_CHANGE: nothing more is told before, and what is told then; null where the last was told. */
  readonly told?: SizeEventsImage;
}

/** Parameters of the module. */
export interface ModuleImage {
  readonly unplugOnline: boolean;
  readonly forceBigBlocks: boolean;
  readonly bigBlockBytes: number;
}

export interface VirtioMemsImage {
  readonly devices: readonly VirtioMemImage[];
  /** Virtio devices that got a number so far. */
  readonly numbered: number;
  /** Absent while no driver is loaded. */
  readonly module?: ModuleImage;
}

/** What an image says of virtio-mem devices, which anybody may have written. @throws ImageError */
export const checkVirtioMemImage: Check = fields<VirtioMemsImage>({
  devices: list(
    fields<VirtioMemImage>({
      id: text,
      memdev: text,
      addr: whole,
      sizeBytes: whole,
      node: whole,
      blockBytes: whole,
      requestedBytes: whole,
      pci: text,
      port: optional(text),
      index: optional(whole),
      driver: optional(
        fields<DriverImage>({
          index: whole,
          state: text,
          retryMs: number,
          retryAtNs: orNull(number),
          group: whole,
          plugged: list(tuple(whole, whole)),
          prepared: whole,
          hasLeftovers: flag,
          refusals: list(record),
        }),
      ),
      told: optional(checkSizeEvents),
    }),
  ),
  numbered: whole,
  module: optional(fields<ModuleImage>({ unplugOnline: flag, forceBigBlocks: flag, bigBlockBytes: whole })),
});
