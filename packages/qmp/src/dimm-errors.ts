import { genericError, type QmpResult } from "./result.ts";

type Refusal = QmpResult<never>;
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/**
 * QEMU's texts for a DIMM that does not fit, for whoever fulfils `QmpPort.deviceAdd`. QEMU judges in the order in which
 * they stand here (hw/mem/pc-dimm.c, memory-device.c; recorded: "which rule speaks first").
 */
export const DIMM_ERRORS = {
  notWholeUnits: (unitBytes: number): Refusal =>
    genericError(`Hotplugged memory size must be a multiple of ${unitBytes / 2 ** 20} MB`),
  nvdimmOff: (): Refusal => genericError("nvdimm is not enabled: missing 'nvdimm' in '-M'"),
  nvdimmTooSmall: (memdev: string, bytes: bigint, labelBytes: bigint): Refusal =>
    genericError(
      `the size of memdev ${memdev} (${hex(bytes)}) is too small to contain nvdimm label (${hex(labelBytes)}) and aligned PMEM (0x200000)`,
    ),
  nvdimmStays: (): Refusal => genericError("nvdimm device hot unplug is not supported yet."),
  unplugInProgress: (id: string): Refusal => genericError(`Memory unplug already in progress for device ${id}`),
  duplicateBackend: (id: string): Refusal =>
    genericError(`attempt to add duplicate property '${id}' to object (type 'container')`),
  invalidSlot: (slot: number, slots: number): Refusal =>
    // QEMU prints the last slot as an unsigned number, also where there is none.
    genericError(`invalid slot number ${slot}, valid range is [0-${BigInt.asUintN(64, BigInt(slots) - 1n)}]`),
  busySlot: (slot: number): Refusal => genericError(`slot ${slot} is busy`),
  noFreeSlot: (slots: number): Refusal =>
    genericError(
      slots === 0 ? "no slots where allocated, please specify the 'slots' option" : "no free slots available",
    ),
  noMemdev: (): Refusal => genericError("'memdev' property must be set"),
  notEnoughSpace: (usedBytes: number | bigint, totalBytes: number | bigint): Refusal =>
    genericError(
      `not enough space, currently ${hex(usedBytes)} in use of total space for memory devices ${hex(totalBytes)}`,
    ),
  misalignedAddress: (alignBytes: number | bigint): Refusal =>
    genericError(`address must be aligned to ${hex(alignBytes)} bytes`),
  misalignedSize: (alignBytes: number | bigint): Refusal =>
    genericError(`backend memory size must be multiple of ${hex(alignBytes)}`),
  outOfRange: (
    addr: number | bigint,
    sizeBytes: number | bigint,
    rangeStart: number | bigint,
    rangeBytes: number | bigint,
  ): Refusal =>
    genericError(
      `can't add memory device [${hex(addr)}:${hex(sizeBytes)}], ` +
        `usable range for memory devices [${hex(rangeStart)}:${hex(rangeBytes)}]`,
    ),
  conflict: (otherId: string | undefined): Refusal =>
    genericError(`address range conflicts with memory device id='${otherId ?? "(unnamed)"}'`),
  noGap: (): Refusal =>
    genericError(
      "could not find position in guest address space for memory device - memory fragmented due to alignments",
    ),
  noSuchNode: (node: number, nodes: number): Refusal =>
    genericError(`'DIMM property node has value ${node}' which exceeds the number of numa nodes: ${nodes}`),
} as const;
