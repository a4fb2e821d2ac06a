import { GIB, isPowerOfTwo, maxOrderPages, pageblockPages, pagesPerSection } from "@memhp/abi";
import { platformOf, platforms } from "@memhp/platforms";
import { expect, test } from "vitest";

const { arch, ...x86_64 } = platformOf("x86_64");
const pc = (gib: number) => ({ board: "pc", memoryBytes: gib * GIB });
const q35 = (gib: number) => ({ board: "q35", memoryBytes: gib * GIB });
const ram = (memory: ReturnType<typeof pc>) => x86_64.firmwareRam(memory).map(({ start, end }) => [start, end]);

test("128 MiB sections of 32768 pages, pageblocks of 512, buddies up to 1024 pages (facts/kernel.md §1.1, §1.2)", () => {
  expect([pagesPerSection(arch), pageblockPages(arch), maxOrderPages(arch)]).toEqual([32768, 512, 1024]);
  expect(isPowerOfTwo(arch.maxNodes)).toBe(true);
});

test("ZONE_DMA ends at 16 MiB and ZONE_DMA32 at 4 GiB (facts/kernel.md §1.3)", () => {
  expect(arch.zones.map(([zone, endPfn]) => [zone, endPfn * 4096])).toEqual([
    [0, 2 ** 24],
    [1, 4 * GIB],
    [2, Number.POSITIVE_INFINITY],
  ]);
});

test("pc splits RAM at 3 GiB once there are 3.5 GiB (boot-2n-6g: bffdffff)", () => {
  expect(x86_64.bootMemory(pc(6))).toEqual([
    { start: 0, end: 3 * GIB },
    { start: 4 * GIB, end: 7 * GIB },
  ]);
  expect(ram(pc(6))).toEqual([
    [0, 0x9fc00],
    [0x100000, 0xbffe0000],
    [0x100000000, 0x1c0000000],
  ]);
});

test("q35 splits RAM at 2 GiB once there are 2.75 GiB (a_boot_64G: 7ffdffff)", () => {
  expect(x86_64.bootMemory(q35(64))[0]?.end).toBe(2 * GIB);
  expect(ram(q35(64)).at(-1)).toEqual([0x100000000, 0x1080000000]);
});

test("a small machine has its RAM in one piece below its ACPI tables (boot-1n-noncontig: 807dffff)", () => {
  expect(ram({ board: "pc", memoryBytes: 2056 * 2 ** 20 }).at(-1)).toEqual([0x100000, 0x807e0000]);
});

test("the PCI bus decodes from the end of low memory of pc (observed-4.1 §7: 80000000-febfffff), from 3 GiB on of q35", () => {
  expect(x86_64.pciWindow(pc(2))).toEqual({ start: 0x80000000, end: 0xfec00000 });
  expect(x86_64.pciWindow(q35(2))?.start).toBe(0xc0000000);
});

test("an architecture without a folder is refused with what is allowed", () => {
  for (const id of ["alpha", "riscv64", "constructor"])
    expect(() => platformOf(id)).toThrow(
      `memhp does not simulate "${id}" (allowed: x86_64, arm64, ppc64, s390x, ia64, sh)`,
    );
  expect(() => x86_64.bootMemory({ board: "virt", memoryBytes: GIB })).toThrow('unknown board "virt" (known: q35, pc)');
  expect(new Set(platforms.map(({ id }) => id)).size).toBe(platforms.length);
});
