import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findExamples } from "../src/examples.ts";
import { readmeExample } from "../src/index.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "memhp-readme-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

async function readme(...lines: string[]): Promise<string> {
  await writeFile(join(dir, "README.md"), lines.join("\n"));
  return dir;
}

test("an example is TypeScript, and what it prints is set beside what the README says", async () => {
  await readme(
    "# x",
    "```ts",
    "const n: number = 1 + 1;",
    "console.log(n);",
    "```",
    "prints",
    "```text",
    "2",
    "```",
    "",
  );
  expect(await readmeExample(dir)).toEqual([{ printed: "2\n", expected: "2\n" }]);
});

test("each ts block is a program of its own, and only its own text block is compared", () => {
  const markdown = [
    "```sh",
    "ls",
    "```",
    "```ts",
    "a",
    "```",
    "```ts",
    "b",
    "```",
    "```text",
    "B",
    "```",
    "```text",
    "more",
    "```",
    "",
  ].join("\n");
  expect(findExamples(markdown)).toEqual([
    { code: "a\n", expected: "", line: 5 },
    { code: "b\n", expected: "B\n", line: 8 },
  ]);
});

test("an example is read the same with Windows line ends", () => {
  expect(findExamples("```ts\r\na\r\n```\r\n```text\r\nA\r\n```\r\n")).toEqual([
    { code: "a\n", expected: "A\n", line: 2 },
  ]);
});

test("an example sees the files of the package", async () => {
  await writeFile(
    join(dir, "package.json"),
    '{ "name": "me", "type": "module", "exports": { ".": { "@memhp/source": "./me.ts" } } }',
  );
  await writeFile(join(dir, "me.ts"), "export const me: string = 'me';\n");
  await readme("```ts", 'import { me } from "me";', "console.log(me);", "```", "");
  expect((await readmeExample(dir))[0]?.printed).toBe("me\n");
});

test("an example that throws names the README, the line and the error", async () => {
  await readme("# x", "```ts", "throw new Error('broken');", "```", "");
  await expect(readmeExample(dir)).rejects.toThrow(/README\.md:3 failed: ended with 1[^]*broken/);
});

test("a README without an example is an error", async () => {
  await readme("# x", "");
  await expect(readmeExample(dir)).rejects.toThrow("has no ```ts block");
});
