import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memoryFolder } from "../src/memory-folder.ts";

const folder = memoryFolder();

test.skipIf(folder === undefined)("a folder in memory takes files", () => {
  const made = mkdtempSync(join(String(folder), "memhp-"));
  expect(existsSync(made)).toBe(true);
  rmSync(made, { recursive: true });
});

test.each(["/nowhere", "/proc"])("%s is none", (other) => {
  expect(memoryFolder(other)).toBeUndefined();
});
