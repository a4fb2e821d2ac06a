import { MIB } from "@memhp/abi";
import {
  addRange,
  type AddRange,
  BlockFlag,
  BlockState,
  bootMemoryMap,
  isBlockOnline,
  nodeHasBlocks,
  nodeOf,
  removeRange,
} from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { BLOCK, boot, HIGH, layoutOf, memorylessNode1, oneNode2G } from "./boards.ts";
import { driverOf } from "./hotplug-driver.ts";
import { x86_64 } from "../../../tools/conformance/src/platforms.ts";

const range = (more: Partial<AddRange> = {}): AddRange => ({
  node: 0,
  startPfn: HIGH,
  nrPages: 2 * BLOCK,
  group: -1,
  altmapPages: 0,
  firmware: false,
  driverManaged: false,
  ...more,
});

describe("new blocks", () => {
  test.for(["4.1", "6.1"] as const)(
    "%s: they are offline, whole, not early, and remembering a plain online (facts §2.8)",
    (id) => {
      const map = boot(id);
      expect(addRange(map, range({ group: 7 }))).toEqual([32, 33]);
      expect(map.blocks.row(33)).toMatchObject({
        state: BlockState.offline,
        flags: 0,
        node: 0,
        presentPages: BLOCK,
        group: 7,
        onlineType: "online",
      });
      expect(isBlockOnline(map, 33)).toBe(false);
    },
  );

  test("a DIMM's blocks are bound to firmware, probed ones are not (observed-4.1 §1)", () => {
    const map = boot("4.1");
    addRange(map, range({ firmware: true }));
    addRange(map, range({ startPfn: 0x110000 }));
    expect([32, 34].map((block) => map.blocks.hasFlag(block, BlockFlag.firmware))).toEqual([true, false]);
  });

  test("a driver's memory and blocks with their own memmap are marked (facts §5.1, §5.3)", () => {
    const map = boot("6.12");
    addRange(map, range({ driverManaged: true, altmapPages: 512 }));
    expect(map.blocks.hasFlag(32, BlockFlag.driverManaged)).toBe(true);
    expect(map.blocks.hasFlag(32, BlockFlag.selfHosted)).toBe(true);
    expect(map.blocks.altmapPages(33)).toBe(512);
  });

  test("present pages of the machine do not change (facts §9.2)", () => {
    for (const id of ["4.1", "6.1"] as const) {
      const map = boot(id);
      const before = nodeOf(map, 0).presentPages;
      addRange(map, range());
      expect(nodeOf(map, 0).presentPages).toBe(before);
    }
  });
});

test("4.1: a block larger than a section fills up section by section (facts §2.4)", () => {
  const arch = { ...x86_64, sectionSizeBits: 24, maxPageOrder: 12, pageblockOrder: 12 };
  const layout = layoutOf("4.1", oneNode2G);
  // Sections of 16 MiB, blocks of 256 MiB, as a logical partition has them.
  const map = bootMemoryMap({ ...layout, arch, blockPages: (256 * MIB) / 4096 });
  expect(addRange(map, range({ nrPages: 0x1000 }))).toEqual([16]);
  expect(map.blocks.presentPages(16)).toBe(0x1000);
  expect(addRange(map, range({ startPfn: HIGH + 0x1000, nrPages: 0xf000 }))).toEqual([]);
  expect(map.blocks.presentPages(16)).toBe(0x10000);
});

describe("a node's blocks", () => {
  test("node 1 has none before its first DIMM and after its last (facts §5.2)", () => {
    const map = boot("4.1", memorylessNode1);
    expect([nodeHasBlocks(map, 0), nodeHasBlocks(map, 1)]).toEqual([true, false]);
    addRange(map, range({ node: 1 }));
    expect(nodeHasBlocks(map, 1)).toBe(true);
    removeRange(map, { node: 1, startPfn: HIGH, nrPages: 2 * BLOCK });
    expect(nodeHasBlocks(map, 1)).toBe(false);
  });

  test("removal of a range without blocks takes nothing away (observed-6 §10)", () => {
    expect(removeRange(boot("6.1"), { node: 0, startPfn: HIGH, nrPages: 2 * BLOCK })).toEqual([]);
  });

  test("a boot block that goes takes its holes along", () => {
    const driver = driverOf(boot("4.1", oneNode2G));
    driver.offline(15);
    expect(driver.map.parts.has(15)).toBe(true);
    expect(driver.remove(0, 15 * BLOCK, 1)).toEqual([15]);
    expect(driver.map.parts.has(15)).toBe(false);
  });
});
