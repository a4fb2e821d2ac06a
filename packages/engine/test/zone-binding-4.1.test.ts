import { type OnlineType, type Refusal, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import {
  bindZoneForOnline41,
  canMoveDown,
  canMoveUp,
  emptyZone,
  type MemoryMap,
  nodeOf,
  type Zone,
  zoneAtAdd,
  zoneEndPfn,
} from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { BLOCK, boot, HIGH, memorylessNode1, oneNode5G } from "./boards.ts";
import { driverOf, type HotplugDriver } from "./hotplug-driver.ts";

/** A 2 GiB machine with a DIMM of `blocks` blocks at 4 GiB: blocks 32 and up. */
function withDimm(blocks: number): HotplugDriver {
  const driver = driverOf(boot("4.1"));
  driver.add(0, HIGH, blocks);
  return driver;
}

/** `[start, end)` of Normal and Movable in blocks. */
function edges(map: MemoryMap, node = 0): { normal: readonly number[]; movable: readonly number[] } {
  const { zones } = nodeOf(map, node);
  const inBlocks = ({ startPfn, spannedPages }: Zone) =>
    spannedPages === 0 ? [] : [startPfn / BLOCK, (startPfn + spannedPages) / BLOCK];
  return { normal: inBlocks(zones[ZONE_NORMAL]), movable: inBlocks(zones[ZONE_MOVABLE]) };
}

function refusal(driver: HotplugDriver, block: number, type: OnlineType): Refusal {
  const result = bindZoneForOnline41(driver.map, block, type);
  if (result.ok) throw new Error(`block ${block} went to zone ${result.value}`);
  return result.refusal;
}

function zoneOf(driver: HotplugDriver, block: number, type: OnlineType): ZoneIndex {
  const result = bindZoneForOnline41(driver.map, block, type);
  if (!result.ok) throw new Error(result.refusal.rule);
  return result.value;
}

describe("the zone of a range at hot-add (facts §3.1; observed-4.1 §2)", () => {
  test("is Normal while the node has no Movable zone, even below 4 GiB (probe-mem-limit)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, 0x80000, 1);
    expect(driver.map.blocks.zone(16)).toBe(ZONE_NORMAL);
    expect(edges(driver.map).normal).toEqual([16, 17]);
  });

  test("is Movable where the Movable zone begins at or below the range (two-dimms-movable-then-add)", () => {
    const driver = withDimm(8);
    driver.online(39, "movable");
    driver.add(0, 0x140000, 4);
    expect(driver.map.blocks.zone(40)).toBe(ZONE_MOVABLE);
    expect(edges(driver.map)).toEqual({ normal: [32, 39], movable: [39, 44] });
  });

  test("is Normal below the Movable zone (two-dimms-reverse-addr)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, 0x180000, 4);
    driver.online(51, "movable");
    driver.add(0, HIGH, 4);
    expect(driver.map.blocks.zone(32)).toBe(ZONE_NORMAL);
    expect(edges(driver.map)).toEqual({ normal: [32, 51], movable: [51, 52] });
  });

  test("is decided by the start of the range alone, for the whole DIMM", () => {
    const driver = withDimm(4);
    driver.online(35, "movable");
    const node = nodeOf(driver.map, 0);
    const zones = [34, 35, 36, 99].map((block) => zoneAtAdd(node, block * BLOCK));
    expect(zones).toEqual([ZONE_NORMAL, ZONE_MOVABLE, ZONE_MOVABLE, ZONE_MOVABLE]);
  });

  test("is a matter of the node: another node's Movable zone does not count (interleaved-nodes-dimms)", () => {
    const driver = driverOf(boot("4.1", memorylessNode1));
    driver.add(0, HIGH, 2);
    driver.online(33, "movable");
    driver.add(1, 0x110000, 2);
    expect(driver.map.blocks.zone(34)).toBe(ZONE_NORMAL);
  });

  test("is Movable where boot options made a Movable zone (x-movablecore-dimm-del)", () => {
    const driver = driverOf(boot("4.1", undefined, { movablecore: "512M" }));
    driver.add(0, HIGH, 4);
    expect(driver.map.blocks.zone(32)).toBe(ZONE_MOVABLE);
  });
});

describe("online_movable moves the last block of Normal (facts §3.1 step 3)", () => {
  test("a block in the middle of ZONE_NORMAL refuses online_movable (order-mv-ascending)", () => {
    const driver = withDimm(8);
    expect(refusal(driver, 35, "movable")).toMatchObject({
      errno: "EINVAL",
      code: "not_adjacent",
      block: 35,
      node: 0,
      zone: "Normal",
      retry: "maybe",
      remedy: ["online the block at the end of ZONE_NORMAL (block 39) as movable first"],
    });
  });

  test("the last block goes, although there is no Movable zone to touch (observed-4.1 §4)", () => {
    const driver = withDimm(8);
    expect(zoneOf(driver, 39, "movable")).toBe(ZONE_MOVABLE);
    expect(edges(driver.map)).toEqual({ normal: [32, 39], movable: [39, 40] });
    expect(driver.map.blocks.zone(39)).toBe(ZONE_MOVABLE);
  });

  test("from the last block downwards all go, and Normal ends up empty at pfn 0 (order-mv-descending)", () => {
    const driver = withDimm(4);
    for (const block of [35, 34, 33, 32]) expect(zoneOf(driver, block, "movable")).toBe(ZONE_MOVABLE);
    expect(edges(driver.map)).toEqual({ normal: [], movable: [32, 36] });
    expect(nodeOf(driver.map, 0).zones[ZONE_NORMAL].startPfn).toBe(0);
  });

  test("a block onlined as Normal bars all blocks below it", () => {
    const driver = withDimm(4);
    driver.online(35, "online");
    expect(refusal(driver, 34, "movable").code).toBe("not_adjacent");
    driver.offline(35);
    expect(zoneOf(driver, 35, "movable")).toBe(ZONE_MOVABLE);
    expect(zoneOf(driver, 34, "movable")).toBe(ZONE_MOVABLE);
  });

  test("Movable swallows the hole between it and the block that comes (observed-4.1 §4: x-movable-then-lower-dimm)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, 0x140000, 2);
    for (const block of [41, 40]) driver.online(block, "movable");
    driver.add(0, HIGH, 2);
    expect(edges(driver.map)).toEqual({ normal: [32, 34], movable: [40, 42] });
    expect(zoneOf(driver, 33, "movable")).toBe(ZONE_MOVABLE);
    const { zones } = nodeOf(driver.map, 0);
    expect([zones[ZONE_MOVABLE].startPfn, zoneEndPfn(zones[ZONE_MOVABLE])]).toEqual([0x108000, 0x150000]);
  });

  test("the block before a hole is not the last one: Normal ends where the hole ends (observed-4.1 Q5: x-hole-between-dimms)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 2);
    driver.add(0, 0x140000, 2);
    for (const block of [41, 40]) driver.online(block, "movable");
    expect(refusal(driver, 33, "movable").detail).toBe(
      "ZONE_NORMAL of node 0 ends at pfn 1310720, the block at 1114112",
    );
  });

  test("blocks of another node inside the span do not count (observed-4.1 Q9: interleaved-nodes-dimms)", () => {
    const driver = driverOf(boot("4.1", memorylessNode1));
    driver.add(0, HIGH, 2);
    driver.add(1, 0x110000, 2);
    driver.add(0, 0x120000, 2);
    expect(refusal(driver, 33, "movable").code).toBe("not_adjacent");
    for (const block of [37, 36]) expect(zoneOf(driver, block, "movable")).toBe(ZONE_MOVABLE);
    expect(edges(driver.map, 1)).toEqual({ normal: [34, 36], movable: [] });
  });

  test("a refusal gives the Movable zone a start and no span (observed-4.1 §4, x-hole-between-dimms step 3)", () => {
    const driver = withDimm(4);
    refusal(driver, 33, "movable");
    const node = nodeOf(driver.map, 0);
    const movable = node.zones[ZONE_MOVABLE];
    expect(movable).toMatchObject({ initialised: true, startPfn: 0x108000, spannedPages: 0 });
    expect(node.nrZones).toBe(4);
    // The memory of it is without effect: the last block still goes.
    expect(zoneOf(driver, 35, "movable")).toBe(ZONE_MOVABLE);
    expect(edges(driver.map).movable).toEqual([35, 36]);
  });
});

describe("online_kernel moves the first block of Movable (facts §3.1 step 3)", () => {
  test("any other block of Movable refuses (x-movable-all-then-kernel-last)", () => {
    const driver = withDimm(4);
    for (const block of [35, 34, 33, 32]) bindZoneForOnline41(driver.map, block, "movable");
    expect(refusal(driver, 35, "kernel")).toMatchObject({
      errno: "EINVAL",
      code: "not_adjacent",
      zone: "Movable",
      remedy: ["online the block at the start of ZONE_MOVABLE (block 32) as kernel first"],
    });
    expect(refusal(driver, 33, "kernel").code).toBe("not_adjacent");
  });

  test("from the first block upwards all go, and Movable ends up empty", () => {
    const driver = withDimm(3);
    for (const block of [34, 33, 32]) bindZoneForOnline41(driver.map, block, "movable");
    expect(zoneOf(driver, 32, "kernel")).toBe(ZONE_NORMAL);
    expect(edges(driver.map)).toEqual({ normal: [32, 33], movable: [33, 35] });
    for (const block of [33, 34]) expect(zoneOf(driver, block, "kernel")).toBe(ZONE_NORMAL);
    expect(edges(driver.map)).toEqual({ normal: [32, 35], movable: [] });
  });

  test("Normal swallows the hole between it and the block that comes (observed-4.1 §4)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, 0x140000, 1);
    driver.online(40, "movable");
    driver.offline(40);
    driver.add(0, HIGH, 1);
    expect(edges(driver.map)).toEqual({ normal: [32, 33], movable: [40, 41] });
    expect(zoneOf(driver, 40, "kernel")).toBe(ZONE_NORMAL);
    expect(edges(driver.map)).toEqual({ normal: [32, 41], movable: [] });
  });

  test("above DMA32 the Normal zone springs into life below 4 GiB (x-movablecore-online-kernel)", () => {
    const driver = driverOf(boot("4.1", undefined, { movablecore: "512M" }));
    driver.offline(12);
    expect(zoneOf(driver, 12, "kernel")).toBe(ZONE_NORMAL);
    expect(edges(driver.map).normal).toEqual([0x60000 / BLOCK, 0x68000 / BLOCK]);
    expect(nodeOf(driver.map, 0).nrZones).toBe(3);
  });

  test("a DIMM added above Movable may not be onlined as kernel memory (two-dimms-movable-then-add step 12)", () => {
    const driver = withDimm(8);
    for (let block = 39; block >= 32; block--) driver.online(block, "movable");
    driver.add(0, 0x140000, 4);
    expect(refusal(driver, 40, "kernel").code).toBe("not_adjacent");
    expect(zoneOf(driver, 40, "online")).toBe(ZONE_MOVABLE);
  });
});

describe("what moves nothing and succeeds (facts §3.1 step 3)", () => {
  test("online keeps the zone, Normal or Movable (order-reonline-online-keeps-zone)", () => {
    const driver = withDimm(4);
    driver.online(35, "movable");
    driver.offline(35);
    expect(zoneOf(driver, 35, "online")).toBe(ZONE_MOVABLE);
    expect(zoneOf(driver, 32, "online")).toBe(ZONE_NORMAL);
    expect(edges(driver.map)).toEqual({ normal: [32, 35], movable: [35, 36] });
  });

  test("online_movable of a DMA32 block leaves it in DMA32 (observed-4.1 Q3: x-dma32-online_movable)", () => {
    const driver = driverOf(boot("4.1", oneNode5G));
    driver.offline(22);
    expect(zoneOf(driver, 22, "movable")).toBe(ZONE_DMA32);
    expect(nodeOf(driver.map, 0).zones[ZONE_MOVABLE].initialised).toBe(false);
  });

  test("online_kernel of a Normal or DMA32 block stays where it is", () => {
    const driver = withDimm(4);
    expect(zoneOf(driver, 33, "kernel")).toBe(ZONE_NORMAL);
    driver.offline(3);
    expect(zoneOf(driver, 3, "kernel")).toBe(ZONE_DMA32);
  });

  test("online_movable of a Movable block in the middle stays Movable (two-dimms-movable-then-add step 14)", () => {
    const driver = withDimm(4);
    for (const block of [35, 34, 33]) bindZoneForOnline41(driver.map, block, "movable");
    expect(zoneOf(driver, 34, "movable")).toBe(ZONE_MOVABLE);
  });
});

describe("without MOVABLE_NODE a node needs Normal memory first (facts §3.1 step 2)", () => {
  const nomn = () => {
    const driver = driverOf(boot("4.1-nomn", memorylessNode1));
    driver.add(1, HIGH, 4);
    return driver;
  };

  test("online_movable on a node without Normal memory is refused (4.1-nomn/boot-2n-memless-movable)", () => {
    expect(refusal(nomn(), 35, "movable")).toMatchObject({ errno: "EINVAL", code: "last_normal_memory", node: 1 });
  });

  test("it works once a block of the node is online as kernel memory", () => {
    const driver = nomn();
    expect(driver.online(32, "kernel").ok).toBe(true);
    expect(zoneOf(driver, 35, "movable")).toBe(ZONE_MOVABLE);
  });

  test("a plain online of a Movable block is refused too", () => {
    const driver = nomn();
    driver.online(32, "kernel");
    driver.online(35, "movable");
    driver.offline(35);
    nodeOf(driver.map, 1).hasNormalMemory = false;
    expect(refusal(driver, 35, "online")).toMatchObject({ code: "last_normal_memory", zone: "Movable" });
  });

  test("with MOVABLE_NODE the same online_movable succeeds (4.1/boot-2n-memless-movable)", () => {
    const driver = driverOf(boot("4.1", memorylessNode1));
    driver.add(1, HIGH, 4);
    expect(zoneOf(driver, 35, "movable")).toBe(ZONE_MOVABLE);
  });
});

describe("the edge itself: a range of block 10 against a zone", () => {
  const zone = (start: number, end: number): Zone => ({
    ...emptyZone(ZONE_NORMAL),
    startPfn: start,
    spannedPages: end - start,
  });

  test.for([
    ["ends with the zone", 5, 11, true],
    ["is the whole zone", 10, 11, true],
    ["lies before the zone's end", 5, 12, false],
    ["lies after the zone", 5, 10, false],
    ["begins before the zone", 10.5, 11, false],
  ] as const)("a block that %s: move up %s..%s is %s", ([, start, end, allowed]) => {
    expect(canMoveUp(zone(start * BLOCK, end * BLOCK), 10 * BLOCK, 11 * BLOCK)).toBe(allowed);
  });

  test.for([
    ["begins with the zone", 10, 15, true],
    ["is the whole zone", 10, 11, true],
    ["lies after the zone's start", 9, 15, false],
    ["lies before the zone", 11, 15, false],
    ["reaches past the zone's end", 10, 10.5, false],
  ] as const)("a block that %s: move down %s..%s is %s", ([, start, end, allowed]) => {
    expect(canMoveDown(zone(start * BLOCK, end * BLOCK), 10 * BLOCK, 11 * BLOCK)).toBe(allowed);
  });
});
