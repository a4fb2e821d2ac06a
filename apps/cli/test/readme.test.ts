import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { bundledCommand } from "./bundled-command.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const main = await bundledCommand();
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The `$ memhp …` lines of the README's console blocks, each with the output below it. */
const examples = [...readme.matchAll(/^```console\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((part): readonly [command: string, output: string] => {
      const end = part.indexOf("\n");
      return [part.slice(0, end), part.slice(end + 1)];
    }),
);

test("the README has examples of the commands", () => {
  expect(examples.map(([command]) => command.split(" ")[1])).toEqual([
    "run",
    "lsmem",
    "zones",
    "replay",
    "explain",
    "explain",
  ]);
});

test.each(examples)("%s prints what the README says", (command, output) => {
  const [program, ...args] = command.split(" ");
  expect(program).toBe("memhp");
  const ran = spawnSync(process.execPath, ["--conditions=@memhp/source", main, ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(ran.stderr).toBe("");
  expect(ran.stdout.trimEnd()).toBe(output.trimEnd());
});

test("the example file is the one that the README shows", () => {
  const shown = /^```yaml\n([\s\S]*?)^```/m.exec(readme)?.[1] ?? "";
  const file = readFileSync(new URL("../examples/first-dimm.yaml", import.meta.url), "utf8");
  expect(file.split("\n").slice(1).join("\n")).toBe(shown);
});
