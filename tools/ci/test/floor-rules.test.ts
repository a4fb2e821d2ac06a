import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkFloors } from "../src/floor-rules.ts";
import { FLOORS } from "../src/floors.ts";
import { workspaceRoot } from "../src/workspace.ts";

const temps: string[] = [];
afterEach(() => {
  for (const temp of temps.splice(0)) rmSync(temp, { recursive: true });
});

/** A workspace of abi (0), engine (1), block (1) and machine (3) with the given files planted in it. */
function findViolations(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), "memhp-floors-"));
  temps.push(root);
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const manifest = (name: string, ...dependencies: string[]) =>
    JSON.stringify({
      name,
      version: "0.0.0",
      dependencies: Object.fromEntries(dependencies.map((d) => [d, "workspace:^"])),
    });
  write("packages/abi/package.json", manifest("@memhp/abi"));
  write("packages/engine/package.json", manifest("@memhp/engine", "@memhp/abi"));
  write("packages/block/package.json", manifest("@memhp/block"));
  write("packages/machine/package.json", manifest("@memhp/machine", "@memhp/engine"));
  for (const [file, text] of Object.entries(files)) write(file, text);
  return checkFloors(root, FLOORS).map(({ where, rule }) => `${where} ${rule}`);
}

test("imports of lower floors are allowed", () => {
  expect(
    findViolations({
      "packages/engine/src/index.ts": `import { x } from "@memhp/abi";\nexport * from "./zone.ts";\nimport "other";`,
      "packages/engine/src/zone.ts": "",
      "packages/machine/src/index.ts": `import type { Zone } from "@memhp/engine/zone";`,
    }),
  ).toEqual([]);
});

test.each([
  ["a higher floor", `import "@memhp/machine";`],
  ["a higher floor, types only", `import type { Machine } from "@memhp/machine";`],
  ["a higher floor, in a type", `export let m: import("@memhp/machine").Machine;`],
  ["a higher floor, re-exported", `export * from "@memhp/machine/worker";`],
  ["a higher floor, later", `export const later = () => import("@memhp/machine");`],
  ["a higher floor, resolved", `export const url = import.meta.resolve("@memhp/machine/worker");`],
])("%s refuses", (_name, code) => {
  expect(findViolations({ "packages/abi/src/index.ts": code })).toEqual([
    "packages/abi/src/index.ts:1 floor",
    "packages/abi/src/index.ts:1 undeclared",
  ]);
});

test("the same floor refuses", () => {
  expect(findViolations({ "packages/engine/src/index.ts": `\nimport "@memhp/block";` })).toEqual([
    "packages/engine/src/index.ts:2 floor",
    "packages/engine/src/index.ts:2 undeclared",
  ]);
});

test("a lower floor that package.json does not name refuses", () => {
  expect(findViolations({ "packages/block/src/index.ts": `import "@memhp/abi";` })).toEqual([
    "packages/block/src/index.ts:1 undeclared",
  ]);
});

test("a higher floor in package.json refuses, imported or not", () => {
  const manifest = `{"name":"@memhp/block","version":"0.0.0","dependencies":{"@memhp/engine":"workspace:^"}}`;
  expect(findViolations({ "packages/block/package.json": manifest })).toEqual(["packages/block/package.json floor"]);
});

test("tests obey the floors too", () => {
  expect(findViolations({ "packages/engine/test/zone.test.ts": `import "@memhp/machine";` })).toContain(
    "packages/engine/test/zone.test.ts:1 floor",
  );
});

test("Node's modules stay in Node's folders and in tests", () => {
  expect(
    findViolations({
      "packages/machine/src/node/transport.ts": `import "node:worker_threads";`,
      "packages/engine/test/zone.test.ts": `import "node:fs";`,
      "packages/engine/src/index.ts": `import "node:fs";`,
      "packages/engine/src/zone.ts": `import "fs";`,
      "packages/machine/src/index.ts": `import "./node/transport.ts";`,
    }),
  ).toEqual([
    "packages/engine/src/index.ts:1 node",
    "packages/engine/src/zone.ts:1 node",
    "packages/machine/src/index.ts:1 node",
  ]);
});

test("a relative import does not leave the room, and names a file", () => {
  expect(
    findViolations({ "packages/engine/src/index.ts": `import "../../abi/src/index.ts";\nimport "./zone";` }),
  ).toEqual(["packages/engine/src/index.ts:1 outside", "packages/engine/src/index.ts:2 missing"]);
});

test("a test may borrow from tools/, a source may not", () => {
  expect(
    findViolations({
      "tools/readme-test/src/index.ts": "",
      "packages/engine/test/readme.test.ts": `import "../../../tools/readme-test/src/index.ts";`,
      "packages/engine/src/index.ts": `import "../../../tools/readme-test/src/index.ts";`,
    }),
  ).toEqual(["packages/engine/src/index.ts:1 outside"]);
});

test("files that import one another in a circle refuse", () => {
  expect(
    findViolations({
      "packages/engine/src/a.ts": `import "./b.ts";`,
      "packages/engine/src/b.ts": `export * from "./c.ts";`,
      "packages/engine/src/c.ts": `import type {} from "./a.ts";`,
    }),
  ).toEqual(["packages/engine/src/c.ts cycle"]);
});

test("a file that does not parse refuses, and the others are still read", () => {
  expect(
    findViolations({ "packages/engine/src/a.ts": `import from;`, "packages/engine/src/b.ts": `import "node:fs";` }),
  ).toEqual(["packages/engine/src/a.ts syntax", "packages/engine/src/b.ts:1 node"]);
});

test("a room without a floor refuses", () => {
  expect(findViolations({ "packages/attic/package.json": `{"name":"@memhp/attic","version":"0.0.0"}` })).toEqual([
    "packages/attic/package.json unknown-room",
  ]);
});

test("this workspace keeps its floors", () => {
  expect(checkFloors(workspaceRoot, FLOORS)).toEqual([]);
});
