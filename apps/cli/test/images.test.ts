import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Trace } from "@memhp/scenario";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLineFile } from "../src/output/line-file.ts";
import { example, memhp } from "./test-host.ts";

const folder = mkdtempSync(join(tmpdir(), "memhp-images-"));
afterAll(() => rmSync(folder, { recursive: true }));

const head = {
  format: "memhp-scenario/1",
  kernel: "6.12",
  seed: 7,
  machine: { nodes: { count: 2, memory: "2G" }, dimms: { per_node: 1, size: "1G" } },
};
const first = [
  { op: "online", blocks: "offline", type: "movable" },
  { op: "load", id: "db", kind: "anon", size: "600M", node: 1, churn: { fraction: 0.2, every: 1 } },
  { op: "wait", s: 3 },
];
const second = [
  { op: "wait", s: 2 },
  { op: "dimm_add", id: "extra", size: "256M", node: 0 },
  { op: "offline", blocks: "movable" },
  { op: "dimm_del", id: "n0d0" },
];
const scenario = (name: string, steps: readonly object[]): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ ...head, name, steps }));
  return path;
};
const [whole, begin, end] = [
  scenario("whole.json", [...first, ...second]),
  scenario("begin.json", first),
  scenario("end.json", second),
];
const image = join(folder, "machine.image");
const toDisk = { createFile: (file: string) => createLineFile(file) };

beforeAll(async () => {
  await memhp(["run", begin, "--quiet", "--save", image], toDisk);
});

async function traceOf(...args: readonly string[]): Promise<Trace> {
  const { stdout, stderr } = await memhp(["run", "--json", ...args]);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Trace;
}

test("what --save leaves is a compressed file", () => {
  expect(readFileSync(image).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
});

test.each(["0", "3"])(
  "a run that was stopped goes on from its image as it would have, on %s workers",
  async (workers) => {
    const expected = await traceOf(whole);
    const rest = await traceOf(end, "--from", image, "--workers", workers);
    expect(rest.steps).toEqual(expected.steps.slice(first.length));
    expect(rest.final).toEqual(expected.final);
    expect(rest.seed).toBe(head.seed);
  },
);

test("an image may be started any number of times, and saved again", async () => {
  const again = join(folder, "again.image");
  expect(await memhp(["run", end, "--quiet", "--from", image, "--save", again], toDisk)).toMatchObject({ exitCode: 0 });
  const none = scenario("none.json", []);
  expect((await traceOf(none, "--from", again)).final).toEqual((await traceOf(whole)).final);
});

test("a checkpoint writes the machine in the midst of a run, and changes nothing", async () => {
  const path = join(folder, "end.image");
  const stopped = scenario("stopped.json", [...first, { op: "checkpoint", name: "loaded" }, ...second]);
  expect(await memhp(["run", stopped, "--quiet", "--save", path], toDisk)).toMatchObject({ exitCode: 0, stderr: "" });
  const expected = await traceOf(whole);
  expect((await traceOf(stopped)).final).toEqual(expected.final);
  expect((await traceOf(end, "--from", `${path}.loaded`)).steps).toEqual(expected.steps.slice(first.length));
});

test("an image that is already there stays whole until the new one is", async () => {
  const path = join(folder, "kept.image");
  writeFileSync(path, "kept");
  const wrong = scenario("wrong.json", [{ op: "block", n: 999, v: "online" }]);
  const { exitCode } = await memhp(["run", wrong, "--quiet", "--save", path], toDisk);
  expect(exitCode).toBe(2);
  expect(readFileSync(path, "utf8")).toBe("kept");
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

test("what is no image, or none that this memhp reads, is bad input with its name", async () => {
  const bytes = readFileSync(image);
  const file = (name: string, content: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const said = async (path: string): Promise<[number, string]> => {
    const { exitCode, stderr } = await memhp(["run", end, "--from", path]);
    return [exitCode, stderr.replace(`${folder}/`, "")];
  };
  expect(await said(example("first-dimm.yaml"))).toEqual([
    2,
    `memhp run: ${example("first-dimm.yaml")}: is no image of a machine\n`,
  ]);
  expect(await said(file("cut.image", bytes.subarray(0, bytes.length - 20)))).toEqual([
    2,
    "memhp run: cut.image: the image is damaged: it cannot be unpacked\n",
  ]);
  expect(await said(file("newer.image", gzipSync('{"format":"memhp-image/9","lines":1}\n{}\n')))).toEqual([
    2,
    "memhp run: newer.image: format: memhp-image/9 is newer than this memhp, which reads memhp-image/3: update memhp\n",
  ]);
  expect(await said(join(folder, "none.image"))).toEqual([2, "memhp run: none.image: no such file\n"]);
});

test("an image has its kernel and its seed, and is not its own output", async () => {
  for (const name of ["kernel", "seed"]) {
    const { exitCode, stderr } = await memhp(["run", end, "--from", image, `--${name}`, name === "seed" ? "1" : "6.1"]);
    expect([exitCode, stderr.split("\n")[0]]).toEqual([
      2,
      `memhp run: --${name} has no place beside --from: the image has its own`,
    ]);
  }
  const { exitCode, stderr } = await memhp(["run", end, "--from", image, "--save", image]);
  expect([exitCode, stderr.split("\n")[0]]).toEqual([
    2,
    `memhp run: --save: ${image} is --from, which would be overwritten`,
  ]);
});
