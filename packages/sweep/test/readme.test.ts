import { fileURLToPath } from "node:url";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readmeExample } from "../../../tools/readme-test/src/index.ts";
import { parseSweep, SweepRunner } from "../src/index.ts";

test("the sweep of the README runs", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, yaml = ""] = /```yaml\n(.*?)```/s.exec(readme) ?? [];
  const sweep = parseSweep(yaml, "README.md");
  expect(sweep.runs).toBe(18);
  expect(await new SweepRunner(sweep).run(0)).toMatchObject({ measures: { started: 0, offlined: 1, no_room: 0 } });
});

test("the program of the README prints what the README says", async () => {
  for (const { printed, expected } of await readmeExample(fileURLToPath(new URL("..", import.meta.url)))) {
    expect(printed).toBe(expected);
  }
});
