import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readmeExample } from "../../../tools/readme-test/src/index.ts";

test("the example of the README prints what the README says", async () => {
  for (const { printed, expected } of await readmeExample(fileURLToPath(new URL("..", import.meta.url)))) {
    expect(printed).toBe(expected);
  }
});
