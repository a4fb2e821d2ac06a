import { readFileSync } from "node:fs";
import type { WorkerFactory } from "@memhp/machine";
import type { Trace } from "@memhp/scenario";
import { describe, expect, test } from "vitest";
import type { KernelComparison } from "../src/compare/compare-kernels.ts";
import type { ReplayReport } from "../src/replay.ts";
import { example, kernelTrace, memhp } from "./test-host.ts";

const machine =
  "machine: { machine: q35, memory: 2G, slots: 4, maxmem: 8G, smp: 2, nodes: [{ nodeid: 0, mem: 1G }, { nodeid: 1, mem: 1G }] }";

/** A scenario with these steps, as YAML. */
function scenario(...steps: readonly string[]): string {
  return `format: memhp-scenario/1\nname: test\nkernel: "6.1"\n${machine}\nsteps:\n${steps.map((step) => `  - ${step}\n`).join("")}`;
}

describe("memhp run", () => {
  test("--json prints the trace and nothing else", async () => {
    const { exitCode, stdout, stderr } = await memhp(["run", example("h_inject_lastnode.json"), "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const trace = JSON.parse(stdout) as Trace;
    expect(Object.keys(trace)).toEqual(["format", "name", "kernel", "machine", "seed", "steps", "final"]);
    expect(trace).toMatchObject({ format: "memhp-trace/1", name: "h_inject_lastnode", kernel: "6.1" });
    expect(trace.steps[4]?.refusal?.code).toBe("notifier_veto");
  });

  test("--workers changes no byte of --json (conformance proves it for many runs)", async () => {
    const [alone, spread] = await Promise.all(
      ["0", "3"].map((workers) =>
        memhp(["run", kernelTrace("6.1/b_two_nodes_interleaved"), "--json", "--workers", workers]),
      ),
    );
    expect(alone?.exitCode).toBe(0);
    expect(alone?.stdout.length).toBeGreaterThan(1000);
    expect(spread).toEqual(alone);
  });

  test("--kernel and --seed replace those of the file", async () => {
    const { stdout } = await memhp(["run", "-", "--json", "--kernel", "4.1", "--seed", "7"], {
      files: { "-": scenario("{ op: state }") },
    });
    expect(JSON.parse(stdout)).toMatchObject({ kernel: "4.1", seed: 7 });
  });

  test("--jsonl writes every event in a line, --perfetto a trace of them", async () => {
    const file = example("first-dimm.yaml");
    const { exitCode, stdout, written } = await memhp([
      "run",
      file,
      "-q",
      "--jsonl",
      "events.jsonl",
      "--perfetto",
      "trace.json",
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
    const events = (written.get("events.jsonl") ?? "")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly type: string });
    // What happens at boot comes first.
    expect(events.find(({ type }) => type !== "uevent")).toMatchObject({
      type: "acpi_notify",
      device: "d0",
      value: 1,
      atNs: 0,
      node: -1,
    });
    expect(new Set(events.map(({ type }) => type))).toContain("notifier");
    const perfetto = JSON.parse(written.get("trace.json") ?? "") as { readonly traceEvents: readonly unknown[] };
    expect(perfetto.traceEvents.length).toBeGreaterThan(20);
  });

  test("a failing expectation says step, what, expected and actual, and ends with 1", async () => {
    const text = scenario(
      "{ op: state }",
      "{ op: block, n: 3, v: offline, expect: { errno: EBUSY, ret: 7, open_errno: 0 } }",
    ).replace("steps:", "given: { unmovable_boot_blocks: [3] }\nsteps:");
    const { exitCode, stdout, stderr } = await memhp(["run", "-q", "s.yaml"], { files: { "s.yaml": text } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toBe("s.yaml: step 1: result.ret: expected 7, actual -1\n");
  });

  test("a worker that dies fails the run with one line", async () => {
    const dying: WorkerFactory = () => ({
      endpoint: { postMessage: () => {}, addEventListener: () => {}, removeEventListener: () => {} },
      onGone: (callback) => setTimeout(() => callback(new Error("it exited with code 134")), 5),
      terminate: () => {},
    });
    const around = { files: { "s.yaml": scenario("{ op: state }") }, workerFactory: dying };
    const { exitCode, stdout, stderr } = await memhp(["run", "s.yaml", "--workers", "1"], around);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toBe("memhp run: s.yaml: the worker with node 0, 1 is gone: it exited with code 134\n");
  });

  test("a kernel that dies fails the run with one line, and is no bug of memhp (facts §6.6: force_remove)", async () => {
    const text = scenario(
      "{ op: dimm_add, id: d0, size: 128M }",
      '{ op: online, blocks: "dimm:d0" }',
      "{ op: inject, action: MEM_GOING_OFFLINE, errno: ENOMEM }",
      '{ op: write, path: /sys/firmware/acpi/hotplug/force_remove, data: "1" }',
      "{ op: dimm_del, id: d0 }",
    );
    const { exitCode, stderr } = await memhp(["run", "-q", "s.yaml", "--kernel", "4.1"], { files: { "s.yaml": text } });
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      "memhp run: s.yaml: step 4: kernel BUG: \\_SB_.MHPC.MP00 is gone, but its memory [0x100000000-0x107ffffff] is online\n",
    );
  });

  test("a bug shows its stack and asks to be reported", async () => {
    const broken: WorkerFactory = () => {
      throw new TypeError("cannot read properties of undefined");
    };
    const around = { files: { "s.yaml": scenario("{ op: state }") }, workerFactory: broken };
    const { exitCode, stderr } = await memhp(["run", "s.yaml", "--workers", "1"], around);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^memhp run: this is a bug in memhp\. Please report it .*:\nTypeError: cannot read .*\n {4}at /,
    );
  });
});

describe("bad input ends with 2 and one line that names the file and the step", () => {
  const dimm = "{ op: dimm_add, id: d0, size: 1G, addr: 0x100000000 }";
  const bad: readonly (readonly [what: string, text: string, message: string | RegExp])[] = [
    ["unknown op", scenario(dimm, "{ op: frobnicate }"), /^step 1: unknown op "frobnicate" \(known: dimm_add, /],
    [
      "bad size",
      scenario("{ op: dimm_add, id: d0, size: 1X }"),
      'step 0: dimm_add: size: expected a size such as 128M, found "1X"',
    ],
    [
      "negative size",
      scenario("{ op: dimm_add, id: d0, size: -1G }"),
      /^step 0: dimm_add: size: expected a size such as 128M, found "-1G"/,
    ],
    [
      "block that does not exist, in a list",
      scenario(dimm, '{ op: offline, blocks: "8-9,999" }'),
      "step 1: offline: blocks: block 999 does not exist",
    ],
    [
      "block that does not exist",
      scenario("{ op: block, n: 999, v: offline }"),
      "step 0: block: block 999 does not exist",
    ],
    [
      "two DIMMs on one address",
      scenario(dimm, dimm.replace("d0", "d1")),
      /^step 1: dimm_add: address range conflicts with memory device id='d0'/,
    ],
    [
      "DIMM for a node that is not there",
      scenario("{ op: dimm_add, id: d0, size: 1G, node: 7 }"),
      /^step 0: dimm_add: .*has value 7/,
    ],
    [
      "a container that is not there",
      scenario("{ op: container, id: c0, action: eject }").replace("slots: 4", "slots: 4, containers: [{ id: c0 }]"),
      "step 0: container: container c0 is not in the machine",
    ],
    [
      "node out of range in a list",
      scenario('{ op: online, blocks: "node:7" }'),
      "step 0: online: blocks: no node 7 (nodes: 0, 1)",
    ],
    [
      "a node twice in the machine",
      scenario("{ op: state }").replace("nodeid: 1", "nodeid: 0"),
      /^machine\.nodes\[1\]\.nodeid: there is a node 0 already/,
    ],
    [
      "DIMM that was never plugged in",
      scenario('{ op: block, n: "${d9.0}", v: online }'),
      /^step 0: \$\{d9\.0\}: no DIMM "d9"/,
    ],
    ["malformed YAML", "steps: [\n  : : {", /^not readable as JSON or YAML: /],
    ["malformed JSON", '{"format": ', /^not readable as JSON or YAML: /],
    ["nothing", "", /^expected an object with format, kernel, machine and steps/],
    [
      "wrong format version",
      scenario().replace("scenario/1", "scenario/9"),
      /^format: "memhp-scenario\/9" is not known/,
    ],
    ["unknown kernel", scenario().replace("6.1", "5.17"), /^kernel: "5\.17" is not known \(allowed: 4\.1, /],
    ["a step without op", scenario("{ opp: state }"), "step 0: op is missing"],
  ];

  test.each(bad)("%s", async (_what, text, message) => {
    const { exitCode, stdout, stderr, written } = await memhp(["run", "s.yaml", "--json", "--jsonl", "e"], {
      files: { "s.yaml": text },
    });
    expect(exitCode).toBe(2);
    // Steps that ended before are a document without an end.
    const printed = stdout === "" ? { steps: [] } : (JSON.parse(stdout) as { steps: unknown[]; final?: unknown });
    expect([printed.steps.length <= 1, "final" in printed]).toEqual([true, false]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr.startsWith("memhp run: s.yaml: ")).toBe(true);
    expect(stderr.slice("memhp run: s.yaml: ".length).trimEnd()).toMatch(message);
    expect([...written.keys()].filter((file) => file !== "e")).toEqual([]);
  });

  test("--json of a run that ends at its second step has the first one, whole", async () => {
    const step = "{ op: state }";
    const files = { "s.yaml": scenario(step, "{ op: dimm_del, id: nothing }") };
    const failed = await memhp(["run", "s.yaml", "--json"], { files });
    const whole = await memhp(["run", "s.yaml", "--json"], { files: { "s.yaml": scenario(step) } });
    expect(failed.exitCode).toBe(2);
    const steps = ({ stdout }: { stdout: string }): unknown => (JSON.parse(stdout) as { steps: unknown }).steps;
    expect(steps(failed)).toEqual(steps(whole));
    expect(steps(whole)).toHaveLength(1);
  });

  test("missing file, a directory, a file that cannot be written", async () => {
    expect(await memhp(["run", "/nowhere/s.yaml"])).toMatchObject({
      exitCode: 2,
      stderr: "memhp run: /nowhere/s.yaml: no such file\n",
    });
    expect(await memhp(["run", "/"])).toMatchObject({ exitCode: 2, stderr: "memhp run: /: is a directory\n" });
    expect(await memhp(["zones", example("")])).toMatchObject({
      exitCode: 2,
      stderr: `memhp zones: ${example("")}: no memory blocks in it (expected sys/devices/system/memory/memory0 and so on)\n`,
    });
    const unwritable = await memhp(["run", example("first-dimm.yaml"), "--jsonl", "/nowhere/e"]);
    expect(unwritable).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: "memhp run: /nowhere/e: cannot be written: no such file\n",
    });
  });

  test("unknown kernel on the command line", async () => {
    const { exitCode, stderr } = await memhp(["run", "s.yaml", "--kernel", "5.17"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^memhp run: --kernel: "5\.17" is not known/);
  });

  test("standard input is named as such", async () => {
    expect((await memhp(["blocks", "-"], { files: { "-": "" } })).stderr).toMatch(
      /^memhp blocks: \(standard input\): expected an object/,
    );
  });

  test("what a scenario expects to be refused is no mistake, and what a kernel recorded is a result", async () => {
    const expected = scenario("{ op: block, n: 999, v: offline, expect: { open_errno: ENOENT } }");
    expect((await memhp(["run", "-q", "s"], { files: { s: expected } })).exitCode).toBe(0);
    expect((await memhp(["run", "-q", kernelTrace("4.1/add-exist-overlap-qemu")])).exitCode).toBe(0);
  });
});

describe("memhp replay", () => {
  test("--json has exactly the fields that it promises", async () => {
    const files = [example("order-mv-middle-first.json"), example("h_inject_lastnode.json")];
    const { exitCode, stdout, stderr } = await memhp(["replay", "--json", ...files]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      total: 23,
      matched: 23,
      files: [
        { file: files[0], kernel: "4.1", total: 10, matched: 10, differences: [] },
        { file: files[1], kernel: "6.1", total: 13, matched: 13, differences: [] },
      ],
    });
  });

  test("a difference is told with what the kernel did and what memhp did, and ends with 1", async () => {
    const text = readFileSync(example("order-mv-middle-first.json"), "utf8");
    const raw = JSON.parse(text) as { readonly steps: { result: { errno: unknown } }[] };
    Object.assign(raw.steps[2]?.result ?? {}, { errno: "EBUSY" });
    const files = { "changed.json": JSON.stringify(raw) };
    const json = await memhp(["replay", "--json", "changed.json"], { files });
    expect(json.exitCode).toBe(1);
    expect((JSON.parse(json.stdout) as ReplayReport).files[0]).toEqual({
      file: "changed.json",
      kernel: "4.1",
      total: 10,
      matched: 9,
      differences: [{ step: 2, what: "result.errno", kernel: "EBUSY", memhp: "EINVAL" }],
    });
    const { exitCode, stdout } = await memhp(["replay", "changed.json", example("h_inject_lastnode.json")], { files });
    expect(exitCode).toBe(1);
    expect(stdout.split("\n")).toEqual([
      "≠    9 of 10  4.1       changed.json",
      '    step 2: result.errno: kernel "EBUSY", memhp "EINVAL"',
      `✓   13 of 13  6.1       ${example("h_inject_lastnode.json")}`,
      "22 of 23 steps as the real kernel",
      "",
    ]);
  });

  test("a trace that memhp cannot run matches in no step, and the others are run all the same", async () => {
    const raw = JSON.parse(readFileSync(example("order-mv-middle-first.json"), "utf8")) as {
      steps: { step: { op: string } }[];
    };
    Object.assign(raw.steps[1] ?? {}, { step: { op: "read", path: "memory${d9.first}/state" } });
    const files = { "odd.json": JSON.stringify(raw) };
    const { exitCode, stdout } = await memhp(["replay", "--json", "odd.json", example("h_inject_lastnode.json")], {
      files,
    });
    expect(exitCode).toBe(1);
    const report = JSON.parse(stdout) as ReplayReport;
    expect(report.files.map(({ total, matched }) => [total, matched])).toEqual([
      [10, 0],
      [13, 13],
    ]);
    expect(report.files[0]?.differences[0]).toMatchObject({
      step: 0,
      what: "run",
      memhp: expect.stringMatching(/^odd\.json: step 1: \$\{d9\.first\}: no DIMM "d9"/) as string,
    });
  });

  test("a scenario has nothing to compare with", async () => {
    const file = example("first-dimm.yaml");
    expect(await memhp(["replay", file])).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: `memhp replay: ${file}: is no kernel trace: a scenario has no kernel's answers to compare with\n`,
    });
  });
});

describe("memhp compare", () => {
  test("marks the steps that kernels do differently", async () => {
    const args = ["compare", example("order-mv-middle-first.json"), "--kernel", "4.1", "--kernel", "6.1"];
    const { exitCode, stdout } = await memhp(args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect(stdout.split("\n").every((line) => line.length <= 100)).toBe(true);
    const comparison = JSON.parse((await memhp([...args, "--json"])).stdout) as KernelComparison;
    expect(comparison).toMatchObject({ name: "order-mv-middle-first", kernels: ["4.1", "6.1"], total: 10 });
    expect(comparison.steps[2]?.differences).toContainEqual({
      what: "refusal",
      values: { "4.1": "not_adjacent", "6.1": null },
    });
  });

  test("a kernel and itself are alike in every step", async () => {
    const { exitCode, stderr } = await memhp([
      "compare",
      example("first-dimm.yaml"),
      "--kernel",
      "6.1",
      "--kernel",
      "6.1",
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("expected two kernels or more");
    const { stdout } = await memhp([
      "compare",
      example("h_inject_lastnode.json"),
      "--kernel",
      "4.1",
      "--kernel",
      "4.1-nomn",
      "--json",
    ]);
    const { total, same } = JSON.parse(stdout) as KernelComparison;
    expect(total - same).toBeGreaterThan(0);
  });
});

describe("the machine that a run leaves behind", () => {
  test.each([["lsmem", "-o", "+ZONES,NODE"], ["blocks"], ["zones"], ["zones", "--kernel", "4.1", "--all"]])(
    "%s %s %s %s",
    async (...args) => {
      const { exitCode, stdout, stderr } = await memhp([args[0] ?? "", example("first-dimm.yaml"), ...args.slice(1)]);
      expect({ exitCode: exitCode === 1 ? 1 : 0, stderr: exitCode === 1 ? "" : stderr }).toEqual({
        exitCode: args.includes("4.1") ? 1 : 0,
        stderr: "",
      });
      expect(stdout).toMatchSnapshot();
    },
  );

  test("blocks say which memory of a container they lie on", async () => {
    const text = `format: memhp-scenario/1
kernel: "6.1"
machine: { memory: 2G, nodes: [], containers: [{ id: c0, present: true, memory: [{ id: m0, size: 256M }] }] }
steps: []
`;
    const { stdout } = await memhp(["blocks", "--json", "s.yaml"], { files: { "s.yaml": text } });
    const { blocks } = JSON.parse(stdout) as { readonly blocks: readonly { readonly dimm: string | null }[] };
    expect(blocks.map(({ dimm }) => dimm)).toEqual([...Array.from({ length: 16 }, () => null), "m0", "m0"]);
  });

  test("without a file there is a small machine", async () => {
    const { stdout } = await memhp(["blocks", "--json"]);
    const { blocks } = JSON.parse(stdout) as { readonly blocks: readonly { readonly dimm: string | null }[] };
    expect(blocks).toHaveLength(48);
    expect(new Set(blocks.map(({ dimm }) => dimm))).toEqual(new Set([null, "n0d0", "n1d0"]));
    const zones = JSON.parse((await memhp(["zones", "--json"])).stdout) as { readonly zones: readonly unknown[] };
    expect(zones.zones[0]).toMatchObject({ node: 0, zone: "DMA", start_pfn: 1, spanned: 4095, present: 3998 });
    expect(await memhp(["lsmem", "-b", "-n", "-o", "BLOCK", "--summary=never"])).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
  });

  test("blocks --all has a line for each block", async () => {
    const { stdout } = await memhp(["blocks", "--all", "--workers", "2"]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(49);
  });
});

describe("terminals", () => {
  // oxlint-disable-next-line no-control-regex
  const escape = /\u001B\[/;

  test("colour only on a terminal, and not with NO_COLOR", async () => {
    const args = ["run", example("first-dimm.yaml")];
    expect((await memhp(args, { stdoutIsTerminal: true, columns: 120 })).stdout).toMatch(escape);
    expect((await memhp(args)).stdout).not.toMatch(escape);
    expect((await memhp(args, { stdoutIsTerminal: true, columns: 120, env: { NO_COLOR: "1" } })).stdout).not.toMatch(
      escape,
    );
    expect((await memhp(args, { stdoutIsTerminal: true, columns: 120, env: { TERM: "dumb" } })).stdout).not.toMatch(
      escape,
    );
  });

  test("progress only on a terminal, and cleared away", async () => {
    const args = ["run", example("first-dimm.yaml"), "--json"];
    expect((await memhp(args)).stderr).toBe("");
    const { stderr, stdout } = await memhp(args, { stderrIsTerminal: true, columns: 80 });
    expect(stderr).toContain("step 4 of 4");
    expect(stderr.endsWith("\r\u001B[K")).toBe(true);
    expect(stdout).not.toMatch(escape);
  });

  test("a narrow terminal gets narrow lines", async () => {
    const { stdout } = await memhp(["tour"], { stdoutIsTerminal: true, columns: 72, env: { NO_COLOR: "1" } });
    const unbreakable = /\/sys\/|memhp replay/;
    expect(stdout.split("\n").filter((line) => line.length > 72 && !unbreakable.test(line))).toEqual([]);
  });
});

test("the tour tells both runs, every step as the real kernel", async () => {
  const { exitCode, stdout, stderr } = await memhp(["tour"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatchSnapshot();
  expect(stdout.split("\n").every((line) => line.length <= 100)).toBe(true);
});
