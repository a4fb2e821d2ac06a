/** Recorders' machines have blocks of this size. */
const BLOCK = 2 ** 27;

/**
 * How many sub-blocks of a virtio-mem block in a kernel zone can be unplugged is the kernel's chance: what is left of a block counts as
 * the whole of it.
 */
export function leftOver(bytes: unknown): unknown {
  return typeof bytes === "number" ? Math.ceil(bytes / BLOCK) * BLOCK : bytes;
}
