import { formatSize } from "@memhp/abi";
import { fail } from "@memhp/devices";
import { platformOf } from "@memhp/platforms";

/**
 * Where memory comes and goes by LMBs, boot memory and the room for more are whole LMBs too: QEMU starts no other machine (hw/ppc/spapr.c
 * spapr_validate_node_memory, from source).
 * @param sizes bytes, by their place in the description. @param lmbBytes where the description says it. @throws SpecError
 */
export function checkWholeLmbs(
  arch: string,
  sizes: readonly (readonly [where: string, bytes: number])[],
  lmbBytes: number | undefined,
): void {
  const { announces, blockSizeBytes } = platformOf(arch);
  const unit = lmbBytes ?? blockSizeBytes;
  if (announces !== "dlpar" || unit === undefined) return;
  for (const [where, bytes] of sizes)
    if (bytes % unit !== 0)
      fail(where, `expected whole LMBs, a multiple of ${formatSize(unit)}, found ${formatSize(bytes)}`);
}
