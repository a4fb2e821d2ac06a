import { type RunDocument, readDocument } from "@memhp/scenario";
import { expect, test } from "vitest";
import { readOrder } from "../src/order.ts";
import { checkRecordable, record } from "../src/record.ts";
import { printTrace } from "../src/trace-text.ts";
import { fakeTarget } from "./fake-target.ts";

const machine = { machine: "q35", memory: "2G", slots: 4, maxmem: "8G" };

function document(steps: unknown[], more: object = {}): RunDocument {
  return readDocument({ format: "memhp-scenario/1", name: "n", kernel: "6.1", machine, steps, ...more }, "test");
}

test("a trace is read back as the kernel trace that it is", async () => {
  const trace = await record(
    document([
      { op: "read", path: "state" },
      { op: "sleep", s: 0 },
    ]),
    fakeTarget(() => undefined),
    {
      about: "to show",
    },
  );
  const read = readDocument(JSON.parse(printTrace(trace)), "file");
  expect(read).toMatchObject({ format: "memhp-kernel-trace/1", name: "n", kernel: "6.1", rawMachine: machine });
  expect(read.steps.map((step) => step.request)).toEqual([
    { op: "read", path: "state" },
    { op: "sleep", s: 0 },
  ]);
  expect(read.steps[0]?.recorded).toEqual({ result: { errno: 0, mode: "444", data: "" } });
  expect(trace.about).toBe("to show");
});

test("an offline that met kernel pages is marked: no simulator can know", async () => {
  const write = async () => ({ open_errno: 0, ret: -1, errno: "EBUSY" });
  const said = (kernel_log: string[]) =>
    fakeTarget(() => undefined, { write, takeReports: async () => ({ uevents: [], notifications: [], kernel_log }) });
  const steps = [{ op: "block", n: 3, v: "offline" }];
  const unmovable = await record(document(steps), said(["page dumped because: unmovable page"]));
  expect(unmovable.steps[0]?.given).toEqual({ unmovable_pages: true });
  const vetoed = await record(document(steps), said(["Injecting error (-16) to MEM_GOING_OFFLINE"]));
  expect(vetoed.steps[0]).not.toHaveProperty("given");
});

test("a step's given is planted in a simulated kernel, and taken back by the next write without it", async () => {
  const planted: [number, boolean][] = [];
  const target = {
    ...fakeTarget(() => undefined),
    plant: async (block: number, kernelPages: boolean) => void planted.push([block, kernelPages]),
  };
  const offline = { op: "block", n: 3, v: "offline" };
  const viaWrite = { op: "write", path: "memory3/state", data: "offline" };
  await record(document([offline, { ...offline, given: { unmovable_pages: true } }, viaWrite]), target);
  expect(planted).toEqual([
    [3, true],
    [3, false],
  ]);
});

test("a document that cannot be recorded is refused before anything boots, with the step", () => {
  expect(() => checkRecordable(document([{ op: "state" }, { op: "online", blocks: "all" }]))).toThrow(
    'n: step 1: op "online" cannot be recorded',
  );
  expect(() => checkRecordable(document([], { kernel: "4.1" }))).toThrow("4.1 cannot be recorded");
});

test("6.12 needs its memhp_default_state said", () => {
  const with612 = (cmdline: string) => document([], { kernel: "6.12", machine: { ...machine, cmdline } });
  expect(() => checkRecordable(with612(""))).toThrow("memhp_default_state");
  expect(() => checkRecordable(with612("memhp_default_state=online"))).not.toThrow();
});

test("a step that fails is named", async () => {
  await expect(
    record(
      document([{ op: "block", n: "${d0.0}", v: "x" }]),
      fakeTarget(() => undefined),
    ),
  ).rejects.toThrow('n: step 0: ${d0.0}: no DIMM "d0"');
});

test("a kernel that memhp has no profile of, on a machine that it has no platform for, is recorded as it is named", async () => {
  const text = JSON.stringify({
    format: "memhp-scenario/1",
    name: "new",
    about: "why",
    kernel: "9.9",
    flavour: "s390x",
    machine: { arch: "s390x", memory: "2G" },
    steps: [{ op: "read", path: "block_size_bytes", expect: { errno: 0 } }],
  });
  const order = readOrder(text, "new.json");
  const said = ["Linux version 9.9", "Zone ranges:", "random: crng init done"];
  const trace = await record(order, { ...fakeTarget(() => undefined), bootLog: said });
  expect(trace).toMatchObject({
    kernel: "9.9",
    flavour: "s390x",
    about: "why",
    machine: { arch: "s390x", memory: "2G" },
    boot_log: said.slice(0, 2),
    steps: [{ step: { op: "read", path: "block_size_bytes" } }],
  });
});

test.for<readonly [document: unknown, message: string]>([
  [[], "expected an object with format"],
  [{ format: "x" }, 'format: "x" is not known'],
  [{ format: "memhp-scenario/1", kernel: 7.3 }, "kernel: expected a text"],
  [{ format: "memhp-scenario/1", kernel: "7.3", flavour: 1 }, "flavour: expected a text"],
  [{ format: "memhp-scenario/1", kernel: "7.3", steps: {} }, "steps: expected a list"],
  [{ format: "memhp-scenario/1", kernel: "7.3", steps: [{ op: "nap" }] }, 'step 0: unknown op "nap"'],
  [{ format: "memhp-kernel-trace/1", kernel: "7.3", steps: [{}] }, "step 0: op is missing"],
])("an order that makes no sense is refused with its place: %j", ([document, message]) => {
  expect(() => readOrder(JSON.stringify(document), "file")).toThrow(`file: ${message}`);
});
