import { expect, test } from "vitest";
import { readDocument, runDocument, type TraceStep } from "../src/index.ts";

const machine = { machine: "q35", memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [] };

const scenario = (steps: readonly object[], more: object = {}): ReturnType<typeof readDocument> =>
  readDocument({ format: "memhp-scenario/1", name: "test", kernel: "6.1", machine, steps, ...more }, "test");
const run = async (steps: readonly object[], more: object = {}): Promise<readonly TraceStep[]> =>
  (await runDocument(scenario(steps, more))).trace.steps;

test("a step has the shape of a kernel trace's step, with its time and its refusal", async () => {
  const [, step] = await run([
    { op: "dimm_add", id: "d0", size: "256M" },
    { op: "block", n: "${d0.1}", v: "offline" },
  ]);
  expect(step).toMatchObject({
    step: { op: "block", n: "${d0.1}", v: "offline" },
    result: {
      n: 33,
      before: { state: "offline\n", valid_zones: "Normal Movable\n" },
      open_errno: 0,
      ret: -1,
      errno: "EINVAL",
    },
    refusal: { errno: "EINVAL", code: "already_in_state" },
  });
  expect(step?.at_ns).toBeGreaterThan(0);
});

test("the two recording callbacks of the kernel traces are present in every run, 4.1 included", async () => {
  const steps = await run(
    [
      { op: "dimm_add", id: "d0", size: "128M" },
      { op: "block", n: "32", v: "online" },
    ],
    { kernel: "4.1" },
  );
  expect(steps[1]?.notifications?.map((n) => [n["notifier"], n["action"]])).toEqual([
    ["early", "MEM_GOING_ONLINE"],
    ["late", "MEM_GOING_ONLINE"],
    ["early", "MEM_ONLINE"],
    ["late", "MEM_ONLINE"],
  ]);
  expect(steps[1]?.notifications?.[0]).toMatchObject({
    status_change_nid_normal: -1,
    status_change_nid_high: -1,
    status_change_nid: -1,
  });
});

test("bulk steps choose blocks by words and lists and count what happened", async () => {
  const steps = await run([
    { op: "dimm_add", id: "d0", size: "512M" },
    { op: "online", blocks: "dimm:d0", type: "movable" },
    { op: "offline", blocks: "33-34,32&movable" },
    { op: "offline", blocks: "0,33" },
  ]);
  expect(steps.slice(1).map((step) => step.result)).toEqual([
    { requested: 4, onlined: 4, refused: [] },
    { requested: 3, offlined: 3, refused: [] },
    {
      requested: 2,
      offlined: 0,
      refused: [
        { block: 0, errno: "EINVAL", code: "mixed_zones" },
        { block: 33, errno: "EINVAL", code: "already_in_state" },
      ],
    },
  ]);
});

test("probe writes an address to the file of that name, where the kernel has it (4.1/probe)", async () => {
  const more = { kernel: "4.1", machine: { memory: "2048M", smp: 2, nodes: [] } };
  const steps = await run(
    [
      { op: "probe", addr: "0x100000000" },
      { op: "probe", addr: 0x100000000 },
    ],
    more,
  );
  expect(steps.map((step) => step.result)).toMatchObject([
    { open_errno: 0, ret: 11, errno: 0 },
    { open_errno: 0, ret: -1, errno: "EEXIST" },
  ]);
  expect(steps[0]?.uevents).toEqual(["add@/devices/system/memory/memory32"]);
  expect((await run([{ op: "probe", addr: "0x100000000" }]))[0]?.result).toMatchObject({ open_errno: "ENOENT" });
  await expect(run([{ op: "probe" }], more)).rejects.toThrow("probe: addr is missing");
});

test("an injected error reaches the writer with the callback that made it", async () => {
  const steps = await run([
    { op: "dimm_add", id: "d0", size: "128M" },
    { op: "inject", action: "MEM_GOING_ONLINE", errno: "ENOMEM" },
    { op: "block", n: 32, v: "online" },
  ]);
  expect(steps[2]).toMatchObject({
    result: { errno: "ENOMEM" },
    refusal: { code: "notifier_veto" },
    kernel_log: ["Injecting error (-12) to MEM_GOING_ONLINE"],
  });
});

test("an expectation that fails is named with its path, what was expected and what came", async () => {
  const document = scenario([{ op: "dimm_add", id: "d0", size: "128M", expect: { qmp_events: [], devices: [] } }]);
  const { failures } = await runDocument(document);
  expect(failures.map(({ step, what }) => [step, what])).toEqual([
    [0, "qmp_events"],
    [0, "result.devices"],
  ]);
});

test("the same document under another kernel answers as that kernel does", async () => {
  const steps = [
    { op: "dimm_add", id: "d0", size: "512M" },
    { op: "block", n: "${d0.1}", v: "online_movable" },
  ];
  const under = async (kernel: string): Promise<unknown> =>
    (await runDocument(scenario(steps), { kernel })).trace.steps[1]?.result;
  expect(await under("4.1")).toMatchObject({ errno: "EINVAL" });
  expect(await under("6.1")).toMatchObject({ errno: 0, ret: 14 });
});

const bad: readonly (readonly [string, object, RegExp])[] = [
  ["an unknown op", { op: "levitate" }, /test: step 0: unknown op "levitate"/],
  [
    "a bad size",
    { op: "dimm_add", id: "d", size: "2Q" },
    /step 0: dimm_add: size: expected a size such as 128M, found "2Q"/,
  ],
  ["a size of zero", { op: "dimm_add", id: "d", size: 0 }, /step 0: dimm_add: size: a size of 0/],
  ["a block that does not exist", { op: "online", blocks: "99" }, /step 0: online: blocks: block 99 does not exist/],
  [
    "an unknown word for blocks",
    { op: "online", blocks: "sideways" },
    /step 0: online: blocks: unknown word "sideways"/,
  ],
  ["an unknown node", { op: "offline", blocks: "node:7" }, /step 0: offline: blocks: no node 7/],
  ["a DIMM that was never plugged in", { op: "block", n: "${d9.0}", v: "online" }, /step 0: \$\{d9\.0\}: no DIMM "d9"/],
  [
    "an unknown online type",
    { op: "online", blocks: "all", type: "fast" },
    /step 0: online: type: "fast" is not known/,
  ],
];
for (const [what, step, message] of bad) {
  test(`${what} stops the run at its step`, async () => {
    await expect((async () => runDocument(scenario([step])))()).rejects.toThrow(message);
  });
}

test("a step is refused before the first one runs", () => {
  expect(() => scenario([{ op: "state" }, { op: "levitate" }])).toThrow(/step 1/);
});

test("two DIMMs on one address are QEMU's error, an answer and no exception", async () => {
  const steps = await run([
    { op: "dimm_add", id: "a", size: "128M", addr: 2 ** 32 },
    { op: "dimm_add", id: "b", size: "128M", addr: 2 ** 32 },
  ]);
  expect(steps[1]?.result).toMatchObject({
    device_add: { error: { class: "GenericError", desc: "address range conflicts with memory device id='a'" } },
  });
});

test.each([
  ["a second time", { args: "priority=1" }, "EEXIST", "already_in_state"],
  ["with a priority that is no int", { args: "priority=high" }, "EINVAL", "bad_word"],
  ["with one that is too large for an int (kernel/params.c)", { args: "priority=5000000000" }, "EINVAL", "bad_word"],
  ["without a value", { args: "priority" }, "EINVAL", "bad_word"],
])("the module that injects errors is not loaded %s", async (when, args, errno, code) => {
  const insmod = { op: "insmod", mod: "memory-notifier-error-inject" };
  const inject = { op: "inject", action: "MEM_GOING_OFFLINE", errno: "EBUSY" };
  const before = when === "a second time" ? [insmod, inject] : [];
  const steps = await run([...before, { ...insmod, ...args }]);
  expect(steps.at(-1)).toMatchObject({ result: { rc: 1, out: errno }, refusal: { errno, code } });
});
