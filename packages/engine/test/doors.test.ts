import { pagesPerSection, ZONE_NORMAL } from "@memhp/abi";
import {
  addRange,
  BlockState,
  BlockTable,
  counterErrors,
  freeUsed,
  indexOf,
  PageKind,
  populateBlock,
  removeRange,
  takeRange,
  withdrawBlock,
} from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { boot } from "./boards.ts";
import { BLOCK_PAGES, emptyStore } from "./pages/machines.ts";

const range = { node: 0, group: -1, altmapPages: 0, firmware: false, driverManaged: false };

describe.for(["4.1", "6.12"])("ranges on %s", (kernel) => {
  const wrong = [Number.NaN, -1, 0.5, 1, 1e300, Number.POSITIVE_INFINITY, "foo", undefined] as never[];

  test.for(wrong)("addRange and removeRange take no pfn and no length of %s, and the map stays as it was", (value) => {
    const map = boot(kernel);
    const before = [...map.blocks.runs()];
    const section = pagesPerSection(map.arch);
    const at = 64 * section;
    for (const call of [addRange, removeRange]) {
      expect(() => call(map, { ...range, startPfn: value, nrPages: section })).toThrow(
        `${call.name}: startPfn: expected`,
      );
      expect(() => call(map, { ...range, startPfn: at, nrPages: value })).toThrow(`${call.name}: nrPages: expected`);
      expect(() => call(map, { ...range, node: 777, startPfn: at, nrPages: section })).toThrow("node: expected one of");
    }
    expect([...map.blocks.runs()]).toEqual(before);
  });
});

describe.for(["4.1", "6.12"])("pages on %s", (kernel) => {
  test("what is free is not freed again, nor is a page that no block has", () => {
    const store = emptyStore(kernel);
    populateBlock(store, { block: 32, node: 0, zone: ZONE_NORMAL });
    const pfn = 32 * BLOCK_PAGES + 5;
    expect(takeRange(store, pfn, 1, PageKind.anonymous, 0)).toBe(true);
    const index = indexOf(store, pfn);
    freeUsed(store, index);
    for (const wrong of [index, index + 1, -1, 2 ** 40, Number.NaN])
      expect(() => freeUsed(store, wrong)).toThrow("expected the first frame of a used page, found");
    expect(counterErrors(store)).toEqual([]);
  });

  test("pages of a block come once and go once", () => {
    const store = emptyStore(kernel);
    populateBlock(store, { block: 32, node: 0, zone: ZONE_NORMAL });
    expect(() => populateBlock(store, { block: 32, node: 0, zone: ZONE_NORMAL })).toThrow(
      "block 32: its pages are online already",
    );
    expect(() => withdrawBlock(store, 33)).toThrow("block 33: its pages are not online");
    expect(counterErrors(store)).toEqual([]);
  });
});

test("no state makes a block out of nothing", () => {
  const table = new BlockTable();
  for (const id of [0, 777, -1, 0.5, Number.NaN])
    expect(() => table.setState(id, BlockState.online)).toThrow(`block: expected one that exists, found ${id}`);
  expect(table.size).toBe(0);
  expect([...table.ids()]).toEqual([]);
});
