import { ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import {
  addRange,
  growSpansForOnline,
  isZoneEmpty,
  type MemoryMap,
  NO_ZONE,
  nodeOf,
  shrinkSpansForOffline,
  zoneEndPfn,
} from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { BLOCK, boot, HIGH, memorylessNode1, oneNode2G, oneNode5G, twoNodes1G } from "./boards.ts";
import { driverOf } from "./hotplug-driver.ts";

/** A zone's span in blocks, or nothing for an empty one. */
function inBlocks(map: MemoryMap, zone: ZoneIndex, node = 0): readonly number[] {
  const { zones } = nodeOf(map, node);
  return isZoneEmpty(zones[zone]) ? [] : [zones[zone].startPfn / BLOCK, zoneEndPfn(zones[zone]) / BLOCK];
}

describe("hot-add touches no span (facts §5.1: the zone is bound at online)", () => {
  test("neither of a zone nor of the node", () => {
    const driver = driverOf(boot("6.1"));
    const before = structuredClone(nodeOf(driver.map, 0));
    driver.add(0, HIGH, 4);
    expect(nodeOf(driver.map, 0)).toEqual(before);
    expect(driver.map.blocks.zone(32)).toBe(NO_ZONE);
  });
});

describe("online grows the span to the hull (facts §3.2 step 5; observed-6 §4)", () => {
  test("an empty zone takes exactly the block", () => {
    const driver = driverOf(boot("6.1"));
    driver.add(0, HIGH, 8);
    driver.online(35, "movable");
    expect(inBlocks(driver.map, ZONE_MOVABLE)).toEqual([35, 36]);
    expect(nodeOf(driver.map, 0).zones[ZONE_MOVABLE]).toMatchObject({ presentPages: BLOCK, managedPages: BLOCK });
  });

  test("what lies between is spanned but not present (b_hole_kernel_spans)", () => {
    const driver = driverOf(boot("6.1"));
    driver.add(0, HIGH, 8);
    for (const block of [33, 38]) driver.online(block, "kernel");
    expect(inBlocks(driver.map, ZONE_NORMAL)).toEqual([33, 39]);
    expect(nodeOf(driver.map, 0).zones[ZONE_NORMAL].presentPages).toBe(2 * BLOCK);
  });

  test("the node's span follows", () => {
    const driver = driverOf(boot("6.1", memorylessNode1));
    driver.add(1, HIGH, 8);
    driver.online(37, "movable");
    driver.online(34, "kernel");
    const { startPfn, spannedPages } = nodeOf(driver.map, 1);
    expect([startPfn, startPfn + spannedPages]).toEqual([34 * BLOCK, 38 * BLOCK]);
  });
});

describe("offline moves an edge of the span to the next block that is online (observed-6 §4)", () => {
  const eight = () => {
    const driver = driverOf(boot("6.1"));
    driver.add(0, HIGH, 8);
    for (let block = 32; block < 40; block++) driver.online(block, "movable");
    return driver;
  };

  test("at the start", () => {
    const driver = eight();
    driver.offline(32);
    expect(inBlocks(driver.map, ZONE_MOVABLE)).toEqual([33, 40]);
  });

  test("at the end", () => {
    const driver = eight();
    driver.offline(39);
    expect(inBlocks(driver.map, ZONE_MOVABLE)).toEqual([32, 39]);
  });

  test("not in the middle: a hole remains", () => {
    const driver = eight();
    for (const block of [34, 35, 36]) driver.offline(block);
    expect(inBlocks(driver.map, ZONE_MOVABLE)).toEqual([32, 40]);
    expect(nodeOf(driver.map, 0).zones[ZONE_MOVABLE].presentPages).toBe(5 * BLOCK);
  });

  test("over the hole, when the edge comes to it", () => {
    const driver = eight();
    for (const block of [34, 35, 36, 33]) driver.offline(block);
    driver.offline(32);
    expect(inBlocks(driver.map, ZONE_MOVABLE)).toEqual([37, 40]);
  });

  test("over blocks of other zones", () => {
    const driver = driverOf(boot("6.1"));
    driver.add(0, HIGH, 4);
    for (const [block, type] of [
      [32, "movable"],
      [33, "kernel"],
      [34, "kernel"],
      [35, "movable"],
    ] as const) {
      driver.online(block, type);
    }
    driver.offline(32);
    expect(inBlocks(driver.map, ZONE_MOVABLE)).toEqual([35, 36]);
    driver.online(32, "movable");
    driver.offline(35);
    expect(inBlocks(driver.map, ZONE_MOVABLE)).toEqual([32, 33]);
  });

  test("over blocks of other nodes (b_two_nodes_interleaved)", () => {
    const driver = driverOf(boot("6.1", memorylessNode1));
    for (const [node, start] of [
      [0, 32],
      [1, 33],
      [0, 34],
    ] as const)
      driver.add(node, start * BLOCK, 1);
    for (const block of [32, 33, 34]) driver.online(block, "movable");
    driver.offline(34);
    expect(inBlocks(driver.map, ZONE_MOVABLE, 0)).toEqual([32, 33]);
    expect(inBlocks(driver.map, ZONE_MOVABLE, 1)).toEqual([33, 34]);
  });

  test("the last block leaves start and span 0", () => {
    const driver = driverOf(boot("6.1", memorylessNode1));
    driver.add(1, HIGH, 1);
    driver.online(32, "kernel");
    driver.offline(32);
    const node = nodeOf(driver.map, 1);
    expect(node.zones[ZONE_NORMAL]).toMatchObject({ startPfn: 0, spannedPages: 0, presentPages: 0, managedPages: 0 });
    expect([node.startPfn, node.spannedPages]).toEqual([0, 0]);
  });

  test("removal afterwards changes nothing more (facts §9.2)", () => {
    const driver = eight();
    driver.offline(39);
    driver.offline(33);
    const before = structuredClone(nodeOf(driver.map, 0));
    driver.remove(0, 33 * BLOCK, 1);
    driver.remove(0, 39 * BLOCK, 1);
    expect(nodeOf(driver.map, 0)).toEqual(before);
  });

  test("boot memory that left DMA32 comes back above its end, as Normal (x_zone_device_order_boot_movable)", () => {
    const driver = driverOf(boot("6.1", [[{ startPfn: 1, endPfn: 0x80000 }]]));
    for (const block of [15, 13, 14]) driver.offline(block);
    expect(inBlocks(driver.map, ZONE_DMA32)).toEqual([0x1000 / BLOCK, 13]);
    for (const block of [13, 14, 15]) driver.online(block, "kernel");
    expect(inBlocks(driver.map, ZONE_DMA32)).toEqual([0x1000 / BLOCK, 13]);
    expect(inBlocks(driver.map, ZONE_NORMAL)).toEqual([13, 16]);
  });

  test("the search stops in the block whose pages are in two zones (b_fuzz_kernelcore)", () => {
    const driver = driverOf(boot("6.1", [[{ startPfn: 1, endPfn: 0x80000 }]], { kernelcore: "1G" }));
    const { startPfn } = nodeOf(driver.map, 0).zones[ZONE_MOVABLE];
    const mixed = Math.floor(startPfn / BLOCK);
    for (let block = 15; block > mixed; block--) driver.offline(block);
    expect(inBlocks(driver.map, ZONE_MOVABLE)).toEqual([startPfn / BLOCK, mixed + 1]);
    expect(driver.offline(mixed)).toMatchObject({ ok: false, refusal: { code: "mixed_zones" } });
  });

  test("a boot span that ends in the PCI hole is tight only once its edge has moved", () => {
    const driver = driverOf(
      boot("6.1", [
        [
          { startPfn: 1, endPfn: 0xc0000 },
          { startPfn: HIGH, endPfn: 0x110000 },
        ],
      ]),
    );
    expect(inBlocks(driver.map, ZONE_DMA32)).toEqual([0x1000 / BLOCK, 32]);
    driver.offline(23);
    // Block 23 is the last one, but not at the end of the span.
    expect(inBlocks(driver.map, ZONE_DMA32)).toEqual([0x1000 / BLOCK, 32]);
    driver.offline(32);
    expect(inBlocks(driver.map, ZONE_NORMAL)).toEqual([33, 34]);
  });
});

test("binding a block and unbinding it again leaves all spans as they were (facts §3.2: the fail path)", () => {
  for (const ram of [oneNode2G, oneNode5G, twoNodes1G]) {
    const driver = driverOf(boot("6.12", ram));
    driver.add(0, 0x200000, 3);
    driver.online(64, "movable");
    driver.online(65, "kernel");
    for (const zone of [ZONE_NORMAL, ZONE_MOVABLE] as const) {
      const before = structuredClone(nodeOf(driver.map, 0));
      driver.map.blocks.setZone(66, zone);
      growSpansForOnline(driver.map, 66, zone);
      expect(zoneEndPfn(nodeOf(driver.map, 0).zones[zone])).toBe(67 * BLOCK);
      driver.map.blocks.setZone(66, NO_ZONE);
      shrinkSpansForOffline(driver.map, 66, zone);
      expect(nodeOf(driver.map, 0)).toEqual(before);
    }
  }
});

test("pages that hold their own memmap are present but not managed (observed-6 §4: f_memmap_on_memory)", () => {
  const driver = driverOf(boot("6.12"));
  const more = { group: 0, altmapPages: 512, firmware: true, driverManaged: false };
  addRange(driver.map, { node: 0, startPfn: HIGH, nrPages: 2 * BLOCK, ...more });
  driver.online(32, "movable");
  const zone = nodeOf(driver.map, 0).zones[ZONE_MOVABLE];
  expect(zone).toMatchObject({ spannedPages: BLOCK, presentPages: 32768, managedPages: 32256 });
  driver.offline(32);
  expect(zone).toMatchObject({ spannedPages: 0, presentPages: 0, managedPages: 0 });
});
