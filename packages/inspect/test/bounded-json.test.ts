import { expect, test } from "vitest";
import { createActor } from "xstate";
import { boundedJson } from "../src/source/bounded-json.ts";
import { light } from "./machines.ts";

const read = (value: unknown, options?: Parameters<typeof boundedJson>[1]): unknown =>
  JSON.parse(boundedJson(value, options));

test("what JSON has words for is written as JSON.stringify writes it", () => {
  const value = {
    text: 'a "b"\n',
    number: 1.5,
    yes: true,
    nothing: null,
    list: [1, undefined, "x"],
    absent: undefined,
    inner: { deep: {} },
    no: Number.NaN,
    when: new Date(0),
  };
  expect(boundedJson(value)).toBe(JSON.stringify(value));
});

test("what JSON has no words for is written so that people know it", () => {
  expect(
    read({
      big: 10n,
      map: new Map([["a", 1]]),
      set: new Set([1, 2]),
      bytes: new Uint8Array(1 << 20),
      error: new TypeError("no"),
      symbol: Symbol("s"),
    }),
  ).toEqual({
    big: "10",
    map: [["a", 1]],
    set: [1, 2],
    bytes: "Uint8Array of 1048576 bytes",
    error: { name: "TypeError", message: "no" },
  });
});

test("functions are left out, or written by name", () => {
  expect(boundedJson({ press() {}, x: 1 })).toBe('{"x":1}');
  expect(boundedJson({ press() {}, x: 1 }, { functions: true })).toBe('{"press":{"type":"press"},"x":1}');
});

test("an actor is written as a reference to it", () => {
  const actor = createActor(light, { id: "corner" });
  expect(read({ actor })).toEqual({ actor: { xstate$$type: 1, id: "corner" } });
});

test("a value that refers to itself ends", () => {
  const value: Record<string, unknown> = {};
  value["self"] = value;
  expect(boundedJson(value, { depth: 2 })).toBe('{"self":{"self":{"self":"…"}}}');
});

test("long lists, and values within values without end, are cut", () => {
  expect(
    read(
      Array.from({ length: 5 }, (_, i) => i),
      { entries: 3 },
    ),
  ).toEqual([0, 1, 2, "… 2 more"]);
  expect(read(Object.fromEntries([1, 2, 3].map((i) => [`k${i}`, i])), { entries: 2 })).toEqual({
    k1: 1,
    k2: 2,
    "…": "more",
  });
  const wide = (depth: number): unknown => (depth === 0 ? {} : Array.from({ length: 10 }, () => wide(depth - 1)));
  expect(boundedJson(wide(5), { values: 100 }).length).toBeLessThan(10_000);
});

test("a value that cannot be read is no error", () => {
  const value = Object.defineProperty({}, "x", {
    enumerable: true,
    get: () => {
      throw new Error("broken");
    },
  });
  expect(read(value)).toBe("unreadable: Error: broken");
});
