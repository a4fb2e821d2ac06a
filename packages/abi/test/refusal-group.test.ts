import { joinRefusals, type Refusal } from "@memhp/abi";
import { expect, test } from "vitest";

const refusal: Refusal = {
  errno: "EBUSY",
  code: "unmovable_page",
  rule: "facts §4.3",
  block: 40,
  node: 1,
  zone: "Normal",
  total: 3,
  retry: "no",
  remedy: [],
  detail: "slab",
};

test("refusals for one reason are one, with the pages of all", () => {
  expect(joinRefusals([refusal, { ...refusal, block: 41, total: 4 }])).toEqual({ ...refusal, total: 7 });
});

test("a place or detail that is true of some only is not named", () => {
  const { node: _node, zone: _zone, detail: _detail, ...rest } = refusal;
  const other: Refusal = { ...refusal, node: 2, zone: "DMA32", detail: "memmap" };
  expect(joinRefusals([refusal, other])).toEqual({ ...rest, total: 6 });
});
