import { GIB } from "@memhp/abi";
import { platformOf } from "@memhp/platforms";
import { expect, test } from "vitest";

const arm64 = platformOf("arm64");
const virt = (gib: number, firmware?: string) => ({
  board: "virt",
  memoryBytes: gib * GIB,
  ...(firmware === undefined ? {} : { firmware }),
});

test("RAM begins at 1 GiB, memory devices right above it (6.12-arm64: n_boot_1node, a_dimm_default)", () => {
  expect(arm64.bootMemory(virt(2))).toEqual([{ start: GIB, end: 3 * GIB }]);
  expect(arm64.deviceMemoryStart(virt(2))).toBe(0xc000_0000);
});

test("DMA ends at 4 GiB, which leaves DMA32 empty (n_boot_4G)", () => {
  expect(arm64.arch.zones.map(([zone, endPfn]) => [zone, endPfn * 4096])).toEqual([
    [0, 4 * GIB],
    [1, 4 * GIB],
    [2, Number.POSITIVE_INFINITY],
  ]);
});

test("firmware of 2022 tells its variables as memory of no node, that of 2025 does not (a_boot_2node, n_boot_2node)", () => {
  expect(arm64.hasHomelessMemory(virt(2, "2022.11"))).toBe(true);
  expect(arm64.hasHomelessMemory(virt(2))).toBe(false);
  expect(arm64.firmwareRam(virt(2, "2022.11"))[0]).toEqual({ start: 0x4000000, end: 0x8000000, type: "System RAM" });
  expect(() => arm64.firmwareRam(virt(2, "2030.01"))).toThrow('unknown firmware "2030.01" (known: 2025.02, 2022.11)');
});

test("what firmware keeps lies below the end of the first node (n_boot_2node: 7f110000-7f18ffff, a_boot_1node: bc440000-bc72ffff)", () => {
  const nodes = [{ memoryBytes: GIB }, { memoryBytes: GIB }];
  expect(arm64.unmapped({ ...virt(2), nodes })[0]).toEqual({ start: 0x7f110000, end: 0x7f190000 });
  expect(arm64.unmapped(virt(2, "2022.11"))[1]).toEqual({ start: 0xbc440000, end: 0xbc730000 });
});
