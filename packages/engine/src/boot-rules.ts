import type { KernelMemoryRules } from "./kernel-memory-rules.ts";

/** What one kernel does with memory at boot, as data. */
export interface BootRules {
  /** The x86 memory block size: 2 GiB from 64 GiB of RAM on (4.1), or on bare metal (5.10); else, and always, what the end of RAM allows (facts §1.4). */
  readonly x86BlockSize: "2G-from-64G" | "by-end" | "2G-on-bare-metal";
  /** movablecore larger than RAM wraps (4.1) or clamps (facts §8.1 step 3). */
  readonly movablecoreOverflow: "wraps" | "clamps";
  /** kernelcore larger than RAM still runs the distribution (4.1) or means no ZONE_MOVABLE (facts §8.1 step 4). */
  readonly kernelcoreOverflow: "distributes" | "ignored";
  /** ZONE_MOVABLE that would start at or after the node's end is dropped (facts §8.1 step 8). */
  readonly movableStartAtNodeEnd: "kept" | "dropped";
  /** `kernelcore=nn%`, `kernelcore=mirror` (facts §8). */
  readonly kernelcorePercent: boolean;
  /**
   * Pages that boot keeps: of the first megabyte, and for image, initrd and early allocations besides the memmap. What
   * present exceeds managed by in recorded machines of 2 GiB (4.1: boot-1n; observed-6 §4).
   */
  readonly reserve: { readonly lowPages: number; readonly kernelPages: number };
  /** Where the kernel's own memory lies after boot, and how much it is. */
  readonly memory: KernelMemoryRules;
  /** Node and zone that struct pages of a hole carry: those of the memory next to it (b_fuzz_kernelcore), or only inside a zone's span (observed-4.1 Q7). */
  readonly holeHome: "neighbour" | "inside-span";
}
