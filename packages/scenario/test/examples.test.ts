import { readdirSync, readFileSync } from "node:fs";
import { workerThreads } from "@memhp/machine/node";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { parseDocument, readDocument, runDocument } from "../src/index.ts";
import { machineFields, operandsOfOp, scenarioFields } from "../src/known-fields.ts";

interface Branch {
  readonly description?: string;
  readonly properties: Readonly<Record<string, { readonly const?: string; readonly enum?: readonly string[] }>>;
}
interface Schema {
  readonly properties: object;
  readonly $defs: {
    readonly machine: { readonly properties: object };
    readonly step: { readonly oneOf: readonly Branch[] };
  };
}

const folder = new URL("../examples/", import.meta.url);
const examples = readdirSync(folder);
const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");
const schema = JSON.parse(readFileSync(new URL("../schema/scenario.schema.json", import.meta.url), "utf8")) as Schema;
const validate = new Ajv2020({ allowUnionTypes: true, strict: false }).compile(schema);
const machine = { machine: "q35", memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [] };
const document = (step: object): object => ({ format: "memhp-scenario/1", kernel: "6.1", machine, steps: [step] });
const branches = schema.$defs.step.oneOf.flatMap(({ properties, ...branch }) => {
  const { op, ...operands } = properties;
  return (op?.enum ?? [op?.const ?? ""]).map((name) => ({ name, operands: Object.keys(operands), ...branch }));
});

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
    const spread = await runDocument(parsed, { workers: 2, workerFactory: workerThreads() });
    // Compared as one flag: nobody reads a difference of megabytes.
    expect(JSON.stringify(spread.trace) === JSON.stringify(alone.trace)).toBe(true);
  });
});

test("every op has an example", () => {
  const used = new Set(
    examples.flatMap((file) => parseDocument(read(file), file).steps.map(({ request }) => request.op)),
  );
  expect(Object.keys(operandsOfOp).filter((op) => !used.has(op))).toEqual([]);
});

describe("the schema", () => {
  test("describes every op, with the operands that a step may have", () => {
    const listed = Object.fromEntries(branches.map(({ name, operands }) => [name, operands]));
    expect(listed).toEqual(operandsOfOp);
    expect(branches.filter(({ description }) => description === undefined)).toEqual([]);
    expect(Object.keys(schema.properties)).toEqual(scenarioFields);
    expect(Object.keys(schema.$defs.machine.properties)).toEqual(machineFields);
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

test.each([
  [
    document({ op: "block", n: 3, v: "offline", exspect: {} }),
    "step 0: block: exspect is not known (allowed: n, v, file",
  ],
  [{ ...document({ op: "state" }), sed: 1 }, "sed is not known (allowed: $schema, format"],
  [
    { ...document({ op: "state" }), machine: { ...machine, colour: "red" } },
    "machine: colour is not known (allowed: arch",
  ],
])("a slip of the pen in a scenario is told with its place", (raw, message) => {
  expect(() => readDocument(raw, "x.yaml")).toThrow(`x.yaml: ${message}`);
});
