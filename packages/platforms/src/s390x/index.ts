import { alignUp, MIB } from "@memhp/abi";
import type { BoardMemory, ByteRange, Platform } from "../platform.ts";
import { arch } from "./arch.ts";

/** QEMU's storage increment, by which SCLP counts memory. */
const INCREMENT_BYTES = MIB;
const BLOCK_BYTES = 2 ** arch.sectionSizeBits;

function bootMemory({ memoryBytes }: BoardMemory): ByteRange[] {
  return [{ start: 0, end: memoryBytes }];
}

/** QEMU's `s390-ccw-virtio` (observed-newer §5): boot memory alone, as it has no standby memory to configure. */
export const s390x: Platform = {
  id: arch.id,
  about: "QEMU's s390-ccw-virtio, boot memory that goes offline and comes back; no standby memory, no DIMMs",
  fromSource: {
    "arch.pageblockOrder": "facts §1.2: huge pages of 1 MiB",
    "arch.maxPhysmemBits": "facts §1.1",
    "standby memory": "not simulated: facts §7 name its veto, and QEMU has none to configure",
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
  // memory1 reads 128 (s_boot).
  physDevice: (block) => (block * BLOCK_BYTES) / INCREMENT_BYTES,
  unmapped: () => [],
  hasHomelessMemory: () => false,
  bootMemory,
  firmwareRam: (memory) => bootMemory(memory).map((range) => ({ ...range, type: "System RAM" })),
  firmwareReserved: () => [],
  pciWindow: () => undefined,
  deviceMemoryStart: ({ memoryBytes }) => alignUp(memoryBytes, BLOCK_BYTES),
  physicalLimit: (endOfMemory) => Math.max(2 ** arch.maxPhysmemBits, 2 ** Math.ceil(Math.log2(endOfMemory))),
};
