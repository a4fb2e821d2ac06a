import { describe, expect, test } from "vitest";
import { DocumentError, parseDocument, readDocument, runDocument } from "../src/index.ts";

const machine = { memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [] };
const scenario = (steps: readonly unknown[], more: object = {}): object => ({
  format: "memhp-scenario/1",
  kernel: "6.1",
  machine,
  steps,
  ...more,
});
const withMachine = (fields: object): object => scenario([], { machine: fields });
const node = (nodeid: number, mem: unknown, cpus: string): object => ({ nodeid, mem, cpus });

const refused: readonly (readonly [what: string, raw: object, message: RegExp])[] = [
  ...["constructor", "toString", "__proto__", "valueOf", "hasOwnProperty"].map(
    (op) => [`an op named ${op}`, scenario([{ op }]), new RegExp(`step 0: unknown op "${op}"`)] as const,
  ),
  [
    "a verb that is a word of the language",
    scenario([{ op: "memlog", data: "constructor 0 1 1" }]),
    /verb constructor is not known/,
  ],
  ["a verb that is misspelt", scenario([{ op: "memlog", data: "ad 0 1 1" }]), /verb ad is not known \(allowed: add, /],
  [
    "an endless size",
    scenario([{ op: "memlog", data: "remove 0 0 fffffffffffffffffffff" }]),
    /expected remove NODE START SIZE/,
  ],
  [
    "an errno that is none",
    scenario([{ op: "inject", action: "MEM_GOING_ONLINE", errno: "constructor" }]),
    /inject: errno: /,
  ],
  ["a wait of NaN", scenario([{ op: "wait", ms: Number.NaN }]), /wait: ms: expected a number/],
  [
    "units of nothing",
    scenario([{ op: "vmem_add", id: "v1", size: "1G", props: { "block-size": "0" } }]),
    /vmem_add: props\.block-size: a size of 0 is no size/,
  ],
  ["a wait without end", scenario([{ op: "wait", ms: Number.POSITIVE_INFINITY }]), /wait: ms: expected a number/],
  ["a wait of ages", scenario([{ op: "wait", ms: 1e300 }]), /wait: ms: expected a number/],
  ["a wait into the past", scenario([{ op: "dimm_del", id: "d0", wait: -1 }]), /dimm_del: wait: expected a number/],
  ["a wait of two times", scenario([{ op: "wait", ms: 1, s: 1 }]), /either ms or s, found both/],
  [
    "a slip in dimms",
    withMachine({ nodes: { count: 1, memory: "1G" }, dimms: { per_nod: 1, size: "1G" } }),
    /machine\.dimms: per_nod is not known/,
  ],
  [
    "memory in the short form",
    withMachine({ nodes: { count: 1, memory: "1G" }, memory: "2G" }),
    /machine\.memory is not known/,
  ],
  ["dimms in the long form", withMachine({ ...machine, dimms: { size: "1G" } }), /machine\.dimms is not known/],
  [
    "a maxmem below memory",
    withMachine({ ...machine, maxmem: "1G" }),
    /machine\.maxmem: 1G is less than the boot memory of 2G/,
  ],
  ["no processor", withMachine({ ...machine, smp: 0 }), /machine\.smp: expected a whole number of 1\.\./],
  [
    "a node of one byte",
    withMachine({ ...machine, nodes: [node(0, "1B", "0")] }),
    /machine\.nodes\[0\]\.mem: expected whole MiB/,
  ],
  [
    "processors that are not there",
    withMachine({ ...machine, nodes: [node(0, "2G", "0-9999")] }),
    /there is no processor 2/,
  ],
  [
    "a processor on two nodes",
    withMachine({ ...machine, nodes: [node(0, "1G", "0"), node(1, "1G", "0")] }),
    /processor 0 is on node 0 already/,
  ],
  [
    "a block of a pebibyte",
    withMachine({ ...machine, block_size: "1P" }),
    /machine\.block_size: expected a power of two up to 1T/,
  ],
  [
    "more memory than addresses reach",
    withMachine({ memory: "4P", maxmem: "8000T" }),
    /machine\.memory: expected at most 64T/,
  ],
  [
    "nodes of a pebibyte",
    withMachine({ nodes: { count: 1024, memory: "1P" } }),
    /machine\.memory: expected at most 64T/,
  ],
  [
    "a million DIMMs",
    withMachine({ nodes: { count: 1, memory: "1G" }, dimms: { per_node: 1e6, size: "128M" } }),
    /machine\.dimms\.per_node: expected a whole number/,
  ],
  ["a format that is a book", scenario([], { format: "x".repeat(1e6) }), /^x: format: "x{80}…" is not known/],
];

describe("input that makes no sense is refused with its place, and short", () => {
  test.for(refused)("%s", ([, raw, message]) => {
    let told = "";
    try {
      readDocument(raw, "x");
    } catch (error) {
      expect(error).toBeInstanceOf(DocumentError);
      told = (error as Error).message;
    }
    expect(told).toMatch(message);
    expect(told.length).toBeLessThan(600);
  });
});

const texts: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ["JSON nested 100,000 deep", `{"a":${"[".repeat(1e5)}${"]".repeat(1e5)}}`, /nested more than 64 deep/],
  ["YAML nested 100,000 deep", `a: ${"[".repeat(1e5)}${"]".repeat(1e5)}`, /nested more than 64 deep/],
  ["YAML that contains itself", "format: &f [*f]", /contains itself/],
  ["a key that stands twice", '{"format":"a","kernel":"b","format":"c"}', /the key "format" stands twice/],
  ["100 MB of comments", "# a\n".repeat(25e6), /characters are too many/],
];

test.for(texts)("%s", ([, text, message]) => {
  expect(() => parseDocument(text, "x")).toThrow(message);
});

test("a byte order mark is no part of a document", () => {
  expect(parseDocument(`\uFEFF${JSON.stringify(scenario([{ op: "state" }]))}`, "x").steps).toHaveLength(1);
});

test("a hugepage size of nothing makes no pool, as one that the kernel does not support", async () => {
  const document = readDocument(
    scenario([{ op: "read", path: "/proc/meminfo" }], {
      machine: { ...machine, cmdline: "hugepagesz=0 hugepages=99999" },
    }),
    "x",
  );
  const { trace } = await runDocument(document);
  expect(trace.steps[0]?.result).toMatchObject({
    data: expect.stringMatching(/HugePages_Total: +0\n/) as string,
  });
});

test("an empty refusal expects that there is one", async () => {
  const { failures } = await runDocument(readDocument(scenario([{ op: "state", expect: { refusal: {} } }]), "x"));
  expect(failures).toMatchObject([{ step: 0, what: "refusal" }]);
});

test("what a recorder wrote is told as malformed", () => {
  const trace = { format: "memhp-kernel-trace/1", name: "x", kernel: "6.1", machine };
  const read = (step: object): unknown => readDocument({ ...trace, steps: [{ step: { op: "state" }, ...step }] }, "x");
  expect(() => read({ result: { blocks: 7, zones: {} } })).toThrow(
    /step 0: result\.blocks: expected an object, found 7/,
  );
  expect(() => read({ result: null, uevents: "none" })).toThrow(/step 0: uevents: expected a list, found "none"/);
  expect(() => read({ result: null, ueventz: [] })).toThrow(/step 0: ueventz is not known/);
});
