import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { keptWorkers as workerFactory } from "../../../tools/conformance/src/kept-workers.ts";
import { parseDocument, readDocument, RunError, runDocument, type TraceStep } from "../src/index.ts";

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const example = parseDocument(file("../examples/node-hotplug.yaml"), "node-hotplug.yaml");
const machine = {
  memory: "2G",
  smp: 2,
  cmdline: "memhp_default_state=offline",
  nodes: [{ nodeid: 0, mem: "2G", cpus: "0-1" }],
  slots: 4,
  maxmem: "4G",
  containers: [
    {
      id: "c0",
      node: 1,
      memory: [
        { id: "m0", size: "256M" },
        { id: "m1", size: "128M" },
      ],
    },
  ],
};

const scenario = (...steps: readonly object[]): ReturnType<typeof readDocument> =>
  readDocument({ format: "memhp-scenario/1", name: "test", kernel: "6.12", machine, steps }, "test");
const run = async (...steps: readonly object[]): Promise<readonly TraceStep[]> =>
  (await runDocument(scenario(...steps))).trace.steps;
const insert = { op: "container", id: "c0", action: "add" };

test.each(["4.1", "6.1", "6.12"])("%s: a node comes in a container and goes as the example expects", async (kernel) => {
  const { failures } = await runDocument(example, { kernel });
  expect(failures).toEqual([]);
});

test("the refused eject differs between kernels as facts §6.3 and §6.5 say", async () => {
  const refused = async (kernel: string): Promise<unknown> => {
    const step = (await runDocument(example, { kernel })).trace.steps[5];
    return { result: step?.result, uevents: step?.uevents, acpi_ost: step?.acpi_ost };
  };
  const change = { uevent: "change@/devices/system/container/ACPI0004:00", SUBSYSTEM: "container" };
  const told = (status: number): object[] => [132, status].map((each) => ({ device: "c0", source: 3, status: each }));
  expect(await refused("4.1")).toEqual({
    result: { errno: "EBUSY", ost: 1, present: true },
    uevents: [change],
    acpi_ost: told(1),
  });
  expect(await refused("6.12")).toEqual({
    result: { errno: "EBUSY", ost: 130, present: true },
    uevents: [{ ...change, EVENT: "offline" }],
    acpi_ost: told(130),
  });
});

test.each(["4.1", "6.12"])("%s: the same bytes with 0 and 3 workers", async (kernel) => {
  const bytes = async (workers: number): Promise<string> =>
    JSON.stringify((await runDocument(example, { kernel, workers, workerFactory })).trace);
  expect(await bytes(3)).toBe(await bytes(0));
});

test("memory in a container is referred to like a DIMM, and the container from its first block to its last", async () => {
  const blocks = ["m0.first", "m0.1", "m1.last", "c0.first", "c0.2", "c0.last"];
  const steps = await run(insert, ...blocks.map((name) => ({ op: "block", n: `\${${name}}`, v: "online" })));
  expect(steps.slice(1).map(({ result }) => (result as { n: number }).n)).toEqual([80, 81, 82, 80, 82, 82]);
});

test("`container:ID` chooses the blocks of all memory in it", async () => {
  const steps = await run(
    insert,
    { op: "online", blocks: "container:c0", type: "movable" },
    { op: "offline", blocks: "container:c0&80-81" },
  );
  expect(steps.slice(1).map(({ result }) => result)).toEqual([
    { requested: 3, onlined: 3, refused: [] },
    { requested: 2, offlined: 2, refused: [] },
  ]);
});

test("`online` and `offline` write to the container's own device", async () => {
  const steps = await run(
    { ...insert, action: "offline" },
    insert,
    { ...insert, action: "offline" },
    { ...insert, action: "online" },
  );
  expect(steps.map(({ result }) => result)).toEqual([
    { open_errno: "ENOENT", ret: 0, errno: 0, present: false },
    { errno: 0, ost: 0, present: true },
    { open_errno: 0, ret: 1, errno: 0, present: true },
    { open_errno: 0, ret: 1, errno: 0, present: true },
  ]);
});

test("an eject of what is not there is an answer with its cause", async () => {
  const [step] = await run({ ...insert, action: "eject" });
  expect(step).toMatchObject({
    result: { errno: "ENODEV", ost: null, present: false },
    refusal: { code: "no_entry", remedy: ["insert c0 first"] },
  });
});

test("a kernel that dies of an eject ends the run at its step, and is no bug of memhp", async () => {
  const document = scenario(
    insert,
    { ...insert, action: "offline" },
    { op: "online", blocks: "container:c0" },
    { ...insert, action: "eject" },
  );
  await expect(runDocument(document)).rejects.toThrow(RunError);
  await expect(runDocument(document)).rejects.toThrow(/step 3: kernel BUG: \\_SB_\.C000\.M001 is gone, but its memory/);
});

const bad: readonly (readonly [string, object, RegExp])[] = [
  ["an unknown container", { ...insert, id: "c9" }, /step 0: container: no container "c9" \(known: c0\)/],
  ["no container", { op: "container", action: "add" }, /step 0: container: id is missing/],
  [
    "an unknown action",
    { ...insert, action: "kick" },
    /container: action: "kick" is not known \(allowed: add, eject, /,
  ],
  [
    "an unknown notify",
    { ...insert, notify: "wake" },
    /notify: "wake" is not known \(allowed: bus_check, device_check\)/,
  ],
  ["a word of the language", { ...insert, action: "toString" }, /action: "toString" is not known/],
  ["blocks of an unknown container", { op: "online", blocks: "container:c9" }, /no container "c9" \(known: c0\)/],
];
for (const [what, step, message] of bad) {
  test(`${what} stops the run at its step`, async () => {
    await expect(run(step)).rejects.toThrow(message);
  });
}

test("the schema takes what the reader takes, and refuses what it refuses", () => {
  const schema = JSON.parse(file("../schema/scenario.schema.json")) as object;
  const validate = new Ajv2020({ allowUnionTypes: true, strict: false }).compile(schema);
  const fits = (containers: unknown, step: object = insert): boolean =>
    validate({ format: "memhp-scenario/1", kernel: "6.1", machine: { ...machine, containers }, steps: [step] });
  expect(fits(machine.containers)).toBe(true);
  expect(fits([{ id: "c0", hid: "PNP0A06", uid: "1", present: true, containers: [{ id: "c1" }] }])).toBe(true);
  expect(fits([{ id: "c0", memory: [{ id: "m0", size: "1G", addr: "0x180000000" }] }])).toBe(true);
  expect(fits([{ id: "c.0" }])).toBe(false);
  expect(fits([{ id: "c0", hid: "PNP0C80" }])).toBe(false);
  expect(fits([{ id: "c0", memory: [{ id: "m0" }] }])).toBe(false);
  expect(fits(machine.containers, { op: "container", id: "c0" })).toBe(false);
  expect(fits(machine.containers, { ...insert, action: "kick" })).toBe(false);
});
