import { ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import { BlockState, isInOneZone41, validZones } from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { boot, HIGH, lowRam, memorylessNode1, oneNode2G, oneNode5G, twoNodes1G } from "./boards.ts";
import { contigZones, driverOf, type HotplugDriver } from "./hotplug-driver.ts";

const read = ({ map, policyFor }: HotplugDriver, block: number): string =>
  validZones(map, block, policyFor(map.blocks.node(block)));

/** What runs of blocks read, as `32-34: Normal`. */
function table(driver: HotplugDriver, from = 0): string[] {
  const lines: { first: number; last: number; text: string }[] = [];
  for (const id of driver.map.blocks.ids()) {
    if (id < from) continue;
    const text = read(driver, id);
    const line = lines.at(-1);
    if (line?.text === text && line.last === id - 1) line.last = id;
    else lines.push({ first: id, last: id, text });
  }
  return lines.map(({ first, last, text }) => `${first === last ? first : `${first}-${last}`}: ${text}`);
}

describe("4.1 looks at the zone of the block and the edge it touches (observed-4.1 §3)", () => {
  test("a block in two zones reads none (boot-1n memory0)", () => {
    expect(table(driverOf(boot("4.1", oneNode2G)))).toEqual(["0: none", "1-15: DMA32"]);
  });

  test("a kernelcore= boundary inside a block reads none, and offers nothing to its neighbours (boot-1n-kernelcore1g)", () => {
    const driver = driverOf(boot("4.1", oneNode2G, { kernelcore: "1G" }));
    expect(table(driver)).toEqual(["0: none", "1-7: DMA32", "8: none", "9-15: Movable"]);
  });

  test("a last block that is mostly hole reads none: the hole is of another zone (boot-1n-noncontig)", () => {
    const driver = driverOf(boot("4.1", [lowRam(0x80800)]));
    expect(read(driver, 16)).toBe("none");
    expect(isInOneZone41(driver.map, 16)).toBe(false);
  });

  test("a hole below MAX_ORDER pages is not noticed: only the first page of each is looked at (facts §4.1 step 2)", () => {
    const driver = driverOf(boot("4.1", oneNode2G));
    expect(isInOneZone41(driver.map, 15)).toBe(true);
    expect(read(driver, 15)).toBe("DMA32");
  });

  test("and no page of the block behind is: a node's last block may lack pages", () => {
    const driver = driverOf(boot("4.1", [lowRam(0x40000), [{ startPfn: 0x40000, endPfn: 0x80000 }]]));
    expect(driver.map.parts.has(7)).toBe(true);
    expect(table(driver)).toEqual(["0: none", "1-15: DMA32"]);
  });

  test("the last block of Normal may become Movable (order-mv-ascending)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 8);
    expect(table(driver, 32)).toEqual(["32-38: Normal", "39: Normal Movable"]);
  });

  test("the first block of Movable may become Normal, online or offline (order-mv-descending)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 8);
    for (const block of [39, 38]) driver.online(block, "movable");
    const expected = ["32-36: Normal", "37: Normal Movable", "38: Movable Normal", "39: Movable"];
    expect(table(driver, 32)).toEqual(expected);
    driver.offline(38);
    expect(table(driver, 32)).toEqual(expected);
  });

  test("online blocks show two zones too (boot-1n-5g memory47)", () => {
    expect(table(driverOf(boot("4.1", oneNode5G)), 1)).toEqual(["1-23: DMA32", "32-46: Normal", "47: Normal Movable"]);
  });

  test("DMA32 offers no other zone, but the first Movable block above it offers Normal (observed-4.1 §3)", () => {
    const driver = driverOf(boot("4.1", oneNode2G, { movablecore: "512M" }));
    expect(table(driver, 1)).toEqual(["1-11: DMA32", "12: Movable Normal", "13-15: Movable"]);
  });

  test("the block before a hole is not the last one (observed-4.1 Q5)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 2);
    driver.add(0, 0x140000, 2);
    expect(table(driver, 32)).toEqual(["32-33: Normal", "40: Normal", "41: Normal Movable"]);
  });

  test("each node has its own edge (interleaved-nodes-dimms)", () => {
    const driver = driverOf(boot("4.1", memorylessNode1));
    driver.add(0, HIGH, 2);
    driver.add(1, 0x110000, 2);
    driver.add(0, 0x120000, 2);
    expect(table(driver, 32)).toEqual(["32-34: Normal", "35: Normal Movable", "36: Normal", "37: Normal Movable"]);
  });
});

describe("6.x names the zone of an online block (observed-6 §3)", () => {
  test("memory0 is in DMA and DMA32 and reads none (a_boot_2node)", () => {
    expect(table(driverOf(boot("6.1", twoNodes1G)))).toEqual(["0: none", "1-15: DMA32"]);
  });

  test("a block across DMA32 and Movable reads none (a_boot_2node_kernelcore_512M)", () => {
    const driver = driverOf(boot("6.1", twoNodes1G, { kernelcore: "512M" }));
    expect(table(driver)).toEqual(["0: none", "1: DMA32", "2: none", "3-7: Movable", "8-9: DMA32", "10-15: Movable"]);
  });

  test("one zone and nothing else, at an edge too", () => {
    const driver = driverOf(boot("6.1"));
    driver.add(0, HIGH, 3);
    driver.online(32, "kernel");
    driver.online(34, "movable");
    expect([read(driver, 32), read(driver, 34)]).toEqual(["Normal", "Movable"]);
  });
});

describe("6.x gives an offline block the choice of online now, then the kernel zone, then Movable (observed-6 §3)", () => {
  test.for(["6.1", "6.12"] as const)("%s: a new DIMM reads Normal Movable", (kernel) => {
    const driver = driverOf(boot(kernel));
    driver.add(0, HIGH, 2);
    expect(table(driver, 32)).toEqual(["32-33: Normal Movable"]);
  });

  test("inside Movable's span the default is Movable (b_hole_movable_spans)", () => {
    const driver = driverOf(boot("6.1"));
    driver.add(0, HIGH, 4);
    driver.online(32, "movable");
    driver.online(34, "movable");
    expect(table(driver, 32)).toEqual(["32: Movable", "33: Movable Normal", "34: Movable", "35: Normal Movable"]);
  });

  test("inside both spans the default is the kernel zone, with movable_node Movable (b_fuzz_movable_node)", () => {
    for (const [movableNode, text] of [
      [false, "Normal Movable"],
      [true, "Movable Normal"],
    ] as const) {
      const driver = driverOf(boot("6.1"), { ...contigZones, movableNode });
      driver.add(0, HIGH, 5);
      for (const [block, type] of [
        [32, "kernel"],
        [33, "movable"],
        [35, "kernel"],
        [36, "movable"],
      ] as const) {
        driver.online(block, type);
      }
      expect(read(driver, 34)).toBe(text);
    }
  });

  test("a boot block inside DMA32's span reads DMA32 Movable (b_boot_blocks)", () => {
    const driver = driverOf(boot("6.1"));
    driver.offline(5);
    expect(read(driver, 5)).toBe("DMA32 Movable");
  });

  test("the last block of a shrunken DMA32 would come back as Normal (x_zone_device_order_boot_movable memory13)", () => {
    const driver = driverOf(boot("6.1", [[{ startPfn: 1, endPfn: 0x80000 }]]));
    driver.offline(15);
    expect(read(driver, 15)).toBe("Normal Movable");
    driver.online(15);
    expect(driver.map.blocks.zone(15)).toBe(ZONE_NORMAL);
  });

  test("a block that is going offline reads as an offline one (observed-6 §9: x_going_offline)", () => {
    const driver = driverOf(boot("6.1"));
    driver.add(0, HIGH, 2);
    driver.online(32, "movable");
    driver.map.blocks.setState(32, BlockState.goingOffline);
    expect(read(driver, 32)).toBe("Movable Normal");
  });

  test("auto-movable makes its own choice the first one", () => {
    const driver = driverOf(boot("6.1"), { ...contigZones, policy: "auto-movable" });
    driver.add(0, HIGH, 2);
    expect(read(driver, 33)).toBe("Movable Normal");
    driver.online(32, "kernel");
    expect(read(driver, 33)).toBe("Normal Movable");
  });
});

test("the zone tags behind it all: 4.1 keeps the zone of an offline block, 6.x forgets it", () => {
  for (const [kernel, kept] of [
    ["4.1", true],
    ["6.1", false],
  ] as const) {
    const driver = driverOf(boot(kernel));
    driver.add(0, HIGH, 1);
    driver.online(32, "movable");
    driver.offline(32);
    driver.offline(3);
    expect(driver.map.blocks.zone(32) === ZONE_MOVABLE).toBe(kept);
    expect(driver.map.blocks.zone(3) === ZONE_DMA32).toBe(kept);
  }
});
