import {
  DMA32_END_PFN,
  DMA_END_PFN,
  GIB,
  MIB,
  onlineTypes,
  onlineTypeWords,
  ZONE_DEVICE,
  ZONE_DMA,
  ZONE_DMA32,
  ZONE_MOVABLE,
  ZONE_NORMAL,
  type ZoneIndex,
  zoneName,
  zoneNames,
} from "@memhp/abi";
import { expect, test } from "vitest";

test("zones are numbered and named as the kernel prints them (facts/kernel.md §1.3)", () => {
  const zones: readonly ZoneIndex[] = [ZONE_DMA, ZONE_DMA32, ZONE_NORMAL, ZONE_MOVABLE, ZONE_DEVICE];
  expect(zones).toEqual([0, 1, 2, 3, 4]);
  expect(zones.map(zoneName)).toEqual(["DMA", "DMA32", "Normal", "Movable", "Device"]);
  expect(zoneNames).toHaveLength(5);
});

test("ZONE_DMA ends at 16 MiB and ZONE_DMA32 at 4 GiB (facts/kernel.md §1.3)", () => {
  expect([DMA_END_PFN * 4096, DMA32_END_PFN * 4096]).toEqual([16 * MIB, 4 * GIB]);
});

test("each online type has the word that `state` accepts for it (observed-4.1 §5)", () => {
  expect(onlineTypes.map((type) => onlineTypeWords[type])).toEqual(["online", "online_kernel", "online_movable"]);
});
