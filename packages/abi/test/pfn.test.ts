import {
  alignDown,
  alignUp,
  formatNumberList,
  formatSize,
  GIB,
  isAligned,
  isPowerOfTwo,
  KIB,
  memparse,
  MIB,
  overlaps,
  ParseError,
  parseNumberList,
  parseSize,
  TIB,
  unsignedLong,
} from "@memhp/abi";
import fc from "fast-check";
import { expect, test } from "vitest";

test("units", () => {
  expect([KIB, MIB, GIB, TIB]).toEqual([2 ** 10, 2 ** 20, 2 ** 30, 2 ** 40]);
});

test("a power of two is 1 or more, up to the largest size", () => {
  expect([1, 2, 0x8000, 2 ** 52].every(isPowerOfTwo)).toBe(true);
  expect([0, -2, 3, 0x8001, 2 ** 53 - 1].some(isPowerOfTwo)).toBe(false);
});

test("property: aligning goes to the nearest multiple on its side, above 2^32 too", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 52 }), fc.integer({ min: 0, max: 40 }), (value, shift) => {
      const alignment = 2 ** shift;
      const [down, up] = [alignDown(value, alignment), alignUp(value, alignment)];
      expect(isAligned(down, alignment) && isAligned(up, alignment)).toBe(true);
      expect(down <= value && value <= up && up - down <= alignment).toBe(true);
      expect(isAligned(value, alignment)).toBe(down === up);
    }),
  );
});

test("ranges are half open: neighbours do not overlap", () => {
  const range = (startPfn: number, endPfn: number) => ({ startPfn, endPfn });
  expect(overlaps(range(0, 8), range(8, 16))).toBe(false);
  expect(overlaps(range(0, 9), range(8, 16))).toBe(true);
  expect(overlaps(range(8, 16), range(0, 32))).toBe(true);
});

test.for([
  ["128M", 128 * MIB],
  ["2G", 2 * GIB],
  ["4096", 4096],
  ["1.5G", 1.5 * GIB],
  [" 1 TiB ", TIB],
  ["64kB", 64 * KIB],
  ["1P", 1024 * TIB],
  ["0", 0],
  [4096, 4096],
] as const)("the size %s is %d bytes", ([text, bytes]) => {
  expect(parseSize(text)).toBe(bytes);
});

test("a bare number takes the default unit, a number with a unit does not", () => {
  expect([parseSize("2", MIB), parseSize("2K", MIB), parseSize("2B", MIB), parseSize(2, MIB)]).toEqual([
    2 * MIB,
    2 * KIB,
    2,
    2,
  ]);
});

test.for([
  "",
  "M",
  "-1",
  "1,5G",
  "128X",
  "0x80",
  "1 2",
  "1.0001K",
  "9007199254740993",
  "9P9",
  "1iB",
  -1,
  1.5,
  Number.NaN,
])("%s is no size", (text) => {
  expect(() => parseSize(text)).toThrow(ParseError);
});

test("an error of a size says what was written and what is allowed", () => {
  expect(() => parseSize("128X")).toThrow('bad size: "128X" (write 128M, 2G or a number of bytes)');
});

test("a size is written with the largest unit that divides it", () => {
  expect([0, 512, 1536, 128 * MIB, 1.5 * GIB, 4 * TIB].map(formatSize)).toEqual([
    "0",
    "512",
    "1536",
    "128M",
    "1536M",
    "4T",
  ]);
});

test("property: a size survives being written and read", () => {
  const sizes = fc.oneof(
    fc.maxSafeNat(),
    fc.tuple(fc.nat(4095), fc.integer({ min: 0, max: 40 })).map(([n, shift]) => n * 2 ** shift),
  );
  fc.assert(
    fc.property(sizes, (bytes) => {
      expect(parseSize(formatSize(bytes))).toBe(bytes);
    }),
  );
});

test("the kernel's memparse reads hexadecimal, octal, decimal and one suffix (facts/kernel.md §8)", () => {
  expect(["1G", "0x10M", "010K", "512m", "1E", "08", "0x", "4096rest"].map(memparse)).toEqual([
    GIB,
    16 * MIB,
    8 * KIB,
    512 * MIB,
    2 ** 60,
    0,
    0,
    4096,
  ]);
  expect(["", "G", "-1", " 1"].map(memparse)).toEqual([undefined, undefined, undefined, undefined]);
});

test("a list is read as the kernel writes it, in any order, with doubles and blanks", () => {
  expect(parseNumberList("32-35,41")).toEqual([32, 33, 34, 35, 41]);
  expect(parseNumberList(" 41, 33 - 34 ,33")).toEqual([33, 34, 41]);
});

test.for([
  "",
  "a",
  "1,",
  "3-1",
  "1-2-3",
  "-1",
  "0-16777216",
  "99999999999999999999",
  "9007199254740990-9007199254740993",
])("%s is no list", (text) => {
  expect(() => parseNumberList(text)).toThrow(ParseError);
});

test("an error of a list says where it is", () => {
  expect(() => parseNumberList("1,x,3")).toThrow('bad list: "1,x,3" at "x" (write 32-39,41)');
});

test("an empty set is written as nothing, as in an empty node mask (observed-6 §5)", () => {
  expect(formatNumberList([])).toBe("");
  expect(formatNumberList(new Set([3, 0, 1, 1]))).toBe("0-1,3");
});

test("property: a set of numbers survives being written and read, and is written in one way only", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.oneof(fc.nat(40), fc.nat()), { minLength: 1 }), (numbers) => {
      const text = formatNumberList(numbers);
      expect(parseNumberList(text)).toEqual(numbers.toSorted((a, b) => a - b));
      expect(formatNumberList(parseNumberList(text))).toBe(text);
      expect(formatNumberList(numbers.toReversed())).toBe(text);
    }),
  );
});

test("%lu prints a count below zero as one that has wrapped", () => {
  expect(unsignedLong(32_768)).toBe(32_768n);
  expect(unsignedLong(-7 * 0x8000)).toBe(18_446_744_073_709_322_240n);
});
