import { alignUp, MIB } from "@memhp/abi";
import { oneRange } from "../one-range.ts";
import type { Platform } from "../platform.ts";
import { arch } from "./arch.ts";

/** QEMU's storage increment, by which SCLP counts memory. */
const INCREMENT_BYTES = MIB;
const BLOCK_BYTES = 2 ** arch.sectionSizeBits;

/** QEMU's `s390-ccw-virtio` (observed-newer §5), which has no standby memory; z/VM and LPARs have (from source). */
export const s390x: Platform = {
  id: arch.id,
  about: "QEMU's s390-ccw-virtio, boot memory that goes offline and comes back, standby memory; no DIMMs",
  fromSource: {
    "arch.pageblockOrder": "facts §1.2: huge pages of 1 MiB",
    "arch.maxPhysmemBits": "facts §1.1",
    "standby memory":
      "drivers/s390/char/sclp_mem.c of 6.19 (peer-programs §8): QEMU has none to configure; of earlier kernels, which add all of it at boot, not simulated",
  },
  arch,
  boards: ["s390-ccw-virtio"],
  board: "s390-ccw-virtio",
  maxSlots: 0,
  announces: "nobody",
  processorSlots: false,
  nodeDirectories: [],
  firstPfn: 0,
  ramByNode: false,
  possibleNodesOnline: false,
  emulatesNodes: false,
  reservesCrashKernel: false,
  // The larger of section and increment (facts §1.4).
  blockSizeBytes: BLOCK_BYTES,
  // Start by storage increment: memory1 reads 128 (s_boot). A block larger than a section is one increment, as z/VM has (facts §1.4, from source).
  physDevice: (block, blockBytes) => (blockBytes > BLOCK_BYTES ? block : (block * blockBytes) / INCREMENT_BYTES),
  ...oneRange(),
  deviceMemoryStart: ({ memoryBytes }) => alignUp(memoryBytes, BLOCK_BYTES),
  physicalLimit: (endOfMemory) => Math.max(2 ** arch.maxPhysmemBits, 2 ** Math.ceil(Math.log2(endOfMemory))),
};
