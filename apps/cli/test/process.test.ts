import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { example } from "./test-host.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const temp = mkdtempSync(join(tmpdir(), "memhp-cli-"));
afterAll(() => rmSync(temp, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Child = ReturnType<typeof start>["child"];

function start(args: readonly string[]) {
  const child = spawn(process.execPath, ["--conditions=@memhp/source", main, ...args], { stdio: "pipe" });
  const ended = new Promise<Ended>((resolve) => {
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

/** A scenario that keeps memhp busy for a while, in many steps. */
const long = [
  "format: memhp-scenario/1",
  'kernel: "6.1"',
  "machine: { nodes: { count: 4, memory: 1G }, dimms: { per_node: 1, size: 8G } }",
  "steps:",
  ...Array.from(
    { length: 400 },
    () => "  - { op: online, blocks: offline, type: movable }\n  - { op: offline, blocks: movable }",
  ),
].join("\n");

function feed(child: Child, text: string): void {
  child.stdin.on("error", () => {});
  child.stdin.end(text);
}

test("a run in a process: data on stdout, nothing on stderr, events in a file", async () => {
  const file = join(temp, "events.jsonl");
  const { code, stdout, stderr } = await start(["run", example("first-dimm.yaml"), "--workers", "2", "--jsonl", file])
    .ended;
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
  feed(child, long);
  child.stdout.once("data", () => child.stdout.destroy());
  const { code, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test.each(["0", "2"])("SIGINT ends a run on %s workers with 130", async (workers) => {
  const { child, ended } = start(["run", "-", "--workers", workers]);
  feed(child, long);
  child.stdout.once("data", () => child.kill("SIGINT"));
  expect(await ended).toMatchObject({ code: 130, stderr: "" });
});
