import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { choose, chooseAll, extend, nothing, surviving, toggle } from "../src/map/selection.ts";
import type { BlockColumns } from "../src/session/block-columns.ts";
import type { Session } from "../src/session/session.ts";
import { bootTwoNodes } from "./machines.ts";

describe("choosing blocks", () => {
  let session: Session;
  let columns: BlockColumns;
  beforeAll(async () => {
    session = await bootTwoNodes("4.1");
    columns = session.columns();
  });
  afterAll(() => session.close());

  test("a range runs from the anchor to the block, forwards and backwards", () => {
    expect([...extend(choose(34), 37, columns).blocks]).toEqual([34, 35, 36, 37]);
    expect([...extend(choose(37), 34, columns).blocks].toSorted((a, b) => a - b)).toEqual([34, 35, 36, 37]);
  });

  test("a range goes on in the order of the map, where numbers jump", () => {
    expect([...extend(choose(14), 49, columns).blocks]).toEqual([14, 15, 48, 49]);
  });

  test("extending a range keeps its anchor", () => {
    const twice = extend(extend(choose(34), 39, columns), 32, columns);
    expect([...twice.blocks]).toEqual([32, 33, 34]);
    expect(twice.cursor).toBe(32);
  });

  test("a block is added and taken out again", () => {
    const two = toggle(choose(32), [40]);
    expect([...two.blocks]).toEqual([32, 40]);
    expect([...toggle(two, [32]).blocks]).toEqual([40]);
  });

  test("all are chosen", () => {
    expect(chooseAll(columns, 33).blocks.size).toBe(48);
    expect(chooseAll(columns, 33).cursor).toBe(33);
  });

  test("half a million are chosen at once, and told by name", () => {
    const all = chooseAll(columns, undefined);
    expect(all.text).toBe("all");
    expect([all.blocks.has(47), all.blocks.has(16), all.blocks.has(-1), [...all.blocks].length]).toEqual([
      true,
      false,
      false,
      48,
    ]);
    expect(surviving(all, columns)).toBe(all);
  });

  test("blocks that are gone are not chosen any more", () => {
    const before = { blocks: new Set([32, 70, 71]), anchor: 70, cursor: 71 };
    expect(surviving(before, columns)).toEqual({ blocks: new Set([32]), anchor: 32, cursor: 32 });
    const kept = choose(32);
    expect(surviving(kept, columns)).toBe(kept);
    expect(surviving(nothing, columns)).toBe(nothing);
  });
});
