import { ZONE_NORMAL } from "@memhp/abi";
import { describe, expect, test } from "vitest";
import { type BlockFilter, maskOf, matching, noFilter } from "../src/map/block-filter.ts";
import { orderOf } from "../src/map/block-order.ts";
import { groupLook } from "../src/map/group-look.ts";
import { perform } from "../src/session/perform.ts";
import { bootTwoNodes } from "./machines.ts";

// Two nodes of 16 blocks of boot memory and a DIMM of 8 each; of node 1's (56 to 63) the first three are online as kernel memory.
const session = await bootTwoNodes("6.12", { cmdline: "memhp_default_state=offline" });
await perform(session, {
  steps: [
    { op: "online", blocks: "56-58", type: "kernel" },
    { op: "kernel_pages", blocks: "58", present: true },
  ],
});
const columns = session.columns();
await session.close();

describe("a filter of blocks", () => {
  test.each<[Partial<BlockFilter>, number]>([
    [{ state: "offline" }, 13],
    [{ state: "online", device: "n1d0" }, 3],
    [{ device: "d0" }, 16],
    // Boot memory of node 1 lies above 4 GiB, that of node 0 below.
    [{ zone: String(ZONE_NORMAL) }, 19],
    [{ load: "db" }, 2],
    [{ load: "db", device: "boot" }, 0],
  ])("%j lets %i blocks through", (filter, count) => {
    const mask = maskOf(columns, { ...noFilter, ...filter }, new Set([57, 60]));
    expect(mask === undefined ? -1 : matching(mask)).toBe(count);
  });

  test("that asks for nothing is none", () => {
    expect(maskOf(columns, noFilter, undefined)).toBeUndefined();
  });
});

describe("the order of a table", () => {
  const idsBy = (...order: [Parameters<typeof orderOf>[3], boolean]): (number | undefined)[] =>
    Array.from(orderOf(columns, columns.segments, undefined, ...order), (i) => columns.ids[i]);

  test("is that of blocks, or of a column and then of blocks", () => {
    expect(idsBy("block", false)).toEqual([...columns.ids].toSorted((a, b) => a - b));
    expect(idsBy("block", true)).toEqual([...columns.ids].toSorted((a, b) => b - a));
    expect(idsBy("node", true).slice(0, 3)).toEqual([32, 33, 34]);
    expect(idsBy("device", false).slice(-8)).toEqual([56, 57, 58, 59, 60, 61, 62, 63]);
    expect(idsBy("kernel pages", true)).toContain(58);
  });

  test("has only what a filter lets through, of the segments that are shown", () => {
    const mask = maskOf(columns, { ...noFilter, state: "online" }, undefined);
    const dimm = columns.segments.filter(({ label }) => label === "n1d0");
    const places = orderOf(columns, dimm, mask, "block", false);
    expect(Array.from(places, (i) => columns.ids[i])).toEqual([56, 57, 58]);
  });
});

test("several blocks as one square are painted as most of them are", () => {
  const look = { state: 0, zone: 0, unmovable: false };
  const at = columns.indexOf(56);
  groupLook(columns, at, at + 4, look);
  expect(look).toEqual({ state: columns.state[at], zone: ZONE_NORMAL, unmovable: true });
  groupLook(columns, at, at + 8, look);
  expect(look.state).toBe(columns.state[at + 7]);
});
