import { GIB, isAligned, MIB } from "@memhp/abi";
import type { EngineKernel } from "./engine-kernel.ts";

const X86_MIN = 128 * MIB;
const X86_MAX = 2 * GIB;
const X86_LARGE = 64 * GIB;

/** What the x86 block size depends on: RAM at boot in bytes, the end of the highest RAM in bytes, and whether a hypervisor shows itself. */
export interface RamExtent {
  readonly ramBytes: number;
  readonly endBytes: number;
  readonly hypervisor: boolean;
}

/** Memory block size in bytes, fixed at boot (facts §1.4; observed-4.1 §9, observed-6 §12). */
export function memoryBlockSize({ boot }: Pick<EngineKernel, "boot">, ram: RamExtent): number {
  if (boot.x86BlockSize === "2G-from-64G" && ram.ramBytes >= X86_LARGE) return X86_MAX;
  if (ram.endBytes < X86_LARGE) return X86_MIN;
  if (boot.x86BlockSize === "2G-on-bare-metal" && !ram.hypervisor) return X86_MAX;
  for (let size = X86_MAX; size > X86_MIN; size /= 2) if (isAligned(ram.endBytes, size)) return size;
  return X86_MIN;
}
