import type { Architecture } from "@memhp/abi";

/** A range of physical addresses; bytes, end exclusive. */
export interface ByteRange {
  /** Physical address of the first byte. */
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
}

/** One entry of the firmware memory map. */
export interface FirmwareEntry extends ByteRange {
  readonly type: "System RAM" | "Reserved" | "ACPI Tables" | "Persistent Memory (legacy)";
}

/** What of a machine decides where its memory lies. */
export interface BoardMemory {
  /** One of the platform's boards. */
  readonly board: string;
  /** Boot memory, in bytes. */
  readonly memoryBytes: number;
  /** Its shares by node, where the firmware names any; and where they lie, on platforms with `placesRam`. */
  readonly nodes?: readonly { readonly memoryBytes: number; readonly ranges?: readonly ByteRange[] }[];
  /** One of the platform's firmwares. */
  readonly firmware?: string;
}

/** A kind of machine: constants of the architecture, and how its boards lay memory out and announce it. */
export interface Platform {
  readonly id: string;
  /** What `uname -m` and traces call it, where that is not the id. */
  readonly uname?: string;
  readonly about: string;
  /** What of it no recorded run shows, by field or subject: which fact or source says so. Absent where all is recorded. */
  readonly fromSource?: Readonly<Record<string, string>>;
  readonly arch: Architecture;
  /** Boards by name; the first is that of the short form of a specification. */
  readonly boards: readonly string[];
  /** The board of who does not say. */
  readonly board: string;
  /** Memory slots that a board of QEMU has at most. */
  readonly maxSlots: number;
  /** Who tells the kernel of memory that comes and goes. */
  readonly announces: "acpi" | "dlpar" | "nobody";
  /** Devices of the ACPI namespace with the id of a container, before that of the DIMM slots. */
  readonly resourceDevices?: readonly { readonly name: string; readonly uid: string }[];
  /** Number of the first PCI slot that a device of QEMU's command line gets; 1 unless told otherwise. */
  readonly firstPciSlot?: number;
  /** The monitor's list of slots has processors too. */
  readonly processorSlots: boolean;
  /** Directories in /sys/devices/system/node/nodeK that the architecture adds, where the kernel does. */
  readonly nodeDirectories: readonly string[];
  /**
   * Which of its firmwares a machine has, for platforms whose firmware decides where memory lies.
   * @param named what the user calls it. @param bootLog lines that the kernel said on it, where somebody kept them.
   */
  firmwareOf?(named: string | undefined, bootLog: readonly string[]): string;
  /** The kernel can make nodes of its own (`numa=fake=`). */
  readonly emulatesNodes: boolean;
  /** `crashkernel=` is carried out: the kernel chooses the place as on x86_64 (kernel/crash_reserve.c). */
  readonly reservesCrashKernel: boolean;
  /** RAM is what an e820 map says (arch/x86/kernel/e820.c): `mem=` is an address and `memmap=` is read; elsewhere `mem=` is an amount. */
  readonly hasE820?: true;
  /** Whether boot memory may lie where the machine says (`ranges` of a node), and from which address on. */
  readonly placesRam?: { readonly from: number };
  /** First page that the kernel uses as memory. */
  readonly firstPfn: number;
  /** /proc/iomem lists RAM node by node; else as firmware does. */
  readonly ramByNode: boolean;
  /** The node that firmware names for memory to come is online from boot. */
  readonly possibleNodesOnline: boolean;
  /** Memory block size, where the kernel does not choose it by the amount of RAM. */
  readonly blockSizeBytes?: number;
  /** Why a board cannot have a node, boot memory or room for more of this size; undefined where it can. @param blockBytes where the machine says it */
  whyNotSize?(bytes: number, blockBytes: number | undefined): string | undefined;
  /** What `phys_device` of a block reads; 0 without it (facts §2.2). */
  physDevice?(block: number, blockBytes: number): number;
  /** Parts of boot memory that are present and that the kernel does not map: a block with one stays online. */
  unmapped(memory: BoardMemory): readonly ByteRange[];
  /** Firmware names no node for some of the memory, so that the kernel takes all for one node. */
  hasHomelessMemory(memory: BoardMemory): boolean;
  /** Where boot memory lies, in its order, with all that firmware keeps of it. */
  bootMemory(memory: BoardMemory): readonly ByteRange[];
  /** Usable boot memory, as firmware tells it. */
  firmwareRam(memory: BoardMemory): readonly FirmwareEntry[];
  /** What firmware keeps. @param endOfMemory first address above all memory that may ever be there. */
  firmwareReserved(memory: BoardMemory, endOfMemory: number): readonly FirmwareEntry[];
  /** Where the PCI bus decodes. */
  pciWindow(memory: BoardMemory): ByteRange | undefined;
  /** Where memory devices may begin. */
  deviceMemoryStart(memory: BoardMemory): number;
  /** End of the physical address space. */
  physicalLimit(endOfMemory: number): number;
}
