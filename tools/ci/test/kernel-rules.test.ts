import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { findKernelQuestions } from "../src/kernel-rules.ts";
import { workspaceRoot } from "../src/workspace.ts";

const temps: string[] = [];
afterEach(() => {
  for (const temp of temps.splice(0)) rmSync(temp, { recursive: true });
});

function questions(file: string, code: string): string[] {
  const root = mkdtempSync(join(tmpdir(), "memhp-kernels-"));
  temps.push(root);
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), code);
  return findKernelQuestions(root).map(({ where, what }) => `${where} ${what}`);
}

const ROOM = "packages/engine/src/rule.ts";

test.each([
  ['if (id === "4.1") forget();', '"4.1" names a kernel'],
  ['const rows = { "6.12": 1 };', '"6.12" names a kernel'],
  ['const old = id.startsWith("4.");', '"4." names a kernel'],
  ['type Generation = "6.x";', '"6.x" names a kernel'],
  ["const build = `4.1-nomn`;", "`4.1-nomn` names a kernel"],
  ["if (profile.generation) forget();", "`generation` is read"],
  ["const known = machine.kernel.id === other;", "the id of a kernel is compared"],
  ["switch (kernel.id) { default: }", "the id of a kernel is compared"],
])("%s is found", (code, what) => {
  expect(questions(ROOM, `\n${code}`)).toEqual([`${ROOM}:2 ${what}`]);
});

test.each([
  'const view = { kernel: kernel.id, about: "6.12: what it does" };',
  'const svg = "1.1";',
  "// 4.1 does otherwise.\nconst isBlock = block.id === 4.1;",
])("%s asks no kernel for its name", (code) => expect(questions(ROOM, code)).toEqual([]));

test("a kernel's own folder names it", () => {
  expect(questions("packages/kernels/src/6.1/index.ts", 'export const id = "6.1";')).toEqual([]);
});

test("no room of this repository asks", () => expect(findKernelQuestions(workspaceRoot)).toEqual([]));
