import {
  DMA32_END_PFN,
  DMA_END_PFN,
  GIB,
  MIB,
  migrateTypes41,
  migrateTypes6,
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

test("Movable is migrate type 2 in 4.1 and 1 in 6.x (facts/kernel.md §11.19)", () => {
  expect([migrateTypes41.indexOf("Movable"), migrateTypes6.indexOf("Movable")]).toEqual([2, 1]);
});

test("each online type has the word that `state` accepts for it (observed-4.1 §5)", () => {
  expect(onlineTypes.map((type) => onlineTypeWords[type])).toEqual(["online", "online_kernel", "online_movable"]);
});
