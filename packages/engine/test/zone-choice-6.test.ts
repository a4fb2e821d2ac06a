import { type OnlineType, ZONE_DMA, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import {
  addBalance,
  balanceOfNode,
  BlockFlag,
  emptyNode,
  kernelZoneFor,
  type NodeMemory,
  nodeOf,
  refuseOnline,
  zoneForOnline6,
} from "@memhp/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BLOCK, boot, HIGH, oneNode5G, twoNodes1G } from "./boards.ts";
import { contigZones, driverOf, type HotplugDriver } from "./hotplug-driver.ts";

const choice = ({ map, policyFor }: HotplugDriver, block: number, type: OnlineType = "online"): ZoneIndex =>
  zoneForOnline6(map, block, type, policyFor(map.blocks.node(block)));

/** Spans a zone by hand, `[first, last]` in blocks. */
function span(node: NodeMemory, zone: ZoneIndex, [first, last]: readonly [number, number]): void {
  node.zones[zone].startPfn = first * BLOCK;
  node.zones[zone].spannedPages = (last - first + 1) * BLOCK;
}

describe("the kernel zone of a block (facts §3.4)", () => {
  test("is the first of DMA and DMA32 that the block touches, else Normal", () => {
    const node = nodeOf(boot("6.1", oneNode5G), 0);
    expect(kernelZoneFor(node, 0, BLOCK)).toBe(ZONE_DMA);
    expect(kernelZoneFor(node, BLOCK, BLOCK)).toBe(ZONE_DMA32);
    expect(kernelZoneFor(node, HIGH, BLOCK)).toBe(ZONE_NORMAL);
  });

  test("is DMA32 in a hole inside DMA32's span (x_hidden_inside_dma32)", () => {
    expect(kernelZoneFor(nodeOf(boot("6.1", oneNode5G), 0), 0xc8000, BLOCK)).toBe(ZONE_DMA32);
  });

  test("is Normal below 4 GiB where no span reaches (x_hidden_below_4g)", () => {
    expect(kernelZoneFor(nodeOf(boot("6.1"), 0), 0x80000, BLOCK)).toBe(ZONE_NORMAL);
  });

  test("looks at the spans of the block's own node", () => {
    const map = boot("6.1", twoNodes1G);
    expect(kernelZoneFor(nodeOf(map, 0), 0x40000, BLOCK)).toBe(ZONE_NORMAL);
    expect(kernelZoneFor(nodeOf(map, 1), 0x40000, BLOCK)).toBe(ZONE_DMA32);
  });
});

describe("online_kernel and online_movable choose for themselves (facts §3.4)", () => {
  test("no order is asked for: kernel above Movable, Movable below, spans overlap (b_zone_rules_1)", () => {
    const driver = driverOf(boot("6.1"));
    driver.add(0, HIGH, 4);
    for (const [block, type] of [
      [33, "movable"],
      [35, "kernel"],
      [32, "kernel"],
      [34, "movable"],
    ] as const) {
      expect(driver.online(block, type)).toEqual({ ok: true, value: type === "kernel" ? ZONE_NORMAL : ZONE_MOVABLE });
    }
    const { zones } = nodeOf(driver.map, 0);
    expect([zones[ZONE_NORMAL].startPfn, zones[ZONE_NORMAL].spannedPages]).toEqual([HIGH, 4 * BLOCK]);
    expect([zones[ZONE_MOVABLE].startPfn, zones[ZONE_MOVABLE].spannedPages]).toEqual([0x108000, 2 * BLOCK]);
  });

  test("the policy has no say in them", () => {
    const driver = driverOf(boot("6.1"), { ...contigZones, policy: "auto-movable", ratio: 0, movableNode: true });
    driver.add(0, HIGH, 1);
    expect(choice(driver, 32, "movable")).toBe(ZONE_MOVABLE);
    expect(choice(driver, 32, "kernel")).toBe(ZONE_NORMAL);
  });
});

describe("contig-zones (facts §3.4; observed-6 §3)", () => {
  /** Block 40 against spans of Normal and Movable. */
  const truthTable: readonly [
    normal: readonly [number, number] | undefined,
    movable: readonly [number, number] | undefined,
    zone: ZoneIndex,
    withMovableNode: ZoneIndex,
  ][] = [
    [undefined, undefined, ZONE_NORMAL, ZONE_MOVABLE],
    [[38, 42], undefined, ZONE_NORMAL, ZONE_NORMAL],
    [undefined, [38, 42], ZONE_MOVABLE, ZONE_MOVABLE],
    [[38, 42], [38, 42], ZONE_NORMAL, ZONE_MOVABLE],
    [[36, 39], [41, 44], ZONE_NORMAL, ZONE_MOVABLE],
    [[36, 40], [41, 44], ZONE_NORMAL, ZONE_NORMAL],
    [[36, 39], [40, 44], ZONE_MOVABLE, ZONE_MOVABLE],
  ];

  test.for(truthTable)("Normal %s and Movable %s give zone %d, with movable_node %d", ([normal, movable, ...zones]) => {
    const given = [false, true].map((movableNode) => {
      const driver = driverOf(boot("6.1"), { ...contigZones, movableNode });
      driver.add(0, 40 * BLOCK, 1);
      const node = nodeOf(driver.map, 0);
      if (normal !== undefined) span(node, ZONE_NORMAL, normal);
      if (movable !== undefined) span(node, ZONE_MOVABLE, movable);
      return choice(driver, 40);
    });
    expect(given).toEqual(zones);
  });

  test("touching is not enough: the block next to Movable goes to Normal", () => {
    const driver = driverOf(boot("6.1"));
    driver.add(0, HIGH, 2);
    driver.online(32, "movable");
    expect(choice(driver, 33)).toBe(ZONE_NORMAL);
  });

  test("a gap between two Movable blocks goes to Movable (b_hole_movable_spans)", () => {
    const driver = driverOf(boot("6.1"));
    driver.add(0, HIGH, 3);
    driver.online(32, "movable");
    driver.online(34, "movable");
    expect(choice(driver, 33)).toBe(ZONE_MOVABLE);
  });

  test("another node's spans do not count", () => {
    const driver = driverOf(boot("6.1", twoNodes1G));
    driver.add(0, HIGH, 1);
    driver.add(1, 0x108000, 1);
    driver.add(0, 0x110000, 1);
    driver.online(32, "movable");
    driver.online(34, "movable");
    expect(choice(driver, 33)).toBe(ZONE_NORMAL);
  });
});

describe("auto-movable (facts §3.4; observed-6 §3)", () => {
  const autoMovable = (ratio: number, numaAware = true) => ({
    ...contigZones,
    policy: "auto-movable" as const,
    ratio,
    numaAware,
  });

  test("ratio 0 is always the kernel zone (f_automovable_0)", () => {
    const driver = driverOf(boot("6.1", twoNodes1G), autoMovable(0));
    driver.add(1, HIGH, 1);
    expect(choice(driver, 32)).toBe(ZONE_NORMAL);
  });

  test("with ratio 100 a DIMM of 262144 pages is too large for the 262112 early pages of its node (f_automovable_100)", () => {
    const driver = driverOf(boot("6.1", twoNodes1G), autoMovable(100));
    expect(balanceOfNode(nodeOf(driver.map, 1)).earlyKernelPages).toBe(262112);
    driver.add(1, HIGH, 8);
    expect(8 * BLOCK).toBe(262144);
    expect(choice(driver, 32)).toBe(ZONE_NORMAL);
  });

  test("a DIMM of one block less fits", () => {
    const driver = driverOf(boot("6.1", twoNodes1G), autoMovable(100));
    driver.add(1, HIGH, 7);
    expect(choice(driver, 32)).toBe(ZONE_MOVABLE);
  });

  test("not numa-aware, the whole machine's early pages count (f_automovable_nonuma)", () => {
    const driver = driverOf(boot("6.1", twoNodes1G), autoMovable(100, false));
    driver.add(1, HIGH, 8);
    expect(choice(driver, 32)).toBe(ZONE_MOVABLE);
    // 524158 early pages in all: 15 blocks fit, 16 do not.
    driver.add(1, 0x140000, 15);
    driver.add(1, 0x200000, 16);
    expect([choice(driver, 40), choice(driver, 64)]).toEqual([ZONE_MOVABLE, ZONE_NORMAL]);
  });

  test("numa-aware, the machine's balance counts as well as the node's", () => {
    const driver = driverOf(boot("6.1", twoNodes1G), autoMovable(100));
    driver.add(0, HIGH, 16);
    for (let block = 32; block < 48; block++) driver.online(block, "movable");
    driver.add(1, 0x200000, 1);
    expect(choice(driver, 64)).toBe(ZONE_NORMAL);
  });

  test("pages of the DIMM that are Movable already are not needed again", () => {
    const driver = driverOf(boot("6.1", twoNodes1G), autoMovable(100));
    driver.add(1, HIGH, 7);
    for (let block = 32; block < 39; block++) {
      expect(driver.online(block)).toEqual({ ok: true, value: ZONE_MOVABLE });
    }
    driver.add(1, 0x140000, 1);
    expect(choice(driver, 40)).toBe(ZONE_NORMAL);
  });

  test("one block of the DIMM online in a kernel zone draws the rest there", () => {
    const driver = driverOf(boot("6.1", twoNodes1G), autoMovable(301));
    driver.add(1, HIGH, 2);
    driver.add(1, 0x110000, 2);
    driver.online(32, "kernel");
    expect([choice(driver, 33), choice(driver, 34)]).toEqual([ZONE_NORMAL, ZONE_MOVABLE]);
    driver.offline(32);
    expect(choice(driver, 33)).toBe(ZONE_MOVABLE);
  });

  test("a boot block belongs to no DIMM: one block's pages are needed", () => {
    const driver = driverOf(boot("6.1", twoNodes1G), autoMovable(13));
    driver.offline(12);
    // 13 % of 229344 early pages are 29814: less than a block.
    expect(balanceOfNode(nodeOf(driver.map, 1))).toEqual({ earlyKernelPages: 229344, movablePages: 0 });
    expect(choice(driver, 12)).toBe(ZONE_DMA32);
    const wider = driverOf(boot("6.1", twoNodes1G), autoMovable(15));
    wider.offline(12);
    expect(choice(wider, 12)).toBe(ZONE_MOVABLE);
  });

  test("hot-added kernel memory is not early: it allows no more Movable memory", () => {
    const driver = driverOf(boot("6.1", twoNodes1G), autoMovable(100));
    driver.add(1, HIGH, 8);
    for (let block = 32; block < 40; block++) driver.online(block, "kernel");
    expect(balanceOfNode(nodeOf(driver.map, 1)).earlyKernelPages).toBe(262112);
  });

  test("a node without early pages is never Movable by itself (numa-aware)", () => {
    const driver = driverOf(boot("6.1", [...twoNodes1G, []]), autoMovable(1000));
    driver.add(2, HIGH, 1);
    expect(choice(driver, 32)).toBe(ZONE_NORMAL);
  });

  test("property: Movable exactly where movable + needed <= floor(ratio * early / 100), for the node and for the machine", () => {
    const balance = fc.record({ earlyKernelPages: fc.nat(1 << 22), movablePages: fc.nat(1 << 22) });
    const sizes = fc.record({ ratio: fc.integer({ min: 1, max: 1000 }), blocks: fc.integer({ min: 1, max: 64 }) });
    fc.assert(
      fc.property(balance, balance, sizes, fc.boolean(), (own, otherNodes, { ratio, blocks }, numaAware) => {
        const map = boot("6.1", [[], []]);
        const driver = driverOf(map, autoMovable(ratio, numaAware));
        driver.add(0, HIGH, blocks);
        const node = nodeOf(map, 0);
        node.zones[ZONE_NORMAL].earlyPages = own.earlyKernelPages;
        node.zones[ZONE_MOVABLE].presentPages = own.movablePages;
        const fits = ({ earlyKernelPages, movablePages }: typeof own) =>
          movablePages + blocks * BLOCK <= Math.floor((ratio * earlyKernelPages) / 100);
        const isMovable = fits(addBalance(own, otherNodes)) && (!numaAware || fits(own));
        const input = { ...driver.policyFor(0), otherNodes };
        expect(zoneForOnline6(map, 32, "online", input)).toBe(isMovable ? ZONE_MOVABLE : ZONE_NORMAL);
      }),
      { seed: 301 },
    );
  });
});

test("the balance of a machine is the sum of its nodes'", () => {
  const sum = addBalance({ earlyKernelPages: 1, movablePages: 20 }, { earlyKernelPages: 300, movablePages: 4000 });
  expect(sum).toEqual({ earlyKernelPages: 301, movablePages: 4020 });
});

test("boot Movable pages are no early kernel pages", () => {
  const node = emptyNode(0);
  node.zones[ZONE_MOVABLE].earlyPages = 5 * BLOCK;
  node.zones[ZONE_MOVABLE].presentPages = 6 * BLOCK;
  node.zones[ZONE_DMA32].earlyPages = BLOCK;
  expect(balanceOfNode(node)).toEqual({ earlyKernelPages: BLOCK, movablePages: 6 * BLOCK });
});

test("poisoned pages keep a block of 6.12 offline, and one of 6.1 not (observed-6 §13: g_hwpoison)", () => {
  for (const [kernel, errno] of [
    ["6.1", undefined],
    ["6.12", "EHWPOISON"],
  ] as const) {
    const driver = driverOf(boot(kernel));
    driver.add(0, HIGH, 1);
    driver.map.blocks.setFlag(32, BlockFlag.poisoned, true);
    expect(refuseOnline(driver.map, 32)?.errno).toBe(errno);
    expect(driver.online(32).ok).toBe(errno === undefined);
  }
});
