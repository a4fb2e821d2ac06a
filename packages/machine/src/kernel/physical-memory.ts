import type { MemoryRange } from "@memhp/acpi";
import { type Board, firmwareMap, physicalLimit } from "../board/board.ts";
import type { BootOptions } from "../spec/boot-options.ts";
import { Iomem, type Resource } from "./iomem.ts";
import type { MachineSpec } from "../spec/spec.ts";
import type { Kernel } from "@memhp/kernels";

/** One entry of /sys/firmware/memmap; bytes, end inclusive. */
export interface MemmapEntry {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/** Resources and the firmware's memory map as plain data. */
export interface PhysicalMemoryImage {
  readonly resources: readonly Resource[];
  readonly memmap: readonly MemmapEntry[];
}

export function physicalMemoryAtBoot(
  kernel: Kernel,
  spec: MachineSpec,
  board: Board,
  options: BootOptions,
): PhysicalMemoryImage {
  const pageSize = 2 ** board.arch.pageShift;
  const reserved = kernel.machine.reservedName;
  const firmware = firmwareMap(board.platform, spec, options, board.devices);
  const pci = board.platform.pciWindow(spec);
  const iomem = new Iomem(physicalLimit(board.platform, spec, board.devices));
  for (const range of board.ram)
    iomem.insert(Math.max(range.start, board.platform.firstPfn * pageSize), range.end, "System RAM");
  for (const { start, end, type } of firmware)
    if (type !== "System RAM") iomem.insert(start, end, type === "Reserved" ? reserved : type, false);
  // Resources of the kernel's own, inside RAM.
  for (const { start, end } of board.crash ?? []) iomem.insert(start, end, "Crash kernel");
  if (pci !== undefined) iomem.insert(pci.start, pci.end, "PCI Bus 0000:00", false);
  const memmap = firmware.map(({ start, end, type }) => ({
    start,
    end: end - 1,
    type: type === "Reserved" ? reserved : type,
  }));
  return { resources: iomem.snapshot(), memmap };
}

/** Who uses which physical address: the resources of /proc/iomem and the firmware's memory map. */
export class PhysicalMemory {
  readonly iomem: Iomem;
  #memmap: readonly MemmapEntry[];

  constructor({ platform, devices }: Board, spec: MachineSpec, image: PhysicalMemoryImage) {
    this.iomem = new Iomem(physicalLimit(platform, spec, devices), image.resources);
    this.#memmap = image.memmap;
  }

  snapshot(): PhysicalMemoryImage {
    return { resources: this.iomem.snapshot(), memmap: this.#memmap };
  }

  get firmwareMemmap(): readonly MemmapEntry[] {
    return this.#memmap;
  }

  /** Driver-managed memory is no memory of the firmware's (facts §5.1). */
  add({ start, size }: MemoryRange, resourceName: string, merges = false): void {
    if (merges) this.iomem.merge(start, start + size, resourceName);
    else this.iomem.insert(start, start + size, resourceName);
    if (resourceName === "System RAM")
      this.#memmap = [...this.#memmap, { start, end: start + size - 1, type: "System RAM" }];
  }

  remove({ start, size }: MemoryRange): void {
    this.iomem.release(start, start + size);
    const added = this.#memmap.findLastIndex((entry) => entry.start === start && entry.end === start + size - 1);
    this.#memmap = this.#memmap.filter((_, i) => i !== added);
  }
}
