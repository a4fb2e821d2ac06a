import type { ConfigSetting, DefaultOnlineType } from "@memhp/abi";
import type { AcpiImage } from "@memhp/acpi";
import type { BootLayout } from "@memhp/engine";
import type { Injection, MemoryImage } from "@memhp/shards";
import type { FileFaultsImage, Written } from "@memhp/sysfs";
import type { ByteRange } from "@memhp/platforms";
import type { MemmapHomes } from "../kernel/added-memmap.ts";
import type { FreshZonesImage } from "../kernel/fresh-zones.ts";
import type { PhysicalMemoryImage } from "../kernel/physical-memory.ts";
import type { RunningLoad } from "../pages/load-spec.ts";
import type { HotplugParameters } from "../spec/boot-options.ts";
import type { MachineSpec } from "../spec/spec.ts";
import type { Kernel } from "@memhp/kernels";

/** Version of the image: a reader takes its own and refuses others. */
export const IMAGE_FORMAT = "memhp-image/3";

/** What a kernel found when it booted on a board (`Board`), as plain data. */
export interface BoardImage {
  readonly blockSizeBytes: number;
  readonly ram: readonly ByteRange[];
  readonly firmware: readonly ByteRange[];
  /** Node of each proximity domain. */
  readonly proximity: readonly (readonly [domain: number, node: number])[];
  readonly possibleNodes: readonly number[];
  /** Firmware's node of each, where the kernel made its own; absent elsewhere. */
  readonly physicalNodes?: readonly number[];
  readonly nodes: BootLayout["nodes"];
  readonly options: BootLayout["options"];
}

/**
 * A machine at rest, as one plain value: it survives structuredClone and JSON. `boot` makes one, `snapshot` does, and
 * `start` goes on from it, on any number of workers, byte for byte as the machine would have.
 */
export interface MachineImage {
  readonly format: typeof IMAGE_FORMAT;
  /** The id of a kernel that memhp has, or a kernel of the caller's. */
  readonly kernel: string | Kernel;
  /** Switches that it was built with instead of its own; absent where there are none. */
  readonly config?: ConfigSetting;
  /** `early`: memory is set up, but nobody has scanned the firmware's devices or filled hugepage pools yet. `start` does. */
  readonly stage: "early" | "running";
  readonly spec: MachineSpec;
  readonly board: BoardImage;
  /** Seeds what loads draw. */
  readonly seed: number;
  /** Nodes with zones, blocks and pages; the clock. */
  readonly memory: MemoryImage;
  /** /proc/iomem and /sys/firmware/memmap. */
  readonly physical: PhysicalMemoryImage;
  /** Where the struct pages of added memory lie. */
  readonly memmapHomes: MemmapHomes;
  /** Zones that hotplug brought to life, and whether the kernel has come to use them; older images say nothing of it. */
  readonly freshZones?: FreshZonesImage;
  readonly parameters: HotplugParameters;
  readonly autoOnline: DefaultOnlineType;
  /** memory-notifier-error-inject; null while the module is not loaded. */
  readonly injection: Injection | null;
  /** Callbacks of the host program on the chain, in the order of their registration: `start` must be given them again. */
  readonly notifiers: readonly { readonly name: string; readonly priority: number }[];
  readonly acpi: AcpiImage;
  /** Memory groups that devices registered so far. */
  readonly groups: number;
  /** What each kind of memory device wrote down of itself, by the id of the kind. */
  readonly devices: Readonly<Record<string, unknown>>;
  /** What QEMU's monitor keeps beside the machine. */
  readonly monitor: MonitorImage;
  readonly loads: readonly RunningLoad[];
  /** What files do wrong on purpose, and where its generator of chance stands; absent while nobody ever made a file fail. */
  readonly faults?: { readonly draws: number; readonly files: FileFaultsImage };
  readonly written: Written;
}

/** Memory backends, sizes as decimal numbers of up to 64 bits, and how many devices came without an id. */
export interface MonitorImage {
  readonly backends: readonly { readonly id: string; readonly sizeBytes: string }[];
  readonly anonymousDevices: number;
}
