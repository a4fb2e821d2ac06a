import { GIB, MIB } from "@memhp/abi";
import { platformOf } from "@memhp/platforms";
import { expect, test } from "vitest";

const { arch, ...ppc64 } = platformOf("ppc64");
const pseries = (gib: number) => ({ board: "pseries", memoryBytes: gib * GIB });

test("one zone from page 0, blocks of 256 MiB (observed-newer §3: p_boot_1node)", () => {
  expect(arch.zones).toEqual([[2, Number.POSITIVE_INFINITY]]);
  expect([ppc64.firstPfn, ppc64.blockSizeBytes]).toEqual([0, 256 * MIB]);
});

test("DIMMs start right above boot memory (p_dimm_add: 0x80000000)", () => {
  expect(ppc64.deviceMemoryStart(pseries(2))).toBe(0x8000_0000);
});

test("no firmware reserves, no ACPI announces", () => {
  expect(ppc64.announces).toBe("dlpar");
  expect(ppc64.firmwareReserved(pseries(2), 4 * GIB)).toEqual([]);
});
