import { alignUp } from "@memhp/abi";
import { oneRange } from "../one-range.ts";
import type { Platform } from "../platform.ts";
import { arch } from "./arch.ts";

/** CONFIG_MEMORY_START. */
const RAM_START = 0x0800_0000;
const SECTION_BYTES = 2 ** arch.sectionSizeBits;

/** No board of QEMU and nobody who announces memory: it comes by `probe` alone. */
export const sh: Platform = {
  id: arch.id,
  about: "a SuperH, sections of 64 MiB, memory by `probe` alone; from source, not recorded",
  fromSource: { all: "facts §1.1 to §1.4, §3.1; arch/sh/mm of 4.1.3" },
  arch,
  boards: ["superh"],
  board: "superh",
  maxSlots: 0,
  announces: "nobody",
  processorSlots: false,
  nodeDirectories: [],
  firstPfn: 0,
  ramByNode: false,
  possibleNodesOnline: false,
  emulatesNodes: false,
  reservesCrashKernel: false,
  blockSizeBytes: SECTION_BYTES,
  ...oneRange(RAM_START),
  deviceMemoryStart: ({ memoryBytes }) => alignUp(RAM_START + memoryBytes, SECTION_BYTES),
  physicalLimit: () => 2 ** arch.maxPhysmemBits,
};
