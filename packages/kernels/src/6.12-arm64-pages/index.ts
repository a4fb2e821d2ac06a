import { type Architecture, GIB, ZONE_DMA, ZONE_DMA32, ZONE_NORMAL } from "@memhp/abi";
import { linux612arm64 } from "../6.12-arm64/index.ts";
import type { Kernel } from "../kernel.ts";

/** The image is loaded there (arm64/arch.ts), whatever the pages are. */
const KERNEL_START = 0x4021_0000;
const BASE_SHIFT = 12;

/** A build with larger pages; `order` is that of its largest buddy and of the second level of its page tables alike. */
function withPages(
  pageShift: number,
  order: number,
  sectionSizeBits: number,
  hugepageOrders: readonly number[],
): Kernel {
  const size = `${2 ** (pageShift - 10)}k`;
  const pages = (small: number): number => Math.ceil(small / 2 ** (pageShift - BASE_SHIFT));
  const limit = (4 * GIB) / 2 ** pageShift;
  const { boot } = linux612arm64;
  const arch: Partial<Architecture> = {
    pageShift,
    sectionSizeBits,
    maxPageOrder: order,
    pageblockOrder: order,
    hugepageOrders,
    zones: [
      [ZONE_DMA, limit],
      [ZONE_DMA32, limit],
      [ZONE_NORMAL, Number.POSITIVE_INFINITY],
    ],
    kernelStartPfn: Math.floor(KERNEL_START / 2 ** pageShift),
  };
  return {
    ...linux612arm64,
    id: `6.12-arm64-${size}`,
    title: `6.12 for arm64, ${size} pages`,
    about: `Linux 6.12, arm64, ${size} pages, blocks of ${2 ** (sectionSizeBits - 20)} MiB`,
    build: { of: "6.12", flavour: `arm64-${size}`, platform: "arm64", arch },
    recordedRuns: 0,
    recordedSteps: 0,
    source: {
      release: "facts §1.1 and §1.2; arch/arm64/Kconfig",
      like: "6.12-arm64",
      differs: { boot: "the same memory in fewer pages" },
    },
    boot: {
      ...boot,
      reserve: { lowPages: pages(boot.reserve.lowPages), kernelPages: pages(boot.reserve.kernelPages) },
      memory: {
        ...boot.memory,
        imagePages: pages(boot.memory.imagePages),
        runtimePages: pages(boot.memory.runtimePages),
      },
    },
  };
}

/** Huge pages of 2 MiB, 32 MiB and 1 GiB (arch/arm64/mm/hugetlbpage.c); sections of 128 MiB, as with 4K pages. */
export const linux612arm64k16: Kernel = withPages(14, 11, 27, [7, 11, 16]);

/** Huge pages of 2 MiB, 512 MiB and 16 GiB; sections of 512 MiB. */
export const linux612arm64k64: Kernel = withPages(16, 13, 29, [5, 13, 18]);
