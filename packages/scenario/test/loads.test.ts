import { loadKinds } from "@memhp/engine";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { readDocument, runDocument, type TraceStep } from "../src/index.ts";
import { scenarioJsonSchema } from "../src/schema/json-schema.ts";

interface Step {
  readonly title: string;
  readonly properties: { readonly kind?: { readonly anyOf?: readonly { readonly const: string }[] } };
}
const schema = scenarioJsonSchema() as unknown as {
  readonly properties: { readonly steps: { readonly items: { readonly anyOf: readonly Step[] } } };
};
const validate = new Ajv2020({ allowUnionTypes: true, strict: false }).compile(schema);

const twoNodes = [
  { nodeid: 0, mem: "1G", cpus: "0" },
  { nodeid: 1, mem: "1G", cpus: "1" },
];
const machine = {
  memory: "2G",
  slots: 4,
  maxmem: "8G",
  smp: 2,
  nodes: twoNodes,
  cmdline: "memhp_default_state=offline",
};
const raw = (steps: readonly object[], kernel = "6.12") => ({
  format: "memhp-scenario/1",
  name: "test",
  kernel,
  machine,
  steps,
});
const run = async (steps: readonly object[], kernel?: string): Promise<readonly TraceStep[]> =>
  (await runDocument(readDocument(raw(steps, kernel), "test"))).trace.steps;

/** A DIMM whose first block is Movable, and a pinned load in it. */
const pinnedBlock = [
  { op: "dimm_add", id: "d0", size: "128M", node: 1 },
  { op: "block", n: "32", v: "online_movable" },
  { op: "load", id: "nic", kind: "pinned", size: "1M", node: 1, policy: "bind" },
];

describe("what the reader takes, the schema takes", () => {
  const steps: readonly object[] = [
    ...loadKinds
      .filter((kind) => !kind.startsWith("hugetlb"))
      .map((kind) => ({ op: "load", id: kind, kind, size: "64K" })),
    { op: "load", id: "bytes", kind: "anon", size: 8192 },
    { op: "load", id: "bound", kind: "anon", size: "1M", node: 1, policy: "bind" },
    { op: "load", id: "first", kind: "file", size: "1M", nodes: [1, 0], policy: "prefer" },
    { op: "load", id: "turns", kind: "shm", size: "1M", nodes: [0, 1], policy: "interleave" },
    { op: "load", id: "long", kind: "pinned", size: "1M", pin: "long" },
    { op: "load", id: "churn", kind: "anon", size: "1M", churn: 0.25 },
    { op: "load", id: "often", kind: "anon", size: "1M", churn: { fraction: 1, every: 0.5 } },
    { op: "load", id: "brief", kind: "anon", size: "1M", for: 1.5 },
    { op: "unpin", id: "long" },
    { op: "unload", id: "bound" },
    { op: "read", path: "/proc/kpageflags", offset: 8, length: 64 },
    { op: "read", path: "/proc/meminfo" },
    { op: "wait", ms: 5 },
    { op: "wait", s: 0.5 },
    { op: "block", n: 9, v: "offline", timeout_ms: 1000 },
    { op: "write", path: "/proc/sys/vm/drop_caches", data: "3", timeout_ms: 1000 },
    { op: "block", n: "10", v: "offline", background: "one" },
    { op: "wait", s: 1 },
    { op: "write", path: "memory11/state", data: "offline", background: "two" },
    { op: "wait", s: 1 },
  ];

  test("every step is carried out, and fits the schema", async () => {
    expect(await run(steps)).toHaveLength(steps.length);
    for (const step of steps) {
      validate(raw([step]));
      expect([step, validate.errors]).toEqual([step, null]);
    }
  });

  test("the schema knows the kinds of loads that there are", () => {
    const load = schema.properties.steps.items.anyOf.find(({ title }) => title === "load");
    expect(load?.properties.kind?.anyOf?.map((word) => word.const)).toEqual([...loadKinds]);
  });
});

describe("bad input is refused with the step and the operand", () => {
  const load = { op: "load", id: "a", kind: "anon", size: "1M" };
  /** What only the machine knows is no matter of the schema. */
  const bad: readonly (readonly [string, object, RegExp, "schema" | "machine"])[] = [
    ["a load without a name", { op: "load", kind: "anon", size: "1M" }, /load: id is missing/, "schema"],
    [
      "a load without a kind",
      { op: "load", id: "a", size: "1M" },
      /load: kind is missing \(expected one of anon, file, /,
      "schema",
    ],
    ["an unknown kind", { ...load, kind: "heap" }, /load: kind: "heap" is not known \(allowed: anon, file, /, "schema"],
    [
      "a load without a size",
      { op: "load", id: "a", kind: "anon" },
      /load: size is missing \(expected a size such as 128M\)/,
      "schema",
    ],
    ["a size of nothing", { ...load, size: 0 }, /load: size: a size of 0 is no size/, "machine"],
    ["a size in no unit", { ...load, size: "1Q" }, /size: expected a size such as 128M, found "1Q"/, "schema"],
    ["a node that is not there", { ...load, node: 7 }, /load: node 7 does not exist \(nodes: 0, 1\)/, "machine"],
    [
      "no node at all",
      { ...load, nodes: [] },
      /load: nodes: expected a list of at least 1, found an empty list/,
      "schema",
    ],
    ["a policy for no node", { ...load, policy: "bind" }, /load: policy: bind needs node or nodes/, "schema"],
    [
      "an unknown policy",
      { ...load, node: 0, policy: "local" },
      /load: policy: "local" is not known \(allowed: bind, prefer, interleave\)/,
      "schema",
    ],
    [
      "a pin of a load that has none",
      { ...load, pin: "short" },
      /load: pin: only loads of kind pinned have pins/,
      "schema",
    ],
    [
      "an unknown pin",
      { ...load, kind: "pinned", pin: "firm" },
      /load: pin: "firm" is not known \(allowed: short, long\)/,
      "schema",
    ],
    [
      "a churn of nothing",
      { ...load, churn: 0 },
      /load: churn: expected a number above 0, up to 1 or an object, found 0/,
      "schema",
    ],
    [
      "a churn of more than all",
      { ...load, churn: 1.5 },
      /load: churn: expected a number above 0, up to 1 or an object, found 1.5/,
      "schema",
    ],
    [
      "a churn without end",
      { ...load, churn: { fraction: 0.5, every: 0 } },
      /load: churn: expected a number above 0, up to 1 or an object, found an object/,
      "schema",
    ],
    [
      "a lifetime in words",
      { ...load, for: "1s" },
      /load: for: expected a number above 0, up to 1000000, found "1s"/,
      "schema",
    ],
    [
      "the end of a load that does not run",
      { op: "unload", id: "a" },
      /unload: id: no load "a" runs \(running: none\)/,
      "machine",
    ],
    ["the unpin of one", { op: "unpin", id: "a" }, /unpin: id: no load "a" runs \(running: none\)/, "machine"],
    ["an unload of nobody", { op: "unload" }, /unload: id is missing/, "schema"],
    ["a signal to nobody", { op: "signal" }, /signal: to is missing/, "schema"],
    [
      "a signal to what does not run",
      { op: "signal", to: "x" },
      /signal: to: nothing named "x" runs \(running: none\)/,
      "machine",
    ],
    [
      "a background without a name",
      { op: "block", n: 9, v: "offline", background: "" },
      /block: background: expected a text that is not empty, found ""/,
      "schema",
    ],
    [
      "a background that is no name",
      { op: "write", path: "memory9/state", data: "offline", background: true },
      /write: background: expected a text that is not empty, found true/,
      "schema",
    ],
    [
      "a timeout before the write",
      { op: "block", n: 9, v: "offline", timeout_ms: -1 },
      /block: timeout_ms: expected a whole number of 0\.\.\d+, found -1/,
      "schema",
    ],
    [
      "an offset before the file",
      { op: "read", path: "/proc/kpageflags", offset: -8, length: 8 },
      /read: offset: expected a whole number from 0, found -8/,
      "schema",
    ],
    [
      "a length in words",
      { op: "read", path: "/proc/kpageflags", length: "all" },
      /read: length: expected a whole number from 0, found "all"/,
      "schema",
    ],
    ["a wait for nothing", { op: "wait" }, /wait: expected ms or s/, "schema"],
    ["a wait into the past", { op: "wait", ms: -1 }, /wait: ms: expected a number of 0\.\.\d+, found -1/, "schema"],
  ];

  test.for(bad)("%s", async ([, step, message, known]) => {
    const running = run([{ op: "state" }, step]);
    await expect(running).rejects.toThrow(message);
    await expect(running).rejects.toThrow(/step 1: /);
    expect(validate(raw([step]))).toBe(known === "machine");
  });

  test("two loads of one name", async () => {
    await expect(run([load, load])).rejects.toThrow(/step 1: load: id: a load named "a" runs already/);
  });

  test("two things in the background of one name", async () => {
    const step = { op: "block", n: "32", v: "offline", background: "x" };
    await expect(run([...pinnedBlock, step, step])).rejects.toThrow(/step 4: background: "x" is still running/);
  });
});

describe("loads", () => {
  test("a load says how many pages it has, and where", async () => {
    const steps = await run([
      { op: "load", id: "a", kind: "anon", size: "2M", nodes: [0, 1] },
      { op: "load", id: "b", kind: "anon", size: "2M", node: 1, policy: "bind" },
      { op: "unload", id: "a" },
    ]);
    expect(steps.map(({ result }) => result)).toEqual([
      { errno: 0, pages: 512, nodes: { "0": 256, "1": 256 } },
      { errno: 0, pages: 512, nodes: { "1": 512 } },
      { errno: 0, pages: 512 },
    ]);
  });

  test("a load that does not fit gets ENOMEM and nothing, and says what is missing", async () => {
    const [step, , next] = await run([
      { op: "load", id: "a", kind: "anon", size: "3G" },
      { op: "state" },
      { op: "load", id: "a", kind: "anon", size: "1M" },
    ]);
    expect(step?.result).toEqual({ errno: "ENOMEM", pages: 0, nodes: {} });
    expect(step?.refusal).toMatchObject({ errno: "ENOMEM", code: "no_target_memory", retry: "maybe" });
    expect(next?.result).toMatchObject({ errno: 0, pages: 256 });
  });

  test("a lifetime ends in simulated time", async () => {
    const [, , after] = await run([
      { op: "load", id: "a", kind: "anon", size: "1M", for: 1 },
      { op: "wait", s: 2 },
      { op: "load", id: "a", kind: "anon", size: "1M" },
    ]);
    expect(after?.result).toMatchObject({ pages: 256 });
  });
});

describe("work in the background", () => {
  test("what has ended stands in `finished` of the step in which it did", async () => {
    const steps = await run([
      ...pinnedBlock,
      { op: "block", n: "32", v: "offline", background: "drain" },
      { op: "wait", s: 5 },
      { op: "unpin", id: "nic" },
      { op: "wait", s: 1 },
    ]);
    expect(steps[3]?.result).toEqual({ n: 32, background: true });
    const finished = steps.flatMap((step, i) => (step.finished ?? []).map((work) => [i, work] as const));
    expect(finished).toHaveLength(1);
    const [at, work] = finished[0] ?? [];
    expect(at).toBeGreaterThanOrEqual(5);
    expect(work).toEqual({ name: "drain", result: { open_errno: 0, ret: 7, errno: 0 } });
  });

  test.for(["4.1", "6.1", "6.12"])("%s: a signal ends it: EINTR, and the block is online again", async (kernel) => {
    const steps = await run(
      [
        ...pinnedBlock,
        { op: "block", n: "32", v: "offline", background: "drain" },
        { op: "wait", s: 5 },
        { op: "signal", to: "drain" },
        { op: "read", path: "memory32/state" },
      ],
      kernel,
    );
    expect(steps[5]?.result).toEqual({ errno: 0 });
    expect(steps[5]?.finished).toEqual([{ name: "drain", result: { open_errno: 0, ret: -1, errno: "EINTR" } }]);
    expect(steps[6]?.result).toMatchObject({ data: "online\n" });
  });

  test("4.1 gives up after two minutes: EAGAIN", async () => {
    const steps = await run(
      [
        ...pinnedBlock,
        { op: "block", n: "32", v: "offline", background: "drain" },
        { op: "wait", s: 119 },
        { op: "wait", s: 2 },
      ],
      "4.1",
    );
    expect(steps[4]?.finished).toBeUndefined();
    expect(steps[5]?.finished).toEqual([{ name: "drain", result: { open_errno: 0, ret: -1, errno: "EAGAIN" } }]);
  });

  test("a write with timeout_ms gets its signal then (observed-6 §9)", async () => {
    const steps = await run([...pinnedBlock, { op: "block", n: "32", v: "offline", timeout_ms: 4000 }]);
    expect(steps[3]?.result).toMatchObject({ ret: -1, errno: "EINTR", timed_out_signal: true });
    expect((steps[3]?.at_ns ?? 0) - (steps[2]?.at_ns ?? 0)).toBeGreaterThanOrEqual(4e9);
    expect((steps[3]?.at_ns ?? 0) - (steps[2]?.at_ns ?? 0)).toBeLessThan(4.1e9);
  });

  test("a bulk step that never gets the hotplug lock is killed while it waits", async () => {
    const steps = await run([
      ...pinnedBlock,
      { op: "block", n: "32", v: "offline", background: "stuck" },
      { op: "offline", blocks: "32,9" },
    ]);
    expect(steps[4]?.result).toEqual({
      requested: 2,
      offlined: 0,
      refused: [
        { block: 9, errno: "EINTR", code: "signal" },
        { block: 32, errno: "EINTR", code: "signal" },
      ],
    });
  });

  test("what is still running at the end is ended, so that a run always comes to its end", async () => {
    const steps = await run([...pinnedBlock, { op: "block", n: "32", v: "offline", background: "stuck" }]);
    expect(steps).toHaveLength(4);
  });
});
