import { describe, expect, test } from "vitest";
import { readDocument, runDocument, type Trace } from "../src/index.ts";

const machine = { memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [], cmdline: "memhp_default_state=offline" };

async function run(steps: readonly object[], kernel = "6.1", cmdline = machine.cmdline): Promise<Trace> {
  const document = readDocument(
    { format: "memhp-scenario/1", kernel, machine: { ...machine, cmdline }, steps },
    "here",
  );
  return (await runDocument(document)).trace;
}

const plug = { op: "dimm_add", id: "d0", size: "256M" };
const resultOf = (trace: Trace, i: number): Record<string, never> => trace.steps.at(i)?.result as Record<string, never>;

describe("who onlines first, as a scenario", () => {
  test.each([
    ["the boot parameter", "memhp_default_state=online", [], "boot parameter", undefined],
    [
      "the sysfs value",
      machine.cmdline,
      [{ op: "write", path: "auto_online_blocks", data: "online" }],
      "auto_online_blocks",
      undefined,
    ],
    ["a rule", machine.cmdline, [], "udev (add@/devices/system/memory/memory32)", "online"],
  ])("%s", async (_who, cmdline, before, by, word) => {
    const trace = await run([{ op: "udev", of: "nixos" }, ...before, plug, { op: "settle" }], "6.1", cmdline);
    expect(resultOf(trace, -1)["onlined"]?.[0]).toMatchObject({
      block: 32,
      by,
      ...(word === undefined ? {} : { word }),
    });
    expect(resultOf(trace, -1)["settled"]).toBe(true);
  });

  test("udev tells what each rule wrote, and what the kernel answered", async () => {
    const trace = await run([{ op: "udev", of: "nixos" }, plug, { op: "settle" }], "6.1", "memhp_default_state=online");
    expect(resultOf(trace, -1)["handled"]?.[0]).toMatchObject({
      uevent: "add@/devices/system/memory/memory32",
      seqnum: 1,
      writes: [{ rule: "99-hyperv-cpu-and-memory-hotadd.rules:1", value: "online", errno: "EINVAL" }],
    });
  });
});

describe("faults of files", () => {
  test("a delayed write takes so much simulated time, and a signal can reach it", async () => {
    const state = { op: "block", n: 32, v: "online" };
    const trace = await run([
      plug,
      { op: "fault", path: "memory32/state", operation: "write", delay_ms: 5000 },
      { ...state, timeout_ms: 1000 },
      state,
      { op: "unfault" },
      { op: "block", n: 33, v: "online" },
    ]);
    expect(resultOf(trace, 2)).toMatchObject({ timed_out_signal: true });
    expect(resultOf(trace, 3)).toMatchObject({ errno: 0, after: { state: "online\n" } });
    const [before, after] = [trace.steps[2], trace.steps[3]].map((step) => step?.at_ns ?? 0) as [number, number];
    expect(after - before).toBeGreaterThanOrEqual(5e9);
  });

  test("a probability draws from the seed: the same seed gives the same answers, another one others", async () => {
    const document = (seed: number) =>
      readDocument(
        {
          format: "memhp-scenario/1",
          kernel: "6.1",
          seed,
          machine,
          steps: [
            { op: "fault", path: "memory3/state", operation: "read", errno: "EIO", p: 0.5 },
            ...Array.from({ length: 24 }, () => ({ op: "read", path: "memory3/state" })),
          ],
        },
        "here",
      );
    const answers = async (seed: number): Promise<string> => {
      const { trace } = await runDocument(document(seed));
      return trace.steps
        .slice(1)
        .map(({ result }) => String((result as { errno: unknown }).errno))
        .join(" ");
    };
    expect(await answers(1)).toBe(await answers(1));
    expect(await answers(1)).not.toBe(await answers(2));
  });
});

test("pages that are slow to move make an offline longer by as much for each page, until it is taken back", async () => {
  const steps = (...slow: object[]): object[] => [
    plug,
    { op: "block", n: 33, v: "online_movable" },
    { op: "load", id: "a", kind: "anon", size: "64M" },
    ...slow,
    { op: "block", n: 33, v: "offline", expect: { errno: 0 } },
  ];
  const slowly = (us: number): object => ({ op: "slow_migration", us_per_page: us });
  const durationOf = async (...slow: object[]): Promise<number> => {
    const trace = await run(steps(...slow));
    return (trace.steps.at(-1)?.at_ns ?? 0) - (trace.steps.at(-2)?.at_ns ?? 0);
  };
  const usual = await durationOf();
  const PAGES = 16_384;
  expect((await durationOf(slowly(1025))) - usual).toBe(PAGES * 1e6);
  expect(await durationOf(slowly(1025), { op: "slow_migration" })).toBe(usual);
});

describe("what makes no sense is named with its step", () => {
  test.each([
    [{ op: "udev" }, "udev: expected of or rules"],
    [{ op: "udev", rules: 'KERNAL=="x"' }, "udev: rules:1: key KERNAL is not known"],
    [{ op: "agent", id: "a" }, "agent: expected poll_ms or on_add_ms"],
    [{ op: "agent", id: "a", stop: true }, 'agent: id: no agent "a" runs'],
    [{ op: "fault", path: "x", operation: "read" }, "fault: expected errno, delay_ms or texts"],
    [
      { op: "fault", path: "x", operation: "read", delay_ms: 1 },
      "fault: delay: simulated time from 0, for writes only",
    ],
    [{ op: "unfault", id: 3 }, "unfault: id: no fault 3 (there are: none)"],
  ])("%j", async (step, message) => {
    await expect(run([step])).rejects.toThrow(message);
  });
});
