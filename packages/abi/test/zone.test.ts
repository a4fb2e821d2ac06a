import {
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

test("each online type has the word that `state` accepts for it (observed-4.1 §5)", () => {
  expect(onlineTypes.map((type) => onlineTypeWords[type])).toEqual(["online", "online_kernel", "online_movable"]);
});
