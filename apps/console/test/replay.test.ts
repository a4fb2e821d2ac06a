import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openDocument, runUpTo } from "../src/replay/replay.ts";
import { differencesOf, fieldRows, recordedNotes, stepViews } from "../src/replay/steps.ts";

const traces = new URL("../../../tools/conformance/kernel-traces/", import.meta.url);
const examples = new URL("../examples/", import.meta.url);
const example = (file: string): string =>
  readFileSync(new URL(file, file.endsWith(".json") ? traces : examples), "utf8");

describe("a recorded trace", () => {
  test("is run and compared step by step", async () => {
    const replay = await openDocument(example("4.1/order-mv-descending.json"), "order-mv-descending.json");
    const views = stepViews(replay);
    expect(views.map(({ verdict }) => verdict)).toEqual(Array(views.length).fill("same"));
    expect(views[2]?.title).toBe("echo online_movable > memory39/state");
    expect(fieldRows(replay, 2)).toContainEqual({ path: "result.ret", recorded: "14", memhp: "14", mark: "same" });
  });

  test("marks a difference where it is, and nowhere else", async () => {
    const trace = JSON.parse(example("4.1/order-mv-descending.json")) as {
      steps: { result: { errno: unknown; after: Record<string, string> } }[];
    };
    const step = trace.steps[2];
    if (step === undefined) throw new Error("no step 2");
    step.result.errno = "EBUSY";
    step.result.after["online"] = "0\n";
    const replay = await openDocument(JSON.stringify(trace), "changed.json");
    expect(
      stepViews(replay)
        .filter(({ verdict }) => verdict === "differs")
        .map(({ index }) => index),
    ).toEqual([2]);
    expect(differencesOf(replay, 2).map(({ what }) => what)).toEqual(["result.errno", "result.after.online"]);
    expect(
      fieldRows(replay, 2)
        .filter(({ mark }) => mark === "differs")
        .map(({ path }) => path),
    ).toEqual(["result.errno", "result.after.online"]);
  });

  test("shows what varies from boot to boot without judging it", async () => {
    const replay = await openDocument(example("4.1/order-mv-descending.json"), "x.json");
    const marks = new Set(stepViews(replay).flatMap(({ index }) => fieldRows(replay, index).map(({ mark }) => mark)));
    expect(marks.has("differs")).toBe(false);
    expect(marks.has("varies")).toBe(true);
  });

  test("can be run up to any step, and back", async () => {
    const replay = await openDocument(example("4.1/order-mv-descending.json"), "x.json");
    const stateOf = async (steps: number): Promise<string> => {
      const session = await runUpTo(replay, steps, 0);
      const read = session.machine.files.read("/sys/devices/system/memory/memory39/state");
      await session.close();
      return read.ok ? read.value : read.refusal.errno.toString();
    };
    expect([await stateOf(0), await stateOf(1), await stateOf(3), await stateOf(1)]).toEqual([
      "ENOENT",
      "offline\n",
      "online\n",
      "offline\n",
    ]);
  });
});

describe("a scenario", () => {
  test.each(["middle-block.yaml", "veto.yaml"])("%s meets its expectations", async (file) => {
    const replay = await openDocument(example(file), file);
    expect(replay.comparison).toBeUndefined();
    expect(replay.failures).toEqual([]);
    expect(stepViews(replay).some(({ verdict }) => verdict === "same")).toBe(true);
  });

  test("whose expectation is not met shows it beside what came", async () => {
    const text = example("middle-block.yaml").replace("{ errno: EINVAL }", "{ errno: 0 }");
    const replay = await openDocument(text, "wrong.yaml");
    expect(stepViews(replay)[1]?.verdict).toBe("differs");
    expect(fieldRows(replay, 1)).toContainEqual({
      path: "result.errno",
      recorded: "0",
      memhp: '"EINVAL"',
      mark: "differs",
    });
    expect(fieldRows(replay, 1).filter(({ mark }) => mark === "differs")).toHaveLength(1);
  });

  test("that is none is said in words", async () => {
    await expect(openDocument("format: something", "x.yaml")).rejects.toThrow(/x\.yaml: format/);
  });
});

test("steps are told in the words of their operations, with blocks by number", async () => {
  const replay = await openDocument(example("4.1/order-mv-descending.json"), "x.json");
  expect(
    stepViews(replay)
      .slice(0, 4)
      .map(({ title }) => title),
  ).toEqual([
    "plug in DIMM d0: 1G for node 0",
    expect.any(String),
    "echo online_movable > memory39/state",
    "echo online_movable > memory38/state",
  ]);
  expect(replay.words[2]).toMatchObject({ outcome: "ok", good: true });
});

test("a step that ran in the guest says that it is not compared", () => {
  const step = { request: { op: "sh" }, recorded: {}, expect: undefined, unmovablePages: true };
  expect(recordedNotes(step, { step: step.request, result: null, at_ns: 0 })).toHaveLength(2);
});
