import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { bundledCommand } from "./bundled-command.ts";
import { example } from "./test-host.ts";

const sources = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const main = await bundledCommand();
const temp = mkdtempSync(join(tmpdir(), "memhp-cli-"));
afterAll(() => rmSync(temp, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Child = ReturnType<typeof start>["child"];

function start(args: readonly string[], program = main) {
  const child = spawn(process.execPath, ["--conditions=@memhp/source", program, ...args], { stdio: "pipe" });
  const ended = new Promise<Ended>((resolve) => {
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

/** A scenario of many steps. */
function steps(pairs: number): string {
  return [
    "format: memhp-scenario/1",
    'kernel: "6.1"',
    "machine: { nodes: { count: 4, memory: 1G }, dimms: { per_node: 1, size: 8G } }",
    "steps:",
    ...Array.from(
      { length: pairs },
      () => "  - { op: online, blocks: offline, type: movable }\n  - { op: offline, blocks: movable }",
    ),
  ].join("\n");
}

/** One that keeps memhp busy until somebody ends it. */
const long = steps(400);

function feed(child: Child, text: string): void {
  child.stdin.on("error", () => {});
  child.stdin.end(text);
}

test.each([
  ["of sources", sources],
  ["as it is published", main],
])("a run in a process %s: data on stdout, nothing on stderr, events in a file", async (_, program) => {
  const file = join(temp, "events.jsonl");
  const run = ["run", example("first-dimm.yaml"), "--workers", "2", "--jsonl", file];
  const { code, stdout, stderr } = await start(run, program).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^4 steps on 6\.1, .* of simulated time, 1 refused$/);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(40);
  expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => "object"));
});

test("standard input is a file too, and bad input ends the process with 2", async () => {
  const { child, ended } = start(["replay", "-"]);
  feed(child, '{"format": "memhp-kernel-trace/2"}');
  expect(await ended).toEqual({
    code: 2,
    stdout: "",
    stderr:
      'memhp replay: (standard input): format: "memhp-kernel-trace/2" is not known (allowed: memhp-scenario/1, memhp-kernel-trace/1)\n',
  });
});

test("a reader that goes away ends the program quietly", async () => {
  const { child, ended } = start(["run", "-"]);
  feed(child, steps(10));
  child.stdout.once("data", () => child.stdout.destroy());
  const { code, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("a reader that goes away hides no failure", async () => {
  const { child, ended } = start(["run", "-"]);
  feed(child, `${steps(10)}\n  - { op: block, n: 0, v: offline, expect: { result: { errno: 0 } } }`);
  child.stdout.once("data", () => child.stdout.destroy());
  const { code, stderr } = await ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\(standard input\): step 20: result\.errno: expected 0/);
});

test.each(["--jsonl", "--perfetto", ">"])("a full disk under %s is the host's fault, not a bug", async (where) => {
  const run = ["--conditions=@memhp/source", main, "run", example("first-dimm.yaml")];
  const args = where === ">" ? [...run, "--json"] : [...run, "-q", where, "/dev/full"];
  const stdout = where === ">" ? openSync("/dev/full", "w") : "ignore";
  const child = spawn(process.execPath, args, { stdio: ["ignore", stdout, "pipe"] });
  let stderr = "";
  child.stderr?.on("data", (data: Buffer) => (stderr += data.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  const name = where === ">" ? "standard output" : "/dev/full";
  expect([code, stderr]).toEqual([1, `memhp run: ${name}: cannot be written: no space left on the device\n`]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s: what has happened by then is in the files, under their names",
  async (signal) => {
    const [jsonl, perfetto] = [join(temp, `${signal}.jsonl`), join(temp, `${signal}.json`)];
    const { child, ended } = start(["run", "-", "--jsonl", jsonl, "--perfetto", perfetto]);
    feed(child, long);
    child.stdout.once("data", () => child.kill(signal));
    expect(await ended).toMatchObject({ code: 130, stderr: "" });
    const lines = readFileSync(jsonl, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => "object"));
    const { traceEvents } = JSON.parse(readFileSync(perfetto, "utf8")) as { traceEvents: unknown[] };
    expect(traceEvents.length).toBeGreaterThan(0);
    expect(readdirSync(temp).filter((name) => name.startsWith("."))).toEqual([]);
  },
);

test("a signal takes the monitor's socket with it", async () => {
  const path = join(temp, "monitor.sock");
  const { child, ended } = start(["run", "-q", example("first-dimm.yaml"), "--qmp", `unix:${path}`]);
  child.stderr.once("data", () => {
    expect(existsSync(path)).toBe(true);
    child.kill("SIGTERM");
  });
  expect((await ended).code).toBe(130);
  expect(existsSync(path)).toBe(false);
});

test("an address where no monitor could listen is told before the run", async () => {
  const where = ["/nowhere/at/all", `${temp}/${"x".repeat(120)}`, example("first-dimm.yaml")];
  for (const path of where) {
    const { code, stdout, stderr } = await start(["run", example("first-dimm.yaml"), "--qmp", `unix:${path}`]).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^memhp run: --qmp: .*(no such folder|may have 107 bytes|is not a socket)\n$/);
  }
});

test("a pipe in the place of a file does not stop explain", async () => {
  const memory = join(temp, "sys/devices/system/memory");
  mkdirSync(join(memory, "memory32"), { recursive: true });
  for (const name of ["block_size_bytes", "memory32/state", "memory32/valid_zones", "memory32/removable"])
    spawnSync("/usr/bin/mkfifo", [join(memory, name)]);
  const { code, stdout } = await start(["explain", temp, "--json"]).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ counts: { unknown: 1 }, block_size: null });
});

test.each(["0", "2"])("SIGINT ends a run on %s workers with 130", async (workers) => {
  const { child, ended } = start(["run", "-", "--workers", workers]);
  feed(child, long);
  child.stdout.once("data", () => child.kill("SIGINT"));
  expect(await ended).toMatchObject({ code: 130, stderr: "" });
});

test("an image may come from standard input", async () => {
  const image = join(temp, "whole.image");
  const first = start(["run", "--quiet", "--save", image, example("first-dimm.yaml")]);
  expect(await first.ended).toMatchObject({ code: 0, stderr: "" });
  const { child, ended } = start(["run", "--from", "-", example("first-dimm.yaml"), "--quiet"]);
  child.stdin.end(readFileSync(image));
  const other = await start(["run", "--from", image, example("first-dimm.yaml"), "--quiet"]).ended;
  const { stderr, ...rest } = await ended;
  expect({ ...rest, stderr: stderr.replaceAll("-:", `${image}:`) }).toEqual(other);
});
