import { alignUp, GIB } from "@memhp/abi";
import { type ContainerSpec, withNested } from "./container-spec.ts";
import { fail } from "../spec-fields.ts";

/** A range of physical addresses; bytes, end exclusive. */
interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/** A memory device in a container, at the address where it comes up; bytes. */
export interface ContainerMemory {
  readonly id: string;
  /** Physical address of the first byte. */
  readonly addr: number;
  readonly sizeBytes: number;
}

/** The largest block that kernels choose by themselves (facts/kernel.md §1.4). */
const LARGEST_BLOCK = 2 * GIB;

/** End of the window for memory devices: the memory of containers has room above that of DIMMs, which stay where they are. */
export function endWithContainers(containers: readonly ContainerSpec[], dimmEnd: number): number {
  const bytes = totalBytes(containers);
  return bytes === 0 ? dimmEnd : alignUp(dimmEnd, LARGEST_BLOCK) + bytes;
}

/**
 * Gives each memory device in a container its address, which is the same whenever it comes. Those with an address of
 * their own may lie anywhere in the window; the others follow one another at the end of their room.
 * @throws SpecError for two at one address, or for one outside the window.
 */
export function placeContainerMemory(
  containers: readonly ContainerSpec[],
  window: AddressRange,
  roomEnd: number,
): ContainerMemory[] {
  const wanted = withNested(containers).flatMap(({ memory }) => memory);
  const fixed: ContainerMemory[] = [];
  for (const { id, sizeBytes, addr } of wanted) {
    if (addr === undefined) continue;
    const other = overlapping(fixed, addr, sizeBytes);
    if (other !== undefined) fail(`machine.containers: ${id}`, `lies on the same addresses as ${other.id}`);
    fixed.push({ id, addr, sizeBytes });
  }
  let next = roomEnd - totalBytes(containers);
  const placed = wanted.map(({ id, sizeBytes, addr }): ContainerMemory => {
    if (addr !== undefined) return { id, addr, sizeBytes };
    for (let other; (other = overlapping(fixed, next, sizeBytes)) !== undefined;) next = other.addr + other.sizeBytes;
    const memory = { id, addr: next, sizeBytes };
    next += sizeBytes;
    return memory;
  });
  for (const memory of placed) checkInside(memory, window);
  return placed;
}

function totalBytes(containers: readonly ContainerSpec[]): number {
  return withNested(containers)
    .flatMap(({ memory }) => memory)
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function checkInside({ id, addr, sizeBytes }: ContainerMemory, { start, end }: AddressRange): void {
  if (addr >= start && addr + sizeBytes <= end) return;
  const hex = (value: number): string => `0x${value.toString(16)}`;
  fail(
    `machine.containers: ${id}`,
    `${hex(addr)}-${hex(addr + sizeBytes - 1)} does not lie in the window for memory devices, ${hex(start)}-${hex(end - 1)}`,
  );
}

function overlapping(others: readonly ContainerMemory[], addr: number, sizeBytes: number): ContainerMemory | undefined {
  return others.find((other) => addr < other.addr + other.sizeBytes && other.addr < addr + sizeBytes);
}
