import type { IomemEntry } from "./kernel-port.ts";

/** Below this depth the kernel indents no further. */
const MAX_LEVEL = 5;

/** /proc/iomem: `%*s%08llx-%08llx : %s`, two blanks for each level (facts/kernel.md §9.1). */
export function iomem(entries: readonly IomemEntry[], level = 0): string {
  return entries
    .map(({ start, end, name, children }) => {
      const line = `${"  ".repeat(Math.min(level, MAX_LEVEL))}${address(start)}-${address(end)} : ${name}\n`;
      return line + iomem(children, level + 1);
    })
    .join("");
}

function address(bytes: number): string {
  return bytes.toString(16).padStart(8, "0");
}
