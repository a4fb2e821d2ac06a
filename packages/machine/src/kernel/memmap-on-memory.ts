import { formatSize, pageblockPages, STRUCT_PAGE_BYTES } from "@memhp/abi";
import type { Kernel } from "@memhp/kernels";
import type { Board } from "../board/board.ts";
import type { HotplugParameters } from "../spec/boot-options.ts";

/** What decides where the struct pages of added memory lie. */
export interface MemmapRules {
  readonly kernel: Kernel;
  readonly board: Board;
  /** memory_hotplug.memmap_on_memory as it is now. */
  readonly parameters: Pick<HotplugParameters, "memmapOnMemory">;
}

/** Pages of each block of memory of a size that hold its own memmap: 64 bytes for each page (facts §5.3; observed-6 §4, §13). */
export function altmapPages({ kernel, board, parameters }: MemmapRules, sizeBytes: number): number {
  const { memmapOnMemory } = kernel.add;
  if (parameters.memmapOnMemory === "N" || memmapOnMemory === "absent") return 0;
  if (memmapOnMemory === "one-block-dimm" && sizeBytes !== board.blockSizeBytes) return 0;
  const pageSize = 2 ** board.arch.pageShift;
  const blockPages = board.blockSizeBytes / pageSize;
  const pageblock = pageblockPages(board.arch);
  const pages = Math.ceil((blockPages * STRUCT_PAGE_BYTES) / pageSize);
  // What follows in the block must begin at a pageblock; `force` wastes the rest of one.
  const reserved = Math.ceil(pages / pageblock) * pageblock;
  if (reserved !== pages && parameters.memmapOnMemory !== "force") return 0;
  return reserved < blockPages ? reserved : 0;
}

/** What leaves room for struct pages, by what the kernel can do and does already. */
export function roomForMemmap({ kernel, board, parameters }: MemmapRules, group: number): string[] {
  const { memmapOnMemory } = kernel.add;
  const freed = "end a load that holds kernel memory";
  const smaller = "plug in smaller DIMMs, each onlined before the next";
  if (group < 0 || memmapOnMemory === "absent") return [freed, smaller];
  const block = formatSize(board.blockSizeBytes);
  if (memmapOnMemory === "one-block-dimm") {
    const alone = `plug in DIMMs of one block (${block}), each onlined before the next: memory_hotplug.memmap_on_memory`;
    return parameters.memmapOnMemory === "N"
      ? [freed, `${alone}=1, given at boot, serves no others`]
      : [freed, `${alone} serves no others`];
  }
  const word = parameters.memmapOnMemory === "N" ? "1" : "force";
  return [freed, `boot with memory_hotplug.memmap_on_memory=${word}`, smaller];
}
