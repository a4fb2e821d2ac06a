import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBool } from "../src/bool.ts";
import { formatCpuMask } from "../src/cpus.ts";
import { kstrtouint, kstrtoull } from "@memhp/abi";
import { parseStateWord, streq } from "../src/state-word.ts";
import { kernelOf } from "../../../tools/conformance/src/kernels.ts";

describe("sysfs_streq", () => {
  test("one newline at the end of what was written does not count, two do", () => {
    expect(streq("online\n", "online")).toBe(true);
    expect(streq("online\n\n", "online")).toBe(false);
    expect(streq("", "online")).toBe(false);
  });
  test("the four words are told apart", () => {
    expect(["online", "online_kernel", "online_movable", "offline"].map(parseStateWord)).toEqual([
      "online",
      "kernel",
      "movable",
      "offline",
    ]);
    expect(parseStateWord("movable")).toBeUndefined();
  });
});

describe("bool", () => {
  const four = kernelOf("4.1");
  const six = kernelOf("6.1");
  test.each([
    ["1x", true, true],
    ["yellow", true, true],
    ["0x1", false, false],
    ["01", false, false],
    ["no", false, false],
    ["on", undefined, true],
    ["oN", undefined, true],
    ["of", undefined, false],
    ["OFF", undefined, false],
    ["true", undefined, true],
    ["F", undefined, false],
    ["o", undefined, undefined],
    ["ox", undefined, undefined],
    ["d", undefined, undefined],
    ["enable", undefined, undefined],
    [" 1", undefined, undefined],
    ["+1", undefined, undefined],
    ["", undefined, undefined],
  ])("%j is %s on 4.1 and %s on 6.x", (text, on41, on6) => {
    expect(parseBool(four, text)).toBe(on41);
    expect(parseBool(six, text)).toBe(on6);
  });
});

describe("kstrtoull with base 0", () => {
  test.each([
    ["0", 0n],
    ["00\n", 0n],
    ["017", 15n],
    ["0x1F\n", 31n],
    ["0X1f", 31n],
    ["+10", 10n],
    ["18446744073709551615", 2n ** 64n - 1n],
    ["18446744073709551616", "ERANGE"],
    ["0x10000000000000000 junk", "ERANGE"],
    ["08", "EINVAL"],
    ["0x", "EINVAL"],
    ["0xg", "EINVAL"],
    ["-1", "EINVAL"],
    ["++1", "EINVAL"],
    ["1 ", "EINVAL"],
    ["1\n\n", "EINVAL"],
    ["", "EINVAL"],
  ])("%j is %s", (text, value) => expect(kstrtoull(text)).toBe(value));

  test("property: a number in any of the three bases is read back", () => {
    const forms = [(n: bigint) => `0x${n.toString(16)}`, (n: bigint) => `0${n.toString(8)}`, (n: bigint) => `${n}`];
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(...forms), (value, form) => {
        expect(kstrtoull(`${form(value)}\n`)).toBe(value);
      }),
    );
  });

  test("a uint stops at 2^32", () => {
    expect(kstrtouint("4294967295")).toBe(4294967295);
    expect(kstrtouint("4294967296")).toBe("ERANGE");
    expect(kstrtouint("x")).toBe("EINVAL");
  });
});

describe("cpumap", () => {
  test.each([
    [[0], 1, "1"],
    [[0, 1], 2, "3"],
    [[4], 5, "10"],
    [[31], 32, "80000000"],
    [[32], 33, "1,00000000"],
    [[0, 63], 64, "80000000,00000001"],
    [[], 8, "00"],
  ])("CPUs %j of %i print %s", (cpus, possible, text) => expect(formatCpuMask(cpus, possible)).toBe(text));
});
