import { expect, test } from "vitest";
import { parseDocument, runDocument, type Trace, type TraceStep, TraceWriter } from "../src/index.ts";

const scenario = `
format: memhp-scenario/1
name: two nodes
kernel: "6.12"
machine: { block_size: 128M, nodes: { count: 2, memory: 1G }, dimms: { per_node: 1, size: 512M } }
steps:
  - { op: online, blocks: offline, type: movable }
  - { op: load, id: db, kind: anon, size: 200M, node: 0 }
  - { op: offline, blocks: "node:0" }
  - { op: dimm_add, id: d9, size: 256M, node: 1 }
  - { op: read, path: /proc/zoneinfo }
`;

/** What a writer writes of a run, and what the run comes to. */
async function written(
  keepSteps: boolean,
  kernel = "6.12",
): Promise<{ text: string; trace: Trace; steps: TraceStep[] }> {
  let text = "";
  const steps: TraceStep[] = [];
  const writer = new TraceWriter((piece) => (text += Buffer.from(piece).toString()));
  const document = parseDocument(scenario, "two-nodes.yaml");
  const head = {
    format: "memhp-trace/1",
    name: "two nodes",
    kernel,
    machine: document.rawMachine,
    seed: 0,
  } as const;
  writer.begin(head);
  const { trace } = await runDocument(document, {
    kernel,
    keepSteps,
    onStep(step) {
      steps.push(step);
      writer.step(step);
    },
  });
  writer.end(trace);
  return { text, trace, steps };
}

// 7.3 has a chain of nodes besides.
test.for(["6.12", "7.3"])("%s: a trace that is written step by step is what JSON.stringify prints", async (kernel) => {
  const { text, trace } = await written(true, kernel);
  expect(trace.steps.map((step) => Object.keys(step).length > 3)).toContain(true);
  expect(text).toBe(`${JSON.stringify(trace, undefined, 2)}\n`);
});

test("a run that keeps no steps tells them all the same", async () => {
  const { text, trace, steps } = await written(false);
  expect(trace.steps).toEqual([]);
  expect(text).toBe(`${JSON.stringify({ ...trace, steps }, undefined, 2)}\n`);
});

test("a trace without an end is a document, and one that has not begun is nothing", async () => {
  let text = "";
  const writer = new TraceWriter((piece) => (text += Buffer.from(piece).toString()));
  writer.abandon();
  expect(text).toBe("");
  writer.begin({ format: "memhp-trace/1", name: "n", kernel: "6.12", machine: {}, seed: 0 });
  writer.step({ step: { op: "state" }, result: null, at_ns: 1 });
  writer.abandon();
  writer.abandon();
  expect(JSON.parse(text)).toEqual({
    format: "memhp-trace/1",
    name: "n",
    kernel: "6.12",
    machine: {},
    seed: 0,
    steps: [{ step: { op: "state" }, result: null, at_ns: 1 }],
  });
});
