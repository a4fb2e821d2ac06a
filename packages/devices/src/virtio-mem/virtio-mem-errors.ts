import { genericError, type QmpResult } from "@memhp/qmp";

type Refusal = QmpResult<never>;
const hex = (bytes: number): string => `0x${bytes.toString(16)}`;

/** QEMU's texts for virtio-mem devices (v_boot_requested, v_bbm_256M, v_hotplug_device; of an unplug that is asked for too early or twice from hw/virtio/virtio-mem.c and virtio-mem-pci.c, not recorded). */
export const VIRTIO_MEM_ERRORS = {
  notWholeBlocks: (blockBytes: number): Refusal =>
    genericError(`'requested-size' has to be multiples of 'block-size' (${hex(blockBytes)})`),
  tooLarge: (sizeBytes: number): Refusal =>
    genericError(`'requested-size' cannot exceed the memory backend size(${hex(sizeBytes)})`),
  sizeIsReadOnly: (): Refusal => genericError("Property 'virtio-mem.size' is not writable"),
  blockSizeIsFixed: (): Refusal => genericError("'block-size' cannot be changed"),
  notFound: (property: string): Refusal => genericError(`Property 'virtio-mem-pci.${property}' not found`),
  noMemdev: (): Refusal => genericError("'memdev' property is not set"),
  blockTooSmall: (leastBytes: number): Refusal =>
    genericError(`'block-size' property has to be at least ${hex(leastBytes)}`),
  blockNotPower: (): Refusal => genericError("'block-size' property has to be a power of two"),
  sizeNotWhole: (blockBytes: number): Refusal =>
    genericError(`Property 'memdev' size is not multiple of 'block-size' (${hex(blockBytes)})`),
  noSuchNode: (node: number, nodes: number): Refusal =>
    genericError(`'node' property has value '${node}', which exceeds the number of numa nodes: ${nodes}`),
  busStaysCold: (bus: string): Refusal => genericError(`Bus '${bus}' does not support hotplugging`),
  noBus: (bus: string): Refusal => genericError(`Bus '${bus}' not found`),
  slotTaken: (other: string): Refusal =>
    genericError(`PCI: slot 0 function 0 not available for virtio-mem-pci, in use by virtio-mem-pci,id=${other}`),
  neverUnplugged: (): Refusal => genericError("virtio based memory devices cannot be unplugged."),
  stillPlugged: (): Refusal =>
    genericError("virtio-mem device cannot get unplugged while some of its memory is still plugged"),
  stillPluggedBefore91: (): Refusal => genericError("virtio-mem device cannot get unplugged while 'size' != '0'"),
  stillRequested: (): Refusal => genericError("virtio-mem device cannot get unplugged while 'requested-size' != '0'"),
  unplugInProgress: (id: string): Refusal => genericError(`Device ${id} is already in the process of unplug`),
  requestInUnplug: (): Refusal =>
    genericError("'requested-size' cannot be changed if the device is in the process of unplug"),
} as const;
