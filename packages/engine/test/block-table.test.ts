import { absentRow, BlockFlag, type BlockRow, BlockState, BlockTable, NO_ZONE } from "@memhp/engine";
import { ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import fc from "fast-check";
import { expect, test } from "vitest";

const offline = (id: number, more: Partial<BlockRow> = {}): BlockRow => ({
  ...absentRow(id),
  state: BlockState.offline,
  ...more,
});

test("a row comes back as it was put", () => {
  const table = new BlockTable();
  const row: BlockRow = {
    id: 5000,
    state: BlockState.goingOffline,
    zone: 3,
    flags: BlockFlag.early | BlockFlag.poisoned,
    node: 1023,
    presentPages: 0x80000,
    altmapPages: 512,
    group: 4095,
    onlineType: "movable",
  };
  table.put(row);
  expect(table.row(5000)).toEqual(row);
  expect(table.size).toBe(1);
});

test("a block that was never put does not exist, and asking for its row is refused", () => {
  const table = new BlockTable();
  expect(table.has(7)).toBe(false);
  expect(table.state(7)).toBe(BlockState.absent);
  expect(() => table.row(7)).toThrow("block: expected one that exists, found 7");
});

test("a neighbour of a block is as absent as any other", () => {
  const table = new BlockTable();
  table.put(offline(7));
  expect(table.has(6)).toBe(false);
  expect(table.row(6)).toEqual(absentRow(6));
});

test("removing a block twice takes one away", () => {
  const table = new BlockTable();
  table.put(offline(1));
  table.put(offline(2));
  table.remove(1);
  table.remove(1);
  table.remove(9999);
  expect([...table.ids()]).toEqual([2]);
  expect(table.size).toBe(1);
});

test("what was remembered of a removed block does not come back with the next block of that number", () => {
  const table = new BlockTable();
  table.put(offline(32, { onlineType: "movable", flags: BlockFlag.unmovable, group: 3, zone: 3 }));
  table.remove(32);
  expect(table.row(32)).toEqual(absentRow(32));
  expect(table.zone(32)).toBe(NO_ZONE);
});

test("ids come in ascending order, whatever the order of their arrival", () => {
  const table = new BlockTable();
  for (const id of [70_000, 3, 2048, 1023, 1024, 0]) table.put(offline(id));
  expect([...table.ids()]).toEqual([0, 3, 1023, 1024, 2048, 70_000]);
});

test("each flag is set and cleared by itself", () => {
  const table = new BlockTable();
  table.put(offline(1));
  for (const flag of Object.values(BlockFlag)) table.setFlag(1, flag, true);
  table.setFlag(1, BlockFlag.unmovable, false);
  const left = Object.entries(BlockFlag).filter(([, flag]) => table.hasFlag(1, flag));
  expect(left.map(([name]) => name)).toEqual([
    "early",
    "selfHosted",
    "firmware",
    "driverManaged",
    "poisoned",
    "unmapped",
  ]);
});

test.for([undefined, "online", "kernel", "movable"] as const)("remembered type %s is kept", (onlineType) => {
  const table = new BlockTable();
  table.put(offline(1));
  table.setOnlineType(1, onlineType);
  expect(table.onlineType(1)).toBe(onlineType);
});

test("property: the table is a map from id to row", () => {
  const id = fc.oneof(fc.nat(40), fc.integer({ min: 1000, max: 1050 }), fc.nat(1 << 20));
  const step = fc.record({
    id,
    remove: fc.boolean(),
    zone: fc.constantFrom(0, 1, 2, 3, 0xfe, 0xff),
    node: fc.nat(1023),
    group: fc.integer({ min: -1, max: 100_000 }),
    presentPages: fc.nat(0x80000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new BlockTable();
      const model = new Map<number, BlockRow>();
      for (const { id: block, remove, ...fields } of steps) {
        if (remove) {
          table.remove(block);
          model.delete(block);
        } else {
          table.put(offline(block, fields));
          model.set(block, offline(block, fields));
        }
        expect(table.size).toBe(model.size);
      }
      const ids = [...model.keys()].sort((a, b) => a - b);
      expect([...table.ids()]).toEqual(ids);
      expect(ids.map((block) => table.row(block))).toEqual(ids.map((block) => model.get(block)));
    }),
    { seed: 18 },
  );
});

test("a group's pages are those of its online blocks, after any changes", () => {
  const id = fc.nat({ max: 5 });
  const state = fc.constantFrom(BlockState.offline, BlockState.goingOnline, BlockState.online, BlockState.goingOffline);
  const zone = fc.constantFrom(NO_ZONE, ZONE_NORMAL, ZONE_MOVABLE);
  const presentPages = fc.nat({ max: 0x8000 });
  const change = fc.oneof(
    fc.record({ id, state, zone, presentPages, group: fc.integer({ min: -1, max: 1 }) }),
    fc.record({ id, state }),
    fc.record({ id, zone }),
    fc.record({ id, presentPages }),
    fc.record({ id }),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const table = new BlockTable();
      for (const one of changes) {
        if ("group" in one) table.put(offline(one.id, one));
        else if (table.has(one.id)) {
          if ("state" in one) table.setState(one.id, one.state);
          else if ("zone" in one) table.setZone(one.id, one.zone);
          else if ("presentPages" in one) table.setPresentPages(one.id, one.presentPages);
          else table.remove(one.id);
        }
        for (const group of [0, 1]) {
          const online = [...table.ids()]
            .map((block) => table.row(block))
            .filter((row) => row.group === group && row.state === BlockState.online);
          const sum = (rows: readonly BlockRow[]): number => rows.reduce((pages, row) => pages + row.presentPages, 0);
          expect(table.groupPages(group)).toEqual({
            kernelPages: sum(online.filter((row) => row.zone !== ZONE_MOVABLE)),
            movablePages: sum(online.filter((row) => row.zone === ZONE_MOVABLE)),
          });
        }
      }
    }),
  );
});
