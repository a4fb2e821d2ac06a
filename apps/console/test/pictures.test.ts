import { readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { MOST_BYTES, pictureFile } from "../tools/picture-files.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test.each(Object.keys(MOST_BYTES) as (keyof typeof MOST_BYTES)[])("%s is small, and shown", (name) => {
  expect(statSync(pictureFile(name)).size).toBeLessThanOrEqual(MOST_BYTES[name]);
  expect(readme).toContain(`pictures/${name}`);
});
