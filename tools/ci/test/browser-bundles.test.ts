import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { browserEntries, bundleForBrowser } from "../src/browser-bundles.ts";

const root = mkdtempSync(join(tmpdir(), "memhp-browser-"));
afterAll(() => rmSync(root, { recursive: true }));

async function problemsOf(code: string): Promise<readonly string[]> {
  writeFileSync(join(root, "index.ts"), code);
  return (await bundleForBrowser(root, "@memhp/planted", "index.ts")).problems;
}

test("a package that asks nothing of Node bundles and loads", async () => {
  expect(
    await problemsOf(
      `export const pages: number = new Uint8Array(8).length; export const now = () => performance.now();`,
    ),
  ).toEqual([]);
});

test.each([`import { readFileSync } from "node:fs"; export { readFileSync };`, `import fs from "fs"; export { fs };`])(
  "a Node module refuses: %s",
  async (code) => {
    expect(await problemsOf(code)).toEqual([expect.stringMatching(/^index.ts imports (node:)?fs$/)]);
  },
);

test("a Node module in a lazy import refuses", async () => {
  expect(await problemsOf(`export const later = () => import("node:os");`)).toEqual(["index.ts imports node:os"]);
});

test("a polyfill refuses, and so does a package that is not there", async () => {
  expect(await problemsOf(`import "path-browserify";`)).toEqual(["index.ts imports the polyfill path-browserify"]);
  expect(await problemsOf(`import "not-installed";`)).toEqual([expect.stringContaining("not-installed")]);
});

test.each(["process.env.HOME", "Buffer.alloc(1)", "setImmediate(() => {})"])(
  "a Node global refuses: %s",
  async (code) => {
    expect(await problemsOf(`export const planted: unknown = ${code};`)).toEqual([
      expect.stringMatching(/^does not load without Node: ReferenceError/),
    ]);
  },
);

test("exports that live in a Node folder are not browser entries", () => {
  const target = (file: string) => ({ "@memhp/source": `./src/${file}.ts`, default: `./dist/${file}.js` });
  const manifest = {
    name: "@memhp/machine",
    version: "0.0.0",
    exports: {
      ".": target("index"),
      "./worker": target("worker"),
      "./node": target("node/index"),
      "./package.json": "./package.json",
    },
  };
  expect(browserEntries({ folder: "packages/machine", manifest })).toEqual([
    { entry: "@memhp/machine", file: "packages/machine/src/index.ts" },
    { entry: "@memhp/machine/worker", file: "packages/machine/src/worker.ts" },
  ]);
});
