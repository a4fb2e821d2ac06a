import type { Platform } from "../platform.ts";
import { arch } from "./arch.ts";
import { boards } from "./boards.ts";
import {
  bootMemory,
  deviceMemoryStart,
  firmwareRam,
  firmwareReserved,
  pciWindow,
  physicalLimit,
} from "./memory-map.ts";

/** QEMU's `q35` and `pc`. */
export const x86_64: Platform = {
  id: arch.id,
  about: "a PC as QEMU builds it (pc, q35), with ACPI memory hotplug",
  arch,
  boards: Object.keys(boards),
  board: "pc",
  maxSlots: 256,
  reservesCrashKernel: true,
  emulatesNodes: true,
  hasE820: true,
  placesRam: { from: 0 },
  announces: "acpi",
  processorSlots: true,
  nodeDirectories: ["x86"],
  // The kernel keeps page 0 for itself.
  firstPfn: 1,
  ramByNode: false,
  possibleNodesOnline: false,
  unmapped: () => [],
  hasHomelessMemory: () => false,
  bootMemory,
  firmwareRam,
  firmwareReserved,
  pciWindow,
  deviceMemoryStart,
  physicalLimit,
};
