import { type PfnRange, ZONE_DMA, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL, zoneName } from "@memhp/abi";
import {
  BlockFlag,
  BlockState,
  bootMemoryMap,
  isZoneEmpty,
  type MemoryMap,
  MIXED_ZONES,
  movableStarts,
  nodeOf,
  nodesOfBlock,
  pageHome,
  partsOfBlock,
  recountZone,
  restoreMemoryMap,
  sliceMemoryMap,
  snapshotMemoryMap,
  zoneEndPfn,
} from "@memhp/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BLOCK, boot, HIGH, layoutOf, lowRam, oneNode2G, oneNode5G, ram5G, twoNodes1G } from "./boards.ts";

/** `[start, end, present]` of the zones of a node that span anything. */
function spans(map: MemoryMap, node = 0): Record<string, readonly [number, number, number]> {
  const zones = nodeOf(map, node).zones.filter((zone) => !isZoneEmpty(zone));
  return Object.fromEntries(
    zones.map((zone) => [zoneName(zone.index), [zone.startPfn, zoneEndPfn(zone), zone.presentPages] as const]),
  );
}

describe("zones at boot", () => {
  test("2 GiB have DMA and DMA32, and no Normal zone (observed-4.1 §9: boot-1n)", () => {
    expect(spans(boot("4.1", oneNode2G))).toEqual({
      DMA: [1, 0x1000, 3998],
      DMA32: [0x1000, 0x7ffe0, 520160],
    });
  });

  test("5 GiB have a Normal zone from 4 GiB on, and DMA32 spans the hole below it (boot-1n-5g)", () => {
    expect(spans(boot("4.1", oneNode5G))).toEqual({
      DMA: [1, 0x1000, 3998],
      DMA32: [0x1000, 0x100000, 782304],
      Normal: [0x100000, 0x180000, 0x80000],
    });
  });

  test("each node has its own zones; node 1 begins in DMA32 (observed-6 §4: a_boot_2node)", () => {
    const map = boot("6.1", twoNodes1G);
    expect(spans(map, 0)).toEqual({ DMA: [1, 0x1000, 3998], DMA32: [0x1000, 0x40000, 258048] });
    expect(spans(map, 1)).toEqual({ DMA32: [0x40000, 0x7ffe0, 262112] });
  });

  test("the node spans its first to its last page of RAM", () => {
    const { startPfn, spannedPages, presentPages } = nodeOf(boot("4.1", oneNode5G), 0);
    expect([startPfn, spannedPages, presentPages]).toEqual([1, 1572863, 1310590]);
  });

  test("kernelcore= cuts the highest kernel zone, not at a block but at MAX_ORDER (boot-1n-kernelcore1g)", () => {
    const map = boot("4.1", oneNode2G, { kernelcore: "1G" });
    expect(spans(map)).toMatchObject({ DMA32: [0x1000, 0x40400, 259072], Movable: [0x40400, 0x7ffe0, 261088] });
  });

  test("with RAM above 4 GiB it is Normal that is cut (boot-1n-5g-kernelcore3g)", () => {
    const map = boot("4.1", oneNode5G, { kernelcore: "3G" });
    expect(spans(map)).toMatchObject({ Normal: [HIGH, 0x100400, 1024], Movable: [0x100400, 0x180000, 523264] });
  });

  test("a node that begins where a zone ends has nothing of that zone (boot-2n-6g: hidden zones of node 1)", () => {
    const { zones } = nodeOf(boot("4.1", [lowRam(0xc0000), [{ startPfn: HIGH, endPfn: 0x1c0000 }]]), 1);
    const untouched = zones.filter((zone) => !zone.initialised);
    expect(untouched.map(({ index, startPfn, spannedPages }) => [index, startPfn, spannedPages])).toEqual([
      [ZONE_DMA, 0, 0],
      [ZONE_DMA32, 0, 0],
      [ZONE_MOVABLE, 0, 0],
      [4, 0, 0],
    ]);
  });

  test("a node wholly above its cut has no kernel zone and no Normal memory (facts §11, 14)", () => {
    const ram: PfnRange[][] = [ram5G, [{ startPfn: 0x180000, endPfn: 0x280000 }]];
    const node = nodeOf(boot("6.1", ram, { kernelcore: "2G" }), 1);
    expect(node.zones.map((zone) => zone.presentPages)).toEqual([0, 0, 0, 0x100000, 0]);
    expect([node.hasMemory, node.hasNormalMemory]).toEqual([true, false]);
  });

  test("4.1 gives a Movable zone past the end of RAM 32 pages that do not exist; 6.x has no such zone (observed-4.1 Q6)", () => {
    const ghost = nodeOf(boot("4.1", oneNode2G, { kernelcore: "100G" }), 0);
    expect(ghost.zones[ZONE_MOVABLE]).toMatchObject({ spannedPages: 0, presentPages: 32, managedPages: 0 });
    expect(ghost.presentPages).toBe(524158 + 32);
    const none = nodeOf(boot("6.1", oneNode2G, { kernelcore: "100G" }), 0);
    expect(none.zones[ZONE_MOVABLE]).toMatchObject({ spannedPages: 0, presentPages: 0 });
  });

  test("boot memory is early memory, and less of it is managed than present", () => {
    for (const zone of nodeOf(boot("6.1", oneNode5G), 0).zones) {
      expect(zone.earlyPages).toBe(zone.presentPages);
      if (zone.presentPages > 0) expect(zone.managedPages).toBeLessThan(zone.presentPages);
    }
  });

  test("the kernel keeps a share of ZONE_DMA that does not vary (boot-1n, a_boot_2node)", () => {
    const managed = (kernel: string) => nodeOf(boot(kernel), 0).zones[ZONE_DMA].managedPages;
    expect([managed("4.1"), managed("6.1")]).toEqual([3977, 3840]);
  });

  test("RAM that ends at 4 GiB to the page leaves DMA32 the zone that is cut (facts §8.1)", () => {
    const map = boot("6.1", [[{ startPfn: 1, endPfn: HIGH }]], { kernelcore: "1G" });
    expect(spans(map)).toMatchObject({ DMA32: [0x1000, 0x40400, 0x3f400], Movable: [0x40400, HIGH, 0xbfc00] });
    const beyond = boot("6.1", [[{ startPfn: 1, endPfn: HIGH + 0x400 }]], { kernelcore: "1G" });
    expect(spans(beyond)).toMatchObject({ DMA32: [0x1000, HIGH, 0xff000], Movable: [HIGH, HIGH + 0x400, 0x400] });
  });

  test("a node without memory is online if it has processors, and in no mask", () => {
    const map = boot("6.1", [lowRam(0x80000), [], []], { cpus: [1, 1, 0] });
    const seen = [1, 2].map((id) => nodeOf(map, id));
    expect(seen.map(({ online, hasMemory, hasNormalMemory }) => [online, hasMemory, hasNormalMemory])).toEqual([
      [true, false, false],
      [false, false, false],
    ]);
  });

  test("without MOVABLE_NODE the two masks are one (facts §3.3)", () => {
    const ram: PfnRange[][] = [ram5G, [{ startPfn: 0x180000, endPfn: 0x280000 }]];
    expect(nodeOf(boot("4.1", ram, { kernelcore: "2G" }), 1).hasNormalMemory).toBe(false);
    expect(nodeOf(boot("4.1-nomn", ram, { kernelcore: "2G" }), 1).hasNormalMemory).toBe(true);
  });
});

describe("blocks at boot", () => {
  test("all are online, early and without a group", () => {
    const map = boot("6.1", oneNode2G);
    expect([...map.blocks.ids()]).toEqual(Array.from({ length: 16 }, (_, id) => id));
    expect(map.blocks.row(3)).toEqual({
      id: 3,
      state: BlockState.online,
      zone: ZONE_DMA32,
      flags: BlockFlag.early,
      node: 0,
      presentPages: BLOCK,
      altmapPages: 0,
      group: -1,
      onlineType: "online",
    });
  });

  test("only blocks with memory exist: there is a gap where the PCI hole is (observed-6 §1)", () => {
    const ids = [...boot("6.1", oneNode5G).blocks.ids()];
    expect([ids[23], ids[24], ids.length]).toEqual([23, 32, 40]);
  });

  test("block 0 is in DMA and DMA32 (observed-4.1 §3)", () => {
    const map = boot("4.1", oneNode2G);
    expect(map.blocks.zone(0)).toBe(MIXED_ZONES);
    expect(partsOfBlock(map, 0).map(({ startPfn, endPfn, zone }) => [startPfn, endPfn, zone])).toEqual([
      [1, 0x9f, ZONE_DMA],
      [0x100, 0x1000, ZONE_DMA],
      [0x1000, 0x8000, ZONE_DMA32],
    ]);
  });

  test("a kernelcore= boundary inside a block leaves that block in two zones (observed-4.1 §9)", () => {
    const map = boot("4.1", oneNode2G, { kernelcore: "1G" });
    const mixed = [...map.blocks.ids()].filter((id) => map.blocks.zone(id) === MIXED_ZONES);
    expect(mixed).toEqual([0, 8]);
    expect(partsOfBlock(map, 8).map(({ endPfn, zone }) => [endPfn, zone])).toEqual([
      [0x40400, ZONE_DMA32],
      [0x48000, ZONE_MOVABLE],
    ]);
  });

  test("the last block lacks the pages of the ACPI tables (observed-4.1 §9)", () => {
    const map = boot("4.1", oneNode2G);
    expect(map.blocks.presentPages(15)).toBe(BLOCK - 32);
    expect(map.blocks.zone(15)).toBe(ZONE_DMA32);
  });

  test("a block across two nodes is linked from both (observed-6 §5: a_boot_node_boundary_unaligned)", () => {
    const border = 0x44000;
    const map = boot("6.1", [[{ startPfn: 1, endPfn: border }], [{ startPfn: border, endPfn: 0x80000 }]]);
    expect(nodesOfBlock(map, 8)).toEqual([0, 1]);
    expect(nodesOfBlock(map, 7)).toEqual([0]);
    // In ascending order, also where the second node's memory lies below the first one's.
    const crossed = boot("6.1", [[{ startPfn: border, endPfn: 0x80000 }], [{ startPfn: 1, endPfn: border }]]);
    expect(nodesOfBlock(crossed, 8)).toEqual([0, 1]);
    expect(crossed.blocks.node(8)).toBe(1);
    expect(map.blocks.zone(8)).toBe(MIXED_ZONES);
    expect([map.blocks.node(8), map.blocks.node(9)]).toEqual([0, 1]);
  });

  test("4.1 leaves struct pages past a node's end at node 0, ZONE_DMA; 6.x gives a hole the home of its memory (observed-4.1 Q7)", () => {
    expect(pageHome(boot("4.1", oneNode2G), 0x7ffff)).toMatchObject({ node: 0, zone: ZONE_DMA });
    expect(pageHome(boot("6.1", oneNode2G), 0x7ffff)).toMatchObject({ node: 0, zone: ZONE_DMA32 });
  });

  test("in 4.1 a hole inside a node's span has the zone of its address", () => {
    const map = boot("4.1", oneNode5G);
    expect(pageHome(map, 0xbffff)).toMatchObject({ node: 0, zone: ZONE_DMA32, ram: false });
    const cut = boot("4.1", [[...lowRam(0x44000), { startPfn: 0x45000, endPfn: 0x80000 }]], { kernelcore: "512M" });
    expect(pageHome(cut, 0x44800)).toMatchObject({ node: 0, zone: ZONE_MOVABLE, ram: false });
  });

  test("a block of 1 GiB may hold a hole of its own (y-block-1g)", () => {
    const map = boot("4.1", oneNode5G, { blockPages: 8 * BLOCK });
    expect([...map.blocks.ids()]).toEqual([0, 1, 2, 4, 5]);
    expect(map.blocks.presentPages(2)).toBe(8 * BLOCK - 32);
    expect(map.blocks.zone(4)).toBe(ZONE_NORMAL);
  });
});

test("a slice of some nodes holds just those and their blocks, as the whole machine has them", () => {
  const ram = [...twoNodes1G, [{ startPfn: HIGH, endPfn: 0x140000 }]];
  const layout = layoutOf("4.1", ram, { kernelcore: "1G" });
  const whole = bootMemoryMap(layout);
  const slice = sliceMemoryMap(snapshotMemoryMap(whole), new Set([0, 2]));
  const part = restoreMemoryMap(slice, layout.kernel, layout.arch);
  expect([...part.nodes.keys()]).toEqual([0, 2]);
  for (const id of [0, 2]) expect(part.nodes.get(id)).toEqual(whole.nodes.get(id));
  const owned = [...whole.blocks.ids()].filter((id) => whole.blocks.node(id) !== 1);
  expect([...part.blocks.ids()]).toEqual(owned);
  for (const id of owned) {
    expect(part.blocks.row(id)).toEqual(whole.blocks.row(id));
    expect(part.parts.get(id)).toEqual(whole.parts.get(id));
  }
});

/** RAM of one to three nodes, scattered below and above 4 GiB, in pieces that need not fill a block. */
const scattered = fc
  .array(
    fc.record({
      node: fc.nat(2),
      gap: fc.integer({ min: 0, max: 3 * BLOCK }),
      // Firmware ends RAM at any page; 0x20 is what QEMU's tables leave.
      pages: fc.integer({ min: 0x20, max: 0x60000 }).map((pages) => pages & ~0x1f),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((pieces) => {
    const ram: PfnRange[][] = [[], [], []];
    let next = 0x20;
    for (const { node, gap, pages } of pieces) {
      const startPfn = next + (gap & ~0x1f);
      next = startPfn + pages;
      ram[node]?.push({ startPfn, endPfn: next });
    }
    return ram;
  });

test("property: after any boot each zone's pages are those of its blocks, inside its span, and nothing is lost", () => {
  const kernels = fc.constantFrom<string>("4.1", "4.1-nomn", "6.1", "6.12");
  const kernelcore = fc.option(fc.integer({ min: 1, max: 6000 }), { nil: undefined });
  fc.assert(
    fc.property(kernels, scattered, kernelcore, (kernel, ram, mib) => {
      const options = mib === undefined ? {} : { kernelcore: `${mib}M` };
      const map = boot(kernel, ram, options);
      const starts = movableStarts(layoutOf(kernel, ram, options));
      const total = ram.flat().reduce((sum, { startPfn, endPfn }) => sum + endPfn - startPfn, 0);
      let inBlocks = 0;
      for (const id of map.blocks.ids()) inBlocks += map.blocks.presentPages(id);
      expect(inBlocks).toBe(total);
      let inZones = 0;
      for (const node of map.nodes.values()) {
        const last = ram[node.id]?.at(-1)?.endPfn ?? 0;
        const ghost = Math.max(0, (starts.get(node.id) ?? 0) - last);
        for (const zone of node.zones) {
          const found = recountZone(map, node.id, zone.index);
          expect(zone.presentPages).toBe(found.presentPages + (zone.index === ZONE_MOVABLE ? ghost : 0));
          expect(zone.earlyPages).toBe(found.earlyPages);
          inZones += found.presentPages;
          if (found.presentPages === 0) continue;
          expect(zone.startPfn).toBeLessThanOrEqual(found.startPfn);
          expect(zoneEndPfn(zone)).toBeGreaterThanOrEqual(found.endPfn);
        }
        expect(node.presentPages).toBe(node.zones.reduce((sum, zone) => sum + zone.presentPages, 0));
      }
      expect(inZones).toBe(total);
    }),
    { seed: 9, numRuns: 200 },
  );
});
