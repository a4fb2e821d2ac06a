import {
  archIds,
  archProfile,
  GIB,
  isPowerOfTwo,
  maxOrderPages,
  MIB,
  pageblockPages,
  pagesPerSection,
} from "@memhp/abi";
import { expect, test } from "vitest";

test("x86_64: 128 MiB sections of 32768 pages, pageblocks of 512, buddies up to 1024 pages (facts/kernel.md §1.1, §1.2)", () => {
  for (const generation of ["4.1", "6.x"] as const) {
    const arch = archProfile("x86_64", generation);
    expect([pagesPerSection(arch), pageblockPages(arch), maxOrderPages(arch)]).toEqual([32768, 512, 1024]);
    expect(arch.blockSizeBytes).toBe("from-ram");
  }
});

test("a section of s390x is 256 MiB in 4.1 and 128 MiB in 6.x (facts/kernel.md §11.20)", () => {
  expect((["4.1", "6.x"] as const).map((generation) => 2 ** archProfile("s390x", generation).sectionSizeBits)).toEqual([
    256 * MIB,
    128 * MIB,
  ]);
});

test("a section of ia64 is 1 GiB of 16 KiB pages (facts/kernel.md §1.1)", () => {
  const ia64 = archProfile("ia64", "4.1");
  expect(pagesPerSection(ia64) * 2 ** ia64.pageShift).toBe(GIB);
});

test("arm64 has no memory hotplug in 4.1 (facts/kernel.md §1.1)", () => {
  expect([archProfile("arm64", "4.1").hotplug, archProfile("arm64", "6.x").hotplug]).toEqual([false, true]);
});

test("ia64 left before 6.x; what never was is unknown too", () => {
  expect(() => archProfile("ia64", "6.x")).toThrow(
    'unknown architecture "ia64" for kernel 6.x (known: x86_64, ppc64, s390x, arm64)',
  );
  expect(() => archProfile("constructor", "4.1")).toThrow(RangeError);
});

const all = (["4.1", "6.x"] as const).flatMap((generation: Generation) =>
  archIds.filter((id) => !(id === "ia64" && generation === "6.x")).map((id) => ({ id, generation })),
);

test.for(all)(
  "$id in $generation: pageblock <= largest buddy <= section <= block, all powers of two",
  ({ id, generation }) => {
    const arch = archProfile(id, generation);
    expect(arch.id).toBe(id);
    const sectionBytes = pagesPerSection(arch) * 2 ** arch.pageShift;
    const blockBytes = arch.blockSizeBytes === "from-ram" ? sectionBytes : arch.blockSizeBytes;
    expect([sectionBytes, blockBytes, arch.maxNodes].every(isPowerOfTwo)).toBe(true);
    expect(pageblockPages(arch)).toBeLessThanOrEqual(maxOrderPages(arch));
    expect(maxOrderPages(arch)).toBeLessThanOrEqual(pagesPerSection(arch));
    expect(sectionBytes).toBeLessThanOrEqual(blockBytes);
  },
);
