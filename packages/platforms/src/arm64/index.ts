import type { Platform } from "../platform.ts";
import { arch } from "./arch.ts";
import { firmwareOf } from "./firmware.ts";
import {
  bootMemory,
  deviceMemoryStart,
  firmwareRam,
  hasHomelessMemory,
  physicalLimit,
  unmapped,
} from "./memory-map.ts";

/** QEMU's `virt` with UEFI and ACPI (observed-newer §4). */
export const arm64: Platform = {
  id: arch.id,
  about: "QEMU's virt with UEFI, 4K pages, with ACPI memory hotplug where the kernel has it",
  fromSource: {
    "arch.maxNodes": "facts §1.2: NODES_SHIFT 4",
    "arch.maxPhysmemBits": "facts §1.1: the mask of 48 bits",
    physicalLimit: "44 bits of a cortex-a72 (its manual)",
    resourceDevices: "MHPD: QEMU's hw/acpi/memory_hotplug.c",
    "place of CMA":
      "not simulated: it follows no rule of size; the boot logs of one kernel and firmware have 62, 22 and 166 MiB between it and the end of memory (n_boot_1node, n_boot_2node, n_boot_4G)",
    "zones above 4 GiB": "no guest had RAM there (observed-newer §4)",
  },
  arch,
  boards: ["virt"],
  board: "virt",
  maxSlots: 256,
  reservesCrashKernel: true,
  emulatesNodes: false,
  announces: "acpi",
  // The container is PNP0A06:01 (a_dimm_add).
  resourceDevices: [{ name: "MHPD", uid: "Memory hotplug resources" }],
  // QEMU's own network card, or the recorder's line, has the first (v_bbm).
  firstPciSlot: 2,
  processorSlots: false,
  nodeDirectories: [],
  firmwareOf,
  firstPfn: 0,
  ramByNode: true,
  possibleNodesOnline: true,
  blockSizeBytes: 2 ** arch.sectionSizeBits,
  unmapped,
  hasHomelessMemory,
  bootMemory,
  firmwareRam,
  firmwareReserved: (memory) => unmapped(memory).map((range) => ({ ...range, type: "Reserved" })),
  pciWindow: () => ({ start: 0x1000_0000, end: 0x3eff_0000 }),
  deviceMemoryStart,
  physicalLimit,
};
