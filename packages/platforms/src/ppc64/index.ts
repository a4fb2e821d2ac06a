import { alignUp, formatSize, GIB, MIB } from "@memhp/abi";
import { oneRange } from "../one-range.ts";
import type { Platform } from "../platform.ts";
import { arch } from "./arch.ts";

/** A logical memory block, by which DLPAR adds and removes: also the memory block (ibm,lmb-size). */
const LMB_BYTES = 256 * MIB;

/** QEMU's `pseries` (observed-newer §3). */
export const ppc64: Platform = {
  id: arch.id,
  uname: "ppc64le",
  about: "QEMU's pseries, radix MMU, 4K pages, with DLPAR instead of ACPI",
  fromSource: {
    "arch.maxNodes": "facts §1.2: NODES_SHIFT 8",
    "arch.maxPhysmemBits": "facts §1.1",
    physicalLimit: "facts §1.1: MAX_PHYSMEM_BITS",
    whyNotSize: "QEMU's hw/ppc/spapr.c: spapr_validate_node_memory",
    maxSlots:
      "QEMU's hw/ppc/spapr.c: SPAPR_MAX_RAM_SLOTS under TCG; under KVM half of its memory slots, where that is more",
  },
  arch,
  boards: ["pseries"],
  board: "pseries",
  maxSlots: 32,
  reservesCrashKernel: false,
  emulatesNodes: false,
  announces: "dlpar",
  processorSlots: false,
  nodeDirectories: [],
  firstPfn: 0,
  ramByNode: true,
  possibleNodesOnline: false,
  blockSizeBytes: LMB_BYTES,
  whyNotSize: (bytes, lmbBytes = LMB_BYTES) =>
    bytes % lmbBytes === 0
      ? undefined
      : `expected whole LMBs, a multiple of ${formatSize(lmbBytes)}, found ${formatSize(bytes)}`,
  ...oneRange(),
  // Right above boot memory (p_dimm_add: 0x80000000 with 2G).
  deviceMemoryStart: ({ memoryBytes }) => alignUp(memoryBytes, GIB),
  physicalLimit: (endOfMemory) => Math.max(2 ** arch.maxPhysmemBits, 2 ** Math.ceil(Math.log2(endOfMemory))),
};
