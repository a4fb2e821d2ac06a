import { alignUp, GIB } from "@memhp/abi";
import type { BoardMemory, ByteRange, FirmwareEntry } from "../platform.ts";
import { firmwareIn } from "./firmware.ts";

/** RAM of `virt` begins at 1 GiB (n_boot_1node). */
const RAM_START = GIB;

export function bootMemory({ memoryBytes }: BoardMemory): ByteRange[] {
  return [{ start: RAM_START, end: RAM_START + memoryBytes }];
}

/** All that the kernel counts as present, mapped or not. */
export function firmwareRam(memory: BoardMemory): FirmwareEntry[] {
  const { variableStore } = firmwareIn(memory);
  const ranges = [...(variableStore === undefined ? [] : [variableStore]), ...bootMemory(memory)];
  return ranges.map((range) => ({ ...range, type: "System RAM" }));
}

/** Firmware lies at the end of the first node's memory. */
export function unmapped(memory: BoardMemory): ByteRange[] {
  const { kept, variableStore } = firmwareIn(memory);
  const end = RAM_START + (memory.nodes?.[0]?.memoryBytes ?? memory.memoryBytes);
  return [
    ...(variableStore === undefined ? [] : [variableStore]),
    ...kept.map(([from, to]) => ({ start: end - from, end: end - to })),
  ];
}

/** `NUMA: no nodes coverage for 64MB of 2112MB RAM` (a_boot_2node). */
export function hasHomelessMemory(memory: BoardMemory): boolean {
  return firmwareIn(memory).variableStore !== undefined;
}

/** Right above RAM, on a 1 GiB boundary (a_dimm_add: 0xc0000000). */
export function deviceMemoryStart({ memoryBytes }: BoardMemory): number {
  return alignUp(RAM_START + memoryBytes, GIB);
}

/** cortex-a72: 44 bits. */
export function physicalLimit(endOfMemory: number): number {
  return Math.max(2 ** 44, 2 ** Math.ceil(Math.log2(endOfMemory)));
}
