import { archProfile, isPowerOfTwo, maxOrderPages, pageblockPages, pagesPerSection } from "@memhp/abi";
import { expect, test } from "vitest";

test("x86_64: 128 MiB sections of 32768 pages, pageblocks of 512, buddies up to 1024 pages (facts/kernel.md §1.1, §1.2)", () => {
  const arch = archProfile("x86_64");
  expect([pagesPerSection(arch), pageblockPages(arch), maxOrderPages(arch)]).toEqual([32768, 512, 1024]);
  expect(isPowerOfTwo(arch.maxNodes)).toBe(true);
});

test("what memhp does not simulate is refused with what it does", () => {
  expect(() => archProfile("ppc64")).toThrow('memhp does not simulate "ppc64" (allowed: x86_64)');
  expect(() => archProfile("constructor")).toThrow(RangeError);
});
