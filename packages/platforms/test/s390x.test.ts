import { ZONE_DMA, ZONE_NORMAL } from "@memhp/abi";
import { platformOf } from "@memhp/platforms";
import { expect, test } from "vitest";

const s390x = platformOf("s390x");

test("DMA to 2 GiB and Normal above; blocks of one section (s_boot, s_boot_3G)", () => {
  expect(s390x.arch.zones).toEqual([
    [ZONE_DMA, 0x8_0000],
    [ZONE_NORMAL, Number.POSITIVE_INFINITY],
  ]);
  expect(s390x.blockSizeBytes).toBe(128 * 2 ** 20);
});

test("phys_device counts storage increments of 1 MiB (s_boot: memory1 reads 128)", () => {
  expect([0, 1, 15].map((block) => s390x.physDevice?.(block, 2 ** 27))).toEqual([0, 128, 1920]);
  expect(s390x.physDevice?.(15, 2 ** 28)).toBe(15);
});

test("no NUMA, no slots, nobody who announces memory (observed-newer §5)", () => {
  expect([s390x.arch.maxNodes, s390x.maxSlots, s390x.announces]).toEqual([1, 0, "nobody"]);
});
