import type { Architecture } from "@memhp/abi";

/** A range of physical addresses; bytes, end exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** One entry of the firmware memory map. */
export interface FirmwareEntry extends ByteRange {
  readonly type: "System RAM" | "Reserved";
}

/** What of a machine decides where its memory lies. */
export interface BoardMemory {
  /** One of the platform's boards. */
  readonly board: string;
  /** Boot memory, in bytes. */
  readonly memoryBytes: number;
}

/** A kind of machine: constants of the architecture, and how its boards lay memory out and announce it. */
export interface Platform {
  readonly id: string;
  readonly about: string;
  readonly arch: Architecture;
  /** Boards by name; the first is that of the short form of a specification. */
  readonly boards: readonly string[];
  /** Who tells the kernel of memory that comes and goes. */
  readonly announces: "acpi";
  /** Directories in /sys/devices/system/node/nodeK that the architecture adds, where the kernel does. */
  readonly nodeDirectories: readonly string[];
  /** Where boot memory lies, in its order, with all that firmware keeps of it. */
  bootMemory(memory: BoardMemory): readonly ByteRange[];
  /** Usable boot memory, as firmware tells it. */
  firmwareRam(memory: BoardMemory): readonly FirmwareEntry[];
  /** What firmware keeps. @param endOfMemory first address above all memory that may ever be there. */
  firmwareReserved(memory: BoardMemory, endOfMemory: number): readonly FirmwareEntry[];
  /** Where the PCI bus decodes. */
  pciWindow(memory: BoardMemory): ByteRange;
  /** Where memory devices may begin. */
  deviceMemoryStart(memory: BoardMemory): number;
  /** End of the physical address space. */
  physicalLimit(endOfMemory: number): number;
}
