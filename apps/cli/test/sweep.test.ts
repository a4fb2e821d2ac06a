import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseSweep, readStoredSweep, type RunResult, SweepRunner } from "@memhp/sweep";
import { estimate } from "../src/sweep/estimate.ts";
import { serveSweep } from "../src/sweep/serve-sweep.ts";
import { memhp } from "./test-host.ts";

const folder = mkdtempSync(join(tmpdir(), "memhp-sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sweep = `
format: memhp-sweep/1
question: Does it go again?
parameters: { size: [128M, 256M, much] }
scenario:
  kernel: "6.12"
  machine: { memory: 1G, smp: 1, slots: 4, maxmem: 8G, nodes: [], cmdline: memhp_default_state=offline }
  steps:
    - { op: dimm_add, id: d0, size: "{{size}}" }
    - { op: online, blocks: "dimm:d0", type: movable, label: onlined }
measures:
  onlined: { value: steps.onlined.result.onlined }
`;
const files = { "sweep.yaml": sweep };

test("a table of parameters and measures; a failed run is told and the exit code says partly", async () => {
  const { stdout, stderr, exitCode } = await memhp(["sweep", "sweep.yaml", "--workers", "0"], { files });
  expect(stdout).toContain("Does it go again?\n");
  expect(stdout).toMatch(/size +FAILED +onlined\n *128M +0 +1\n *256M +0 +2\n *much +1 +-\n/);
  expect(stderr).toMatch(/^memhp sweep: run 2 \(seed 0\): .*much.*\n$/);
  expect(exitCode).toBe(64);
});

test("what was done before is not done again: the file and the summary are the same", async () => {
  const out = join(folder, "out.jsonl");
  const args = ["sweep", "sweep.yaml", "--workers", "0", "--json", "--out", out];
  const whole = await memhp(args, { files });
  const text = readFileSync(out, "utf8");
  expect(text.trimEnd().split("\n")).toHaveLength(4);
  // Killed in the midst of the third line; a result that memhp would not give shows that it was kept.
  const kept = text.replace('"onlined":1', '"onlined":11');
  writeFileSync(out, kept.slice(0, kept.lastIndexOf("256M")));
  const again = await memhp(args, { files });
  expect(readFileSync(out, "utf8")).toBe(kept);
  expect(JSON.parse(again.stdout).groups.slice(1)).toEqual(JSON.parse(whole.stdout).groups.slice(1));
  const other = await memhp(["sweep", "memmap-on-memory", "--out", out]);
  expect(other).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("another sweep") });
});

test.each([
  ["parameters: { size: [128M] }", "parameters: { sise: [128M] }", /\{\{size\}\} is no parameter \(there are: sise\)/],
  ["format: memhp-sweep/1", "format: memhp-sweep/2", /expected a sweep/],
  ["value: steps.onlined", "value: steps.onlind", /no step has the label "onlind" \(there are: onlined\)/],
  ["label: onlined", "labl: onlined", /step 1: .*labl/],
  ["question:", "qestion:", /qestion/],
])("%s as %s is refused before anything runs", async (from, to, message) => {
  const text = sweep.replace("[128M, 256M, much]", "[128M]").replace(from, to);
  const { stderr, exitCode, stdout } = await memhp(["sweep", "s.yaml"], { files: { "s.yaml": text } });
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^memhp sweep: s.yaml: /);
  expect([exitCode, stdout]).toEqual([2, ""]);
});

test("one run again, alone", async () => {
  const { stdout } = await memhp(["sweep", "sweep.yaml", "--scenario", "1"], { files });
  const ran = await memhp(["run", "-", "--json"], { files: { "-": stdout } });
  expect(JSON.parse(ran.stdout).steps[1].result.onlined).toBe(2);
  const beyond = await memhp(["sweep", "sweep.yaml", "--scenario", "3"], { files });
  expect(beyond).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("runs 0..2, not 3") });
});

test("every run begins with an image, named by the file or the command line", async () => {
  const image = join(folder, "machine.img");
  const scenario = `
format: memhp-scenario/1
kernel: "6.12"
machine: { memory: 1G, smp: 1, slots: 4, maxmem: 8G, nodes: [], cmdline: memhp_default_state=offline }
steps: [{ op: dimm_add, id: d0, size: 256M }]
`;
  const saved = await memhp(["run", "first.yaml", "--quiet", "--save", image], { files: { "first.yaml": scenario } });
  expect(saved.exitCode).toBe(0);
  writeFileSync(image, Buffer.from(saved.written.get(image) ?? "", "latin1"));
  const later = sweep
    .replace(/ {2}kernel.*\n {2}machine.*\n/, "")
    .replace('{ op: dimm_add, id: d0, size: "{{size}}" }', '{ op: load, id: a, kind: anon, size: "{{size}}" }')
    .replace("much", "512M");
  const named = { "named.yaml": later.replace("question:", `from: ${image}\nquestion:`), "plain.yaml": later };
  const own = await memhp(["sweep", "named.yaml", "--workers", "0", "--json"], { files: named });
  const told = await memhp(["sweep", "plain.yaml", "--workers", "0", "--json", "--from", image], { files: named });
  expect([own.stderr, own.exitCode]).toEqual(["", 0]);
  expect(JSON.parse(own.stdout).measures.onlined.numbers).toMatchObject({ min: 2, max: 2 });
  expect(JSON.parse(told.stdout).groups).toEqual(JSON.parse(own.stdout).groups);
  const none = await memhp(["sweep", "plain.yaml", "--from", join(folder, "none.img")], { files: named });
  expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("none.img") });
});

test("charts and Parquet beside the table; a measure that there is not is refused", async () => {
  const [chart, parquet] = ["chart.svg", "runs.parquet"].map((name) => join(folder, name)) as [string, string];
  const args = ["sweep", "sweep.yaml", "--workers", "0", "--plot", "--chart", chart, "--parquet", parquet];
  const { stdout, exitCode } = await memhp(args, { files });
  expect(exitCode).toBe(64);
  expect(stdout).toMatch(/onlined\nsize 128M {2}█+ 1\nsize 256M {2}█{40} 2\n/);
  expect(readFileSync(chart, "utf8")).toContain("<title>Does it go again?</title>");
  expect(readFileSync(parquet, "latin1").slice(0, 4)).toBe("PAR1");
  const none = await memhp([...args, "--measure", "none"], { files });
  expect(none).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('"none" is not known (there are: onlined)'),
  });
});

test("progress tells how long it will take, on a terminal", async () => {
  const watched = await memhp(["sweep", "sweep.yaml", "--workers", "0"], { files, stderrIsTerminal: true });
  expect(watched.stderr).toMatch(/sweep.yaml: 2 of 3 runs/);
  let ms = 0;
  const left = estimate(10, 110, () => ms);
  ms = 30_000;
  expect(left(20)).toBe(", about 5 min left");
  expect(left(100)).toBe(", about 4 s left");
});

test("who follows a sweep hears of all its runs as the file of results has them, and that it is over", async () => {
  const swept = parseSweep(sweep.replace(", much", ""), "sweep.yaml");
  const runner = new SweepRunner(swept);
  const results: RunResult[] = [await runner.run(0)];
  const served = await serveSweep(swept, results, { port: 0 });
  const ask = async (from: number | string): Promise<{ lines: string[]; over: boolean; error?: string }> =>
    (await fetch(new URL(`/api/v1/sweep?from=${from}`, served.url))).json() as never;
  const first = await ask(0);
  expect([first.lines.length, first.over]).toEqual([2, false]);
  expect(await ask(2)).toMatchObject({ lines: [], over: false });
  expect((await ask("x")).error).toBe("from: expected a line of the results, from 0");
  results.push(await runner.run(1));
  const closed = served.close();
  const last = await ask(2);
  expect([last.lines.length, last.over]).toEqual([1, true]);
  await closed;
  const text = [...first.lines, ...last.lines].map((line) => `${line}\n`).join("");
  expect(readStoredSweep(text, "feed")).toMatchObject({ sweep: { runs: 2 }, results });
});

test("ten who follow a sweep over the network, late and slow ones too, get the same; without the token nobody gets anything", async () => {
  const swept = parseSweep(sweep.replace(", much", ""), "sweep.yaml");
  const runner = new SweepRunner(swept);
  const results: RunResult[] = [await runner.run(0)];
  const token = "0123456789abcdef";
  const served = await serveSweep(swept, results, { port: 0, address: "0.0.0.0", token, followsMs: 500 });
  const { port } = new URL(served.url);
  expect(served.url).toBe(`http://0.0.0.0:${port}/#sweep&token=${token}`);
  const feed = `http://127.0.0.1:${port}/api/v1/sweep`;
  const authorization = `Bearer ${token}`;
  for (const headers of [{}, { authorization: `${authorization}x` }])
    expect((await fetch(feed, { headers })).status).toBe(401);
  // One asks and takes nothing of the answer.
  const slow = connect(Number(port), "127.0.0.1", () =>
    slow.write(`GET /api/v1/sweep HTTP/1.1\r\nHost: any\r\nAuthorization: ${authorization}\r\n\r\n`),
  );
  slow.on("error", () => {}).pause();
  await once(slow, "connect");
  const follow = async (begun: () => void): Promise<string[]> => {
    const lines: string[] = [];
    for (let as = 0; ;) {
      const answer = await fetch(`${feed}?from=${lines.length}&as=${as}`, { headers: { authorization } });
      const told = (await answer.json()) as {
        readonly lines: readonly string[];
        readonly over: boolean;
        readonly as: number;
      };
      ({ as } = told);
      lines.push(...told.lines);
      begun();
      if (told.over) return lines;
      await new Promise((turn) => setTimeout(turn, 5));
    }
  };
  const all: Promise<string[]>[] = [];
  const joined = (): Promise<void> => new Promise((begun) => all.push(follow(begun)));
  await Promise.all(Array.from({ length: 9 }, joined));
  results.push(await runner.run(1));
  await joined();
  const closed = served.close();
  const heard = await Promise.all(all);
  expect(new Set(heard.map((lines) => lines.join("\n"))).size).toBe(1);
  expect(readStoredSweep(`${heard[0]?.join("\n")}\n`, "feed")).toMatchObject({ results });
  await closed;
  slow.destroy();
});

test("another address wants --serve", async () => {
  const { stderr, exitCode } = await memhp(["sweep", "sweep.yaml", "--host=127.0.0.1"], { files });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--host: goes with --serve")]);
});
