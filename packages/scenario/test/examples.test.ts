import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";
import { operations, parseDocument, readDocument, runDocument } from "../src/index.ts";
import { scenarioJsonSchema } from "../src/schema/json-schema.ts";

const folder = new URL("../examples/", import.meta.url);
const examples = readdirSync(folder);
const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");
const schema = scenarioJsonSchema();
const validate = new Ajv2020({ allowUnionTypes: true, strict: false }).compile(schema);
const machine = { machine: "q35", memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [] };
const document = (step: object): object => ({ format: "memhp-scenario/1", kernel: "6.1", machine, steps: [step] });
// The largest has four TiB.
describe.each(examples)("%s", { timeout: 180_000 }, (file) => {
  test("names the schema, fits it, comes out as it expects, and gives the same bytes with 2 workers", async () => {
    const text = read(file);
    expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=../schema/scenario.schema.json");
    validate(parseYaml(text));
    expect(validate.errors).toBe(null);
    const parsed = parseDocument(text, file);
    const alone = await runDocument(parsed);
    expect(alone.failures).toEqual([]);
    const spread = await runDocument(parsed, { workers: 2, workerFactory: keptWorkers });
    // Compared as one flag: nobody reads a difference of megabytes.
    expect(JSON.stringify(spread.trace) === JSON.stringify(alone.trace)).toBe(true);
  });
});

test.each(operations.map(({ op, example, about }) => ({ op, example, about })))(
  "$op has an example that fits its schema and the parser",
  ({ op, example, about }) => {
    expect(example.op).toBe(op);
    expect(about).not.toBe("");
    validate(document(example));
    expect(validate.errors).toBe(null);
    expect(readDocument(document(example), "x").steps[0]?.request).toEqual(example);
  },
);

describe("the schema", () => {
  test("is what the package publishes", async () => {
    await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot("../schema/scenario.schema.json");
  });

  test.each([
    ["an op that is not known", { op: "levitate" }],
    ["an operand that is missing", { op: "dimm_add", id: "d0" }],
    ["an operand that the op has not", { op: "state", path: "/sys" }],
    ["a slip of the pen", { op: "block", n: 3, v: "offline", exspect: { errno: 0 } }],
  ])("refuses %s", (_what, step) => {
    expect(validate(document({ op: "state" }))).toBe(true);
    expect(validate(document(step))).toBe(false);
  });
});

test.each(["4.1/page-offline", "6.1/l_add_memory_errnos", "6.12/a_boot_1node"])(
  "the steps of the recorded run %s stand in a scenario as they are",
  (id) => {
    const file = new URL(`../../../tools/conformance/kernel-traces/${id}.json`, import.meta.url);
    const { kernel, machine, steps } = JSON.parse(readFileSync(file, "utf8")) as {
      kernel: string;
      machine: object;
      steps: { step: object }[];
    };
    const raw = { format: "memhp-scenario/1", kernel, machine, steps: steps.map(({ step }) => step) };
    expect(readDocument(raw, id).steps).toHaveLength(steps.length);
  },
);

test.each([
  [
    document({ op: "block", n: 3, v: "offline", exspect: {} }),
    "step 0: block: exspect is not known (allowed: n, v, file",
  ],
  [{ ...document({ op: "state" }), sed: 1 }, "sed is not known (allowed: $schema, format"],
  [
    { ...document({ op: "state" }), machine: { ...machine, colour: "red" } },
    "machine.colour is not known (allowed: arch",
  ],
])("a slip of the pen in a scenario is told with its place", (raw, message) => {
  expect(() => readDocument(raw, "x.yaml")).toThrow(`x.yaml: ${message}`);
});
