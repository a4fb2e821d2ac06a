/** Bits of _STA. */
export const STA_PRESENT = 0x1;
/** Bit of `_STA`: the device decodes its resources. */
export const STA_ENABLED = 0x2;
/** Bit of `_STA`: the device is shown to people. */
export const STA_UI = 0x4;
/** Bit of `_STA`: the device works. */
export const STA_FUNCTIONING = 0x8;
/** What the kernel takes for the status of a device without _STA. */
export const STA_DEFAULT: number = STA_PRESENT | STA_ENABLED | STA_UI | STA_FUNCTIONING;

function has(sta: number, bits: number): boolean {
  return (sta & bits) === bits;
}

/** Present or at least functional: what a bus scan asks (`[41] drivers/acpi/scan.c` acpi_device_is_present). */
export function isPresent(sta: number | undefined): boolean {
  const value = sta ?? STA_DEFAULT;
  return has(value, STA_PRESENT) || has(value, STA_FUNCTIONING);
}

/** What 6.12 asks before it takes a vanished device apart. */
export function isEnabled(sta: number | undefined): boolean {
  return has(sta ?? STA_DEFAULT, STA_PRESENT | STA_ENABLED);
}

/** What the memory driver asks before it attaches. A device without _STA fails (facts/kernel.md §6.1). */
export function isUsableMemory(sta: number | undefined): boolean {
  return sta !== undefined && has(sta, STA_PRESENT | STA_ENABLED | STA_FUNCTIONING);
}
