import { MIB } from "@memhp/abi";
import {
  addRange,
  type AddRange,
  BlockFlag,
  BlockState,
  bootMemoryMap,
  hasSection,
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

describe("4.1: a block of 16 sections (facts §2.4)", () => {
  const SECTION = 0x1000;
  // Sections of 16 MiB, blocks of 256 MiB, as a logical partition has them.
  const partition = () => {
    const arch = { ...x86_64, sectionSizeBits: 24, maxPageOrder: 12, pageblockOrder: 12 };
    return bootMemoryMap({ ...layoutOf("4.1", oneNode2G), arch, blockPages: (256 * MIB) / 4096 });
  };
  const at = (section: number, count: number) => ({ startPfn: HIGH + section * SECTION, nrPages: count * SECTION });
  const there = (map: ReturnType<typeof partition>): number[] =>
    Array.from({ length: 16 }, (_, i) => i).filter((i) => hasSection(map, HIGH + i * SECTION));

  test("fills up section by section, and has no parts when it is whole", () => {
    const map = partition();
    expect(addRange(map, range(at(0, 1)))).toEqual([16]);
    expect(map.blocks.presentPages(16)).toBe(SECTION);
    expect(there(map)).toEqual([0]);
    expect(addRange(map, range(at(8, 8)))).toEqual([]);
    expect(there(map)).toEqual([0, 8, 9, 10, 11, 12, 13, 14, 15]);
    addRange(map, range(at(1, 7)));
    expect([map.blocks.presentPages(16), map.parts.has(16)]).toEqual([16 * SECTION, false]);
  });

  test("loses the sections that are removed, and goes with the last", () => {
    const map = partition();
    addRange(map, range(at(0, 16)));
    expect(removeRange(map, { node: 0, ...at(4, 2) })).toEqual([]);
    expect(there(map)).toEqual([0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    removeRange(map, { node: 0, ...at(6, 10) });
    expect([map.blocks.presentPages(16), nodeOf(map, 0).zones[2].spannedPages]).toEqual([4 * SECTION, 4 * SECTION]);
    expect(removeRange(map, { node: 0, ...at(0, 4) })).toEqual([16]);
    expect(nodeOf(map, 0).zones[2].spannedPages).toBe(0);
  });

  test("keeps what is behind the first section that is not there (facts §5.2: __remove_pages)", () => {
    const map = partition();
    addRange(map, range(at(0, 2)));
    addRange(map, range(at(3, 2)));
    expect(removeRange(map, { node: 0, ...at(0, 16) })).toEqual([]);
    expect(there(map)).toEqual([3, 4]);
    expect(removeRange(map, { node: 0, ...at(0, 3) })).toEqual([]);
    expect(there(map)).toEqual([3, 4]);
  });
});

test("later kernels take whole blocks (facts §5.1 step 1)", () => {
  const layout = layoutOf("6.12", oneNode2G);
  const map = bootMemoryMap({ ...layout, blockPages: 2 * BLOCK });
  expect(() => addRange(map, range({ nrPages: BLOCK }))).toThrow(
    /nrPages: expected whole blocks of 65536 pages, found 32768/,
  );
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
