import { expect, test } from "vitest";
import { parseCommandLine, UsageError } from "../src/command-line.ts";

test("record on QEMU", () => {
  const words = "record s.yaml --target qemu --guest G --out t.json";
  expect(parseCommandLine(words.split(" "))).toEqual({
    command: "record",
    file: "s.yaml",
    out: "t.json",
    about: undefined,
    target: { kind: "qemu", guest: "G", qemu: undefined, firmware: undefined },
  });
});

test("record on memhp, and compare", () => {
  expect(parseCommandLine(["record", "s.yaml", "--target", "memhp"])).toMatchObject({ target: { kind: "memhp" } });
  expect(parseCommandLine(["compare", "a", "b"])).toEqual({ command: "compare", kernel: "a", memhp: "b" });
});

test("a captured host, and its judgement", () => {
  const target = { kind: "qemu", guest: "G", qemu: undefined, firmware: "F" };
  expect(parseCommandLine("host s.yaml --guest G --firmware F --out O --limit-ms 9000".split(" "))).toEqual({
    command: "host",
    file: "s.yaml",
    out: "O",
    limitMs: 9000,
    target,
  });
  expect(parseCommandLine(["judge", "O"])).toEqual({ command: "judge", folder: "O" });
});

test.each([
  "",
  "host s --guest G",
  "host s --guest G --out O --limit-ms soon",
  "judge",
  "record",
  "record f",
  "record f --target kvm",
  "record f --target qemu",
  "compare a",
  "x --y",
])("wrong usage: %j", (words) => {
  expect(() => parseCommandLine(words.split(" "))).toThrow(UsageError);
});
