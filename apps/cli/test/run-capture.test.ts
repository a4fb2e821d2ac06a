import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Trace } from "@memhp/scenario";
import { afterAll, expect, test } from "vitest";
import { createLineFile } from "../src/output/line-file.ts";
import { memhp } from "./test-host.ts";

const folder = mkdtempSync(join(tmpdir(), "memhp-run-capture-"));
afterAll(() => rmSync(folder, { recursive: true }));

const recorded = (name: string): string =>
  fileURLToPath(new URL(`../../../packages/capture/test/captures/${name}.tar.gz`, import.meta.url));

const scenario = (name: string, steps: readonly object[]): string => {
  const path = join(folder, name);
  const machine = { nodes: { count: 1, memory: "1G" } };
  writeFileSync(path, JSON.stringify({ format: "memhp-scenario/1", kernel: "4.1", seed: 7, machine, steps }));
  return path;
};

// 6.12-idle: block 41 goes, 40 holds a slab page (its recorded outcomes).
const first = [
  { op: "block", n: 41, v: "offline", expect: { errno: 0 } },
  { op: "block", n: 41, v: "online_movable", expect: { errno: 0 } },
  { op: "block", n: 40, v: "offline", expect: { errno: "EBUSY" } },
];
const second = [
  { op: "load", id: "db", kind: "anon", size: "300M", node: 1 },
  { op: "wait", s: 2 },
  { op: "block", n: 44, v: "offline" },
];

test("a captured host carries on, is saved and started again, with the same bytes on workers", async () => {
  const image = join(folder, "host.image");
  const toDisk = { createFile: (file: string) => createLineFile(file) };
  const run = async (name: string, steps: readonly object[], ...args: readonly string[]): Promise<Trace> => {
    const { exitCode, stdout } = await memhp(["run", scenario(name, steps), "--json", ...args], toDisk);
    expect(exitCode).toBe(0);
    return JSON.parse(stdout) as Trace;
  };
  const capture = ["--from", recorded("6.12-idle")];
  const whole = await run("whole.json", [...first, ...second], ...capture);
  expect([whole.kernel, whole.seed]).toEqual(["6.12", 7]);
  await run("first.json", first, ...capture, "--workers", "2", "--save", image);
  const rest = await run("second.json", second, "--from", image, "--workers", "2");
  expect(rest.steps).toEqual(whole.steps.slice(first.length));
  expect(rest.final).toEqual(whole.final);
});

test("the head says what is unknown; a refusal for an unknown page says so", async () => {
  const file = scenario("hold.json", [{ op: "block", n: 40, v: "offline" }]);
  const { stdout } = await memhp(["run", file, "--from", recorded("6.1-hold")]);
  expect(stdout).toMatch(
    /^Starts with the host of .*6\.1-hold\.tar\.gz: Linux 6\.1\.\S+, run as 6\.1; \d+ blocks, node 0-1\.$/m,
  );
  expect(stdout).toMatch(/^Unknown: what [1-9]\d* of its \d+ pages are/m);
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/What these pages are is unknown: no flag of the captured host tells/);
  const { stderr, stdout: json } = await memhp(["run", file, "--json", "--from", recorded("6.1-hold")]);
  expect(stderr).toMatch(/^Unknown: what/m);
  const [step] = (JSON.parse(json) as Trace).steps;
  expect(step?.refusal?.pages?.[0]?.owner).toBe("unknown");
});

test("a scenario on a captured host needs no kernel and no machine; without --from it does", async () => {
  const path = join(folder, "steps.yaml");
  writeFileSync(path, 'format: memhp-scenario/1\nsteps:\n  - { op: offline, blocks: "41" }\n');
  const from = recorded("6.12-idle");
  const { exitCode, stdout } = await memhp(["run", path, "--json", "--from", from]);
  const { kernel, machine } = JSON.parse(stdout) as Trace;
  expect([exitCode, kernel, machine]).toEqual([0, "6.12", { from }]);
  const alone = await memhp(["run", path]);
  expect([alone.exitCode, alone.stderr]).toEqual([2, expect.stringMatching(/kernel: undefined is not known/)]);
});

test("--kernel and --seed are for a captured host to choose", async () => {
  const file = scenario("none.json", []);
  const capture = recorded("6.12-idle");
  const { stdout } = await memhp(["run", file, "--json", "--from", capture, "--kernel", "6.1", "--seed", "3"]);
  const { kernel, seed } = JSON.parse(stdout) as Trace;
  expect([kernel, seed]).toEqual(["6.1", 3]);
});

test("an archive that is no capture is bad input with its name", async () => {
  const path = join(folder, "none.zip");
  writeFileSync(path, "PK\u0003\u0004nothing");
  const { exitCode, stderr } = await memhp(["run", scenario("none.json", []), "--from", path]);
  expect([exitCode, stderr.startsWith(`memhp run: ${path}: `)]).toEqual([2, true]);
});

test("a captured host comes on standard input as well, packed or not", async () => {
  const file = scenario("piped.json", first);
  const packed = readFileSync(recorded("6.12-idle"));
  const ofFile = await memhp(["run", file, "--json", "--from", recorded("6.12-idle")]);
  for (const archive of [packed, gunzipSync(packed)]) {
    const input = { files: { "-": archive.toString("latin1") } };
    const piped = await memhp(["run", file, "--json", "--from", "-"], input);
    expect(piped.stderr).not.toMatch(/damaged/);
    expect(piped.exitCode).toBe(0);
    expect((JSON.parse(piped.stdout) as Trace).steps).toEqual((JSON.parse(ofFile.stdout) as Trace).steps);
  }
});

test("an archive on standard input that is no capture is told by its place", async () => {
  const input = { files: { "-": "BZh91AY&SY" } };
  const { exitCode, stderr } = await memhp(["run", scenario("piped-bz.json", first), "--from", "-"], input);
  expect(exitCode).toBe(2);
  expect(stderr).toBe(
    "memhp run: (standard input): packed with bzip2; tar, gzip and Zstandard are read, so bunzip2 it first\n",
  );
});
