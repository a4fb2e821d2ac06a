import { expect, test } from "vitest";
import { parseCommandLine, UsageError } from "../src/command-line.ts";

test("record on QEMU", () => {
  const words = "record s.yaml --target qemu --guest G --out t.json";
  expect(parseCommandLine(words.split(" "))).toEqual({
    command: "record",
    file: "s.yaml",
    out: "t.json",
    about: undefined,
    target: { kind: "qemu", guest: "G", qemu: undefined },
  });
});

test("record on memhp, and compare", () => {
  expect(parseCommandLine(["record", "s.yaml", "--target", "memhp"])).toMatchObject({ target: { kind: "memhp" } });
  expect(parseCommandLine(["compare", "a", "b"])).toEqual({ command: "compare", kernel: "a", memhp: "b" });
});

test.each(["", "record", "record f", "record f --target kvm", "record f --target qemu", "compare a", "x --y"])(
  "wrong usage: %j",
  (words) => {
    expect(() => parseCommandLine(words.split(" "))).toThrow(UsageError);
  },
);
