import { validZones } from "@memhp/engine";
import { expect, test } from "vitest";
import { boot } from "./boards.ts";
import { driverOf } from "./hotplug-driver.ts";
import { blocksOf, kernelOf, ramOf, recordedBoots, zonesLike } from "./recorded.ts";

test.for(recordedBoots)("$trace: zones and nodes after boot are the kernel's", (recordedBoot) => {
  const map = boot(kernelOf(recordedBoot), ramOf(recordedBoot), recordedBoot);
  expect(zonesLike(map, recordedBoot.zones)).toEqual(recordedBoot.zones);
});

test.for(recordedBoots)("$trace: the blocks after boot, and their valid_zones, are the kernel's", (recordedBoot) => {
  const map = boot(kernelOf(recordedBoot), ramOf(recordedBoot), recordedBoot);
  const driver = driverOf(map);
  const ours = [...map.blocks.ids()].map(
    (id) => [id, validZones(map, id, driver.policyFor(map.blocks.node(id)))] as const,
  );
  expect(new Map(ours)).toEqual(blocksOf(recordedBoot.validZones));
});
