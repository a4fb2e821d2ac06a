import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { notInstalled } from "../src/readme-imports.ts";
import { readRooms, workspaceRoot } from "../src/workspace.ts";

const manifest = { name: "@memhp/one", version: "0.0.0", dependencies: { "@memhp/two": "workspace:^" } };
const example = (...specifiers: string[]): string =>
  ["```ts", ...specifiers.map((specifier) => `import "${specifier}";`), "```", ""].join("\n");

test("an example may import the package, its dependencies and Node", () => {
  expect(notInstalled(example("@memhp/one", "@memhp/two/node", "node:fs"), manifest)).toEqual([]);
});

test("what an example imports besides is missed, once, unless the README says to install it", () => {
  const code = example("@memhp/three/node", "xstate") + example("xstate");
  expect(notInstalled(code, manifest)).toEqual(["@memhp/three", "xstate"]);
  expect(notInstalled(`    npm install @memhp/one @memhp/three\n\n${code}`, manifest)).toEqual(["xstate"]);
});

describe("the README of", () => {
  test.each(readRooms(workspaceRoot).map(({ folder, manifest }) => [folder, manifest] as const))(
    "%s says what its examples need",
    (folder, manifest) => {
      expect(notInstalled(readFileSync(join(workspaceRoot, folder, "README.md"), "utf8"), manifest)).toEqual([]);
    },
  );
});
