import { alignUp } from "@memhp/abi";
import { oneRange } from "../one-range.ts";
import type { Platform } from "../platform.ts";
import { arch } from "./arch.ts";

const SECTION_BYTES = 2 ** arch.sectionSizeBits;

/** No board of QEMU: memory from address 0, DIMMs by ACPI above it. */
export const ia64: Platform = {
  id: arch.id,
  about: "an Itanium with ACPI memory hotplug, sections of 1 GiB; from source, not recorded",
  fromSource: { all: "facts §1.1 to §1.4, §3.1; arch/ia64/Kconfig of 4.1.3" },
  arch,
  boards: ["itanium"],
  board: "itanium",
  maxSlots: 256,
  announces: "acpi",
  processorSlots: false,
  nodeDirectories: [],
  firstPfn: 1,
  ramByNode: false,
  possibleNodesOnline: false,
  emulatesNodes: false,
  reservesCrashKernel: false,
  blockSizeBytes: SECTION_BYTES,
  ...oneRange(),
  deviceMemoryStart: ({ memoryBytes }) => alignUp(memoryBytes, SECTION_BYTES),
  physicalLimit: () => 2 ** arch.maxPhysmemBits,
};
