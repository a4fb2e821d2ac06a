import { type PfnRange } from "@memhp/abi";
import { bootMemoryMap, type BootLayout, type BootNode, coreOptionPages, type MemoryMap } from "@memhp/engine";
import { type Kernel, kernelOf } from "../../../tools/conformance/src/kernels.ts";
import { x86_64 } from "../../../tools/conformance/src/platforms.ts";

/** Pages of a block of 128 MiB. */
export const BLOCK = 0x8000;
/** First pfn above 4 GiB: block 32. */
export const HIGH = 0x100000;
/** Pages at the end of low RAM that hold ACPI tables (observed-4.1: low RAM ends at ..ffe0). */
const ACPI_PAGES = 0x20;

const range = (startPfn: number, endPfn: number): PfnRange => ({ startPfn, endPfn });

/** RAM from 0 to `endPfn` as QEMU's firmware leaves it: without the legacy hole and the ACPI tables. */
export function lowRam(endPfn: number): PfnRange[] {
  return [range(1, 0x9f), range(0x100, endPfn - ACPI_PAGES)];
}

/** One node, 2 GiB (boot-1n). */
export const oneNode2G: readonly PfnRange[][] = [lowRam(0x80000)];
/** 3 GiB below 4 GiB and 2 GiB above (boot-1n-5g). */
export const ram5G: PfnRange[] = [...lowRam(0xc0000), range(HIGH, 0x180000)];
export const oneNode5G: readonly PfnRange[][] = [ram5G];
/** Two nodes of 1 GiB each, all below 4 GiB (boot-2n, a_boot_2node). */
export const twoNodes1G: readonly PfnRange[][] = [
  [range(1, 0x9f), range(0x100, 0x40000)],
  [range(0x40000, 0x80000 - ACPI_PAGES)],
];
/** The same node 0, and a node 1 without memory. */
export const memorylessNode1: readonly PfnRange[][] = [lowRam(0x80000), []];

export interface BootOptions {
  readonly kernelcore?: string;
  readonly movablecore?: string;
  readonly movableNode?: boolean;
  /** Ranges that the firmware marks hot-pluggable, by node. */
  readonly hotpluggable?: readonly (readonly PfnRange[])[];
  readonly cpus?: readonly number[];
  readonly blockPages?: number;
}

export function layoutOf(
  kernel: string | Kernel,
  ram: readonly (readonly PfnRange[])[],
  options: BootOptions = {},
): BootLayout {
  const linux = typeof kernel === "string" ? kernelOf(kernel) : kernel;
  const arch = x86_64;
  const totalPages = ram.flat().reduce((sum, { startPfn, endPfn }) => sum + endPfn - startPfn, 0);
  const nodes = ram.map((ranges, node): BootNode => {
    const cpus = Array.from({ length: options.cpus?.[node] ?? (node === 0 ? 1 : 0) }, (_, cpu) => cpu);
    return { node, ranges, hotpluggable: options.hotpluggable?.[node] ?? [], cpus };
  });
  return {
    kernel: linux,
    arch,
    blockPages: options.blockPages ?? BLOCK,
    nodes,
    options: {
      kernelcorePages: coreOptionPages(linux, options.kernelcore, totalPages, arch.pageShift),
      movablecorePages: coreOptionPages(linux, options.movablecore, totalPages, arch.pageShift),
      movableNode: options.movableNode ?? false,
    },
  };
}

/** A machine of x86_64 that has just booted. */
export function boot(
  kernel: string | Kernel,
  ram: readonly (readonly PfnRange[])[] = oneNode2G,
  options: BootOptions = {},
): MemoryMap {
  return bootMemoryMap(layoutOf(kernel, ram, options));
}
