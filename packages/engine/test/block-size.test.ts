import { GIB, isAligned, isPowerOfTwo, MIB } from "@memhp/abi";
import { memoryBlockSize } from "@memhp/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kernelOf } from "../../../tools/conformance/src/kernels.ts";

interface Ram {
  readonly ram: number;
  /** End of the highest RAM; as `ram` where there is no hole. */
  readonly end?: number;
  readonly hypervisor?: boolean;
}

function blockSize(kernel: string, { ram, end = ram, hypervisor = true }: Ram): number {
  return memoryBlockSize(kernelOf(kernel), { ramBytes: ram, endBytes: end, hypervisor });
}

describe("4.1 on x86_64 (facts §1.4)", () => {
  test("RAM that ends below 64 GiB makes blocks of 128 MiB (boot-1n-5g)", () => {
    expect(blockSize("4.1", { ram: 5 * GIB, end: 6 * GIB })).toBe(128 * MIB);
    expect(blockSize("4.1", { ram: 63 * GIB, end: 64 * GIB - 1 })).toBe(128 * MIB);
  });

  test("an end of 64 GiB to the byte is large enough to look for a divisor", () => {
    expect(blockSize("4.1", { ram: 60 * GIB, end: 64 * GIB })).toBe(2 * GIB);
    expect(blockSize("6.1", { ram: 60 * GIB, end: 64 * GIB })).toBe(2 * GIB);
  });

  test("64 GiB less the firmware's share, ending at 65 GiB, makes blocks of 1 GiB: the largest power of two that divides the end (y-block-1g)", () => {
    expect(blockSize("4.1", { ram: 64 * GIB - 0x81000, end: 65 * GIB })).toBe(GIB);
  });

  test("64 GiB of usable pages make blocks of 2 GiB, whatever the end (y-block-2g)", () => {
    expect(blockSize("4.1", { ram: 66 * GIB - 0x81000, end: 67 * GIB })).toBe(2 * GIB);
    expect(blockSize("4.1", { ram: 64 * GIB, end: 65 * GIB + 128 * MIB })).toBe(2 * GIB);
  });

  test.for([
    [66 * GIB, 2 * GIB],
    [65 * GIB, GIB],
    [64 * GIB + 512 * MIB, 512 * MIB],
    [64 * GIB + 256 * MIB, 256 * MIB],
    [64 * GIB + 128 * MIB, 128 * MIB],
    [64 * GIB + 64 * MIB, 128 * MIB],
  ] as const)("less than 64 GiB of RAM that ends at %d makes blocks of %d", ([end, size]) => {
    expect(blockSize("4.1", { ram: 60 * GIB, end })).toBe(size);
  });

  test("bare metal is no case of its own", () => {
    expect(blockSize("4.1", { ram: 60 * GIB, end: 65 * GIB, hypervisor: false })).toBe(GIB);
  });
});

describe("6.x on x86_64 (facts §1.4: 5.15..6.12)", () => {
  test.for(["6.1", "6.12"] as const)(
    "%s: RAM that ends below 64 GiB makes blocks of 128 MiB (observed-6 §12)",
    (id) => {
      expect(blockSize(id, { ram: 8 * GIB, end: 9 * GIB })).toBe(128 * MIB);
      expect(blockSize(id, { ram: 8 * GIB, end: 9 * GIB, hypervisor: false })).toBe(128 * MIB);
    },
  );

  test("a guest's RAM that ends at 66 GiB makes blocks of 2 GiB (a_boot_64G)", () => {
    expect(blockSize("6.1", { ram: 64 * GIB, end: 66 * GIB })).toBe(2 * GIB);
  });

  test("64 GiB of RAM are not enough by themselves any more: the end of a guest's RAM decides", () => {
    expect(blockSize("6.1", { ram: 80 * GIB, end: 81 * GIB })).toBe(GIB);
    expect(blockSize("6.1", { ram: 80 * GIB, end: 81 * GIB + 128 * MIB })).toBe(128 * MIB);
  });

  test("bare metal takes 2 GiB outright, aligned or not (a_boot_64G_baremetal)", () => {
    expect(blockSize("6.1", { ram: 64 * GIB, end: 66 * GIB, hypervisor: false })).toBe(2 * GIB);
    expect(blockSize("6.12", { ram: 64 * GIB, end: 65 * GIB + 128 * MIB, hypervisor: false })).toBe(2 * GIB);
  });
});

test("property: a block is a power of two of 128 MiB to 2 GiB, and one that was searched for divides the end of RAM", () => {
  const ram = fc.integer({ min: 1, max: 4096 }).map((sections) => sections * 128 * MIB);
  const hole = fc.integer({ min: 0, max: 64 }).map((sections) => sections * 128 * MIB);
  fc.assert(
    fc.property(fc.constantFrom<string>("4.1", "6.1"), ram, hole, fc.boolean(), (id, bytes, gap, hypervisor) => {
      const end = bytes + gap;
      const size = blockSize(id, { ram: bytes, end, hypervisor });
      expect(isPowerOfTwo(size)).toBe(true);
      expect(size).toBeGreaterThanOrEqual(128 * MIB);
      expect(size).toBeLessThanOrEqual(2 * GIB);
      const isOutright = id === "4.1" ? bytes >= 64 * GIB : end >= 64 * GIB && !hypervisor;
      if (isOutright) expect(size).toBe(2 * GIB);
      else expect(isAligned(end, size)).toBe(true);
      if (!isOutright && end >= 64 * GIB && size < 2 * GIB) expect(isAligned(end, size * 2)).toBe(false);
    }),
    { seed: 14 },
  );
});
