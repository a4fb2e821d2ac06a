import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { sweepSchema } from "../src/sweep-schema.ts";

const studies = new URL("../studies/", import.meta.url);

test("the published schema is the one that files are read by, and every study fits it", async () => {
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A sweep of memhp",
    ...(JSON.parse(JSON.stringify(sweepSchema)) as object),
  };
  await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot("../schema/sweep.schema.json");
  const fits = new Ajv({ strict: false }).compile(schema);
  for (const file of readdirSync(studies).filter((name) => name.endsWith(".yaml"))) {
    const isFit = fits(parse(readFileSync(new URL(file, studies), "utf8")));
    expect([file, isFit, fits.errors]).toEqual([file, true, null]);
  }
  expect(fits({ format: "memhp-sweep/1" })).toBe(false);
});
