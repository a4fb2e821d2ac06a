import { expect, test } from "vitest";
import { DocumentError, parseDocument } from "../src/index.ts";

const valid = {
  format: "memhp-scenario/1",
  kernel: "6.1",
  machine: { memory: "2G", nodes: [] },
  steps: [{ op: "state" }],
};
const parse = (raw: unknown): ReturnType<typeof parseDocument> => parseDocument(JSON.stringify(raw), "file.json");

test("a scenario is read from YAML and from JSON alike", () => {
  const yaml =
    'format: memhp-scenario/1\nkernel: "6.1"\nmachine: { memory: 2G, nodes: [] }\nsteps:\n  - { op: state }\n';
  expect(parseDocument(yaml, "file.json")).toEqual(parse(valid));
});

test("a kernel trace is a scenario whose recorded answers stand beside its requests", () => {
  const document = parse({
    ...valid,
    format: "memhp-kernel-trace/1",
    steps: [{ step: { op: "state" }, result: { blocks: {}, zones: {} }, given: { unmovable_pages: true } }],
  });
  expect(document.steps).toEqual([
    {
      request: { op: "state" },
      recorded: { result: { blocks: {}, zones: {} }, given: { unmovable_pages: true } },
      expect: undefined,
      unmovablePages: true,
    },
  ]);
});

const bad: readonly (readonly [string, unknown, RegExp])[] = [
  ["no object", 7, /file\.json: expected an object/],
  [
    "a wrong format version",
    { ...valid, format: "memhp-scenario/9" },
    /format: "memhp-scenario\/9" is not known \(allowed: memhp-scenario\/1, memhp-kernel-trace\/1\)/,
  ],
  [
    "an unknown kernel",
    { ...valid, kernel: "5.5" },
    /kernel: "5\.5" is not known \(allowed: 4\.1, 4\.1-nomn, 4\.18, 5\.4, .*6\.12/,
  ],
  ["a kernel that YAML took for a number", { ...valid, kernel: 6.1 }, /in YAML write it in quotes/],
  ["a bad seed", { ...valid, seed: -1 }, /seed: expected a whole number/],
  ["steps that are no list", { ...valid, steps: {} }, /steps: expected a list/],
  ["a step without op", { ...valid, steps: [{ op: "state" }, {}] }, /step 1: op is missing/],
  [
    "a bad machine",
    { ...valid, machine: { memory: "2Q" } },
    /machine\.memory: expected a size such as 128M, found "2Q"/,
  ],
  ["a bad given", { ...valid, given: { unmovable_boot_blocks: "3" } }, /given\.unmovable_boot_blocks/],
];
for (const [what, raw, message] of bad) {
  test(`${what} is refused with the file and place`, () => {
    expect(() => parse(raw)).toThrow(DocumentError);
    expect(() => parse(raw)).toThrow(message);
  });
}

test("text that is neither JSON nor YAML is refused in one line", () => {
  expect(() => parseDocument("{ nonsense", "x.json")).toThrow(/^x\.json: not readable as JSON or YAML: [^\n]*$/);
});
