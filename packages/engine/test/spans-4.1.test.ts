import { ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL, zoneNames } from "@memhp/abi";
import { isRemovable, type MemoryMap, nodeOf, validZones } from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { BLOCK, boot, HIGH, memorylessNode1, oneNode2G, twoNodes1G } from "./boards.ts";
import { driverOf } from "./hotplug-driver.ts";

/** `[start, span]` of the node and of the zones that it has above DMA32. */
function spans(map: MemoryMap, id = 0): Record<string, readonly [number, number]> {
  const node = nodeOf(map, id);
  const shown = [ZONE_NORMAL, ZONE_MOVABLE].map((index) => node.zones[index as 2 | 3]);
  return Object.fromEntries([
    ["node", [node.startPfn, node.spannedPages] as const],
    ...shown.map((zone) => [zoneNames[zone.index], [zone.startPfn, zone.spannedPages] as const] as const),
  ]);
}

describe("hot-add grows zone and node at once (facts §5.1 step 4; observed-4.1 §2)", () => {
  test("present and managed pages stay as they were", () => {
    const driver = driverOf(boot("4.1"));
    const before = nodeOf(driver.map, 0).presentPages;
    driver.add(0, HIGH, 2);
    const node = nodeOf(driver.map, 0);
    expect(node.presentPages).toBe(before);
    expect(node.zones[ZONE_NORMAL]).toMatchObject({
      startPfn: HIGH,
      spannedPages: 2 * BLOCK,
      presentPages: 0,
      managedPages: 0,
      initialised: true,
    });
    expect(spans(driver.map)["node"]).toEqual([1, HIGH + 2 * BLOCK - 1]);
  });

  test("a gap between two DIMMs is swallowed by the span", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 2);
    driver.add(0, 0x140000, 2);
    expect(spans(driver.map)["Normal"]).toEqual([HIGH, 0x50000]);
  });

  test("a DIMM of another node does not touch this one's spans (observed-4.1 Q9)", () => {
    const driver = driverOf(boot("4.1", memorylessNode1));
    driver.add(0, HIGH, 2);
    driver.add(1, 0x110000, 2);
    driver.add(0, 0x120000, 2);
    expect(spans(driver.map, 1)).toMatchObject({ node: [0x110000, 2 * BLOCK], Normal: [0x110000, 2 * BLOCK] });
    expect(spans(driver.map, 0)["Normal"]).toEqual([HIGH, 6 * BLOCK]);
  });

  test("a new node comes online with its blocks, all offline", () => {
    const driver = driverOf(boot("4.1", memorylessNode1));
    expect(nodeOf(driver.map, 1).online).toBe(false);
    expect(driver.add(1, HIGH, 2)).toEqual([32, 33]);
    expect(nodeOf(driver.map, 1)).toMatchObject({ online: true, hasMemory: false, hasNormalMemory: false });
  });
});

describe("offline changes no span (facts §4.1; observed-4.1 §6)", () => {
  test("the zone keeps its span when all its blocks are offline", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 2);
    for (const block of [32, 33]) driver.online(block);
    for (const block of [32, 33]) driver.offline(block);
    expect(nodeOf(driver.map, 0).zones[ZONE_NORMAL]).toMatchObject({
      startPfn: HIGH,
      spannedPages: 2 * BLOCK,
      presentPages: 0,
    });
    expect(driver.map.blocks.zone(33)).toBe(ZONE_NORMAL);
  });
});

describe("removal shrinks the spans at their ends (facts §5.2; observed-4.1 §8)", () => {
  test("the last DIMM takes the end back to the section before it", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 2);
    driver.add(0, 0x140000, 2);
    expect(driver.remove(0, 0x140000, 2)).toEqual([40, 41]);
    expect(spans(driver.map)).toMatchObject({ node: [1, HIGH + 2 * BLOCK - 1], Normal: [HIGH, 2 * BLOCK] });
  });

  test("the first DIMM takes the start up to the section after the hole", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 2);
    driver.add(0, 0x140000, 2);
    driver.remove(0, HIGH, 2);
    expect(spans(driver.map)["Normal"]).toEqual([0x140000, 2 * BLOCK]);
  });

  test("a DIMM in the middle leaves a hole (del-middle-dimm)", () => {
    const driver = driverOf(boot("4.1"));
    for (const start of [HIGH, 0x110000, 0x120000]) driver.add(0, start, 2);
    driver.remove(0, 0x110000, 2);
    expect(spans(driver.map)["Normal"]).toEqual([HIGH, 6 * BLOCK]);
  });

  test("the only DIMM leaves the zone empty, and node 0 ends where its last section does", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 2);
    driver.remove(0, HIGH, 2);
    // RAM ends at 0x7ffe0, the section at 0x80000 (observed-4.1 §8).
    expect(spans(driver.map)).toEqual({ node: [1, 0x7ffff], Normal: [0, 0], Movable: [0, 0] });
  });

  test("offline neighbours count: a span does not shrink to what is online", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 2);
    driver.add(0, 0x110000, 2);
    driver.online(32);
    driver.remove(0, 0x110000, 2);
    expect(spans(driver.map)["Normal"]).toEqual([HIGH, 2 * BLOCK]);
  });

  test("a node that loses its last section has no span", () => {
    const driver = driverOf(boot("4.1", memorylessNode1));
    driver.add(1, HIGH, 4);
    driver.remove(1, HIGH, 4);
    expect(spans(driver.map, 1)).toEqual({ node: [0, 0], Normal: [0, 0], Movable: [0, 0] });
  });

  test("a DIMM with blocks in two zones leaves a stale Movable span behind (observed-4.1 Q4: del-partial)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 8);
    driver.online(39, "movable");
    driver.offline(39);
    driver.remove(0, HIGH, 8);
    expect(spans(driver.map)).toEqual({ node: [1, 0x7ffff], Normal: [0, 0], Movable: [0x138000, BLOCK] });
  });

  test("above a stale span new memory is Movable and refuses online_kernel (observed-4.1 Q4: y-del-stale-then-add-higher)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 8);
    driver.online(39, "movable");
    driver.offline(39);
    driver.remove(0, HIGH, 8);
    driver.add(0, 0x140000, 2);
    expect(driver.map.blocks.zone(40)).toBe(ZONE_MOVABLE);
    expect(driver.online(40, "kernel")).toMatchObject({ ok: false, refusal: { code: "not_adjacent" } });
  });

  test("at the old place it is Normal again, overlaps the stale span, and works (observed-4.1 Q4: del-readd)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 8);
    driver.online(39, "movable");
    driver.offline(39);
    driver.remove(0, HIGH, 8);
    driver.add(0, HIGH, 8);
    expect(spans(driver.map)).toMatchObject({ Normal: [HIGH, 8 * BLOCK], Movable: [0x138000, BLOCK] });
    expect(driver.online(39, "movable")).toEqual({ ok: true, value: ZONE_MOVABLE });
    expect(spans(driver.map)).toMatchObject({ Normal: [HIGH, 7 * BLOCK], Movable: [0x138000, BLOCK] });
  });

  test("a larger DIMM there moves its last block up: Movable's end stays below its start, and the counter wraps (observed-4.1 Q4; facts §3.1 step 3)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 8);
    driver.online(39, "movable");
    driver.offline(39);
    driver.remove(0, HIGH, 8);
    driver.add(0, HIGH, 16);
    expect(driver.map.blocks.zone(47)).toBe(ZONE_NORMAL);
    expect(driver.online(47, "movable")).toEqual({ ok: true, value: ZONE_MOVABLE });
    // The stale zone ended at 0x140000: its spanned_pages is 0x140000 - 0x178000.
    expect(spans(driver.map)).toMatchObject({ Normal: [HIGH, 15 * BLOCK], Movable: [0x178000, -7 * BLOCK] });
    expect(validZones(driver.map, 47, driver.policyFor(0))).toBe("Movable Normal");
    // Outside of its zone's span (observed-4.1 §6), and no lowest block of a zone that ends below it.
    expect(isRemovable(driver.map, 47)).toBe(false);
    driver.offline(47);
    expect(driver.online(47, "kernel")).toMatchObject({ ok: false, refusal: { code: "not_adjacent" } });
  });

  test("the last page of a section that RAM does not fill reads as node 0, and node 0's span ends there (observed-4.1 Q7)", () => {
    const driver = driverOf(boot("4.1", twoNodes1G));
    driver.add(0, HIGH, 2);
    driver.add(1, 0x110000, 2);
    driver.remove(1, 0x110000, 2);
    // Node 1's own RAM ends at 0x7ffe0; the section's last page is not node 1's.
    expect(spans(driver.map, 1)["node"]).toEqual([0x40000, 0x38000]);
    driver.remove(0, HIGH, 2);
    expect(spans(driver.map, 0)["node"]).toEqual([1, 0x7ffff]);
  });

  test("boot RAM that ends inside a section loses that section from its zone (observed-4.1 Q7: x-movablecore-dimm-del)", () => {
    const driver = driverOf(boot("4.1", oneNode2G, { movablecore: "512M" }));
    driver.add(0, HIGH, 4);
    expect(spans(driver.map)["Movable"]).toEqual([0x60000, 0xc0000]);
    expect(isRemovable(driver.map, 15)).toBe(true);
    driver.remove(0, HIGH, 4);
    expect(spans(driver.map)["Movable"]).toEqual([0x60000, 0x18000]);
    expect(isRemovable(driver.map, 15)).toBe(false);
    expect(nodeOf(driver.map, 0).zones[ZONE_DMA32].spannedPages).toBe(389120);
  });
});

test("removing a block that is not offline is refused, and the one before it is still there (4.1: BUG(), facts §5.2)", () => {
  const driver = driverOf(boot("4.1"));
  driver.add(0, HIGH, 2);
  driver.online(33);
  expect(() => driver.remove(0, HIGH, 2)).toThrow("removeRange: block 33: expected a block that is offline");
  expect(driver.map.blocks.has(32)).toBe(true);
});

test("a block of several sections stays until its last section goes (facts §5.2)", () => {
  const driver = driverOf(boot("4.1", oneNode2G, { blockPages: 8 * BLOCK }));
  expect(driver.add(0, HIGH, 8)).toEqual([4]);
  expect(driver.map.blocks.presentPages(4)).toBe(8 * BLOCK);
  expect(driver.remove(0, HIGH + 4 * BLOCK, 4)).toEqual([]);
  expect(driver.map.blocks.presentPages(4)).toBe(4 * BLOCK);
  expect(driver.remove(0, HIGH, 4)).toEqual([4]);
});
