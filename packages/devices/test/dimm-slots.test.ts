import { DimmSlots } from "../src/index.ts";
import { expect, test } from "vitest";

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const slots = (count = 4): DimmSlots =>
  new DimmSlots(
    { window: { start: 4 * GIB, end: 64 * GIB }, slots: count, nodes: 2, roomBytes: 32 * GIB },
    { has: () => false, reserved: () => [] },
  );
const dimm = (id: string, more: object = {}): Parameters<DimmSlots["plug"]>[0] => ({
  id,
  memdev: `mem-${id}`,
  sizeBytes: 128 * MIB,
  node: 0,
  ...more,
});
const desc = (result: ReturnType<DimmSlots["plug"]>): string => (result.ok ? "ok" : result.refusal.desc);

test("a DIMM takes the first free slot and the first address that fits", () => {
  const board = slots();
  board.plug(dimm("a"), true);
  board.plug(dimm("b", { sizeBytes: 256 * MIB }), true);
  board.unplug("a");
  const third = board.plug(dimm("c"), true);
  expect(third).toMatchObject({ ok: true, value: { slot: 0, addr: 4 * GIB } });
  expect(board.list().map((d) => d.id)).toEqual(["c", "b"]);
});

test("slots run out as QEMU says it (e_many_dimms)", () => {
  const board = slots(1);
  board.plug(dimm("a"), true);
  expect(desc(board.plug(dimm("b"), true))).toBe("no free slots available");
});

test("two DIMMs cannot share an address (b_dimm_odd_sizes)", () => {
  const board = slots();
  board.plug(dimm("d3", { addr: 5 * GIB, sizeBytes: GIB }), true);
  expect(desc(board.plug(dimm("d5", { addr: 5 * GIB + 128 * MIB }), true))).toBe(
    "address range conflicts with memory device id='d3'",
  );
  expect(board.list()).toHaveLength(1);
});

test("a node beyond the machine's is refused (b_dimm_odd_sizes)", () => {
  expect(desc(slots().plug(dimm("d7", { node: 7 }), true))).toBe(
    "'DIMM property node has value 7' which exceeds the number of numa nodes: 2",
  );
});

test("a busy or absent slot, a used name and too much memory are refused", () => {
  const board = slots();
  board.plug(dimm("a", { slot: 2 }), true);
  expect(desc(board.plug(dimm("b", { slot: 2 }), true))).toBe("slot 2 is busy");
  expect(desc(board.plug(dimm("b", { slot: 9 }), true))).toBe("invalid slot number 9, valid range is [0-3]");
  expect(desc(board.plug(dimm("a"), true))).toBe("Duplicate device ID 'a'");
  expect(desc(board.plug(dimm("b", { sizeBytes: 64 * GIB }), true))).toMatch(/^not enough space/);
});

test("a DIMM that is plugged in keeps its backend's name (n_hwpoison3)", () => {
  const board = slots();
  board.plug(dimm("a"), true);
  expect(board.offerBackend("mem-a")).toMatchObject({
    ok: false,
    refusal: { desc: "attempt to add duplicate property 'mem-a' to object (type 'container')" },
  });
  board.unplug("a");
  expect(board.offerBackend("mem-a").ok).toBe(true);
});
