import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, expect, test } from "vitest";
import { headerLine, resultLine, type RunResult, type Sweep } from "../src/index.ts";
import { csvText, parquetBytes, ResultsFile } from "../src/node/index.ts";
import { sweepOf } from "./sweep-file.ts";

const folder = mkdtempSync(join(tmpdir(), "memhp-sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));

const result = (sweep: Sweep, run: number): RunResult => ({ ...sweep.point(run), measures: { errno: 0, state: "é" } });

/** What a whole sweep writes. */
function wholeText(sweep: Sweep): string {
  const lines = Array.from({ length: sweep.runs }, (_, run) => resultLine(result(sweep, run)));
  return [headerLine(sweep), ...lines, ""].join("\n");
}

test("killed after any byte, a sweep goes on and leaves the same file", () => {
  const sweep = sweepOf();
  const whole = Buffer.from(wholeText(sweep));
  const path = join(folder, "killed");
  const cuts = [
    0,
    1,
    30,
    whole.indexOf("\n"),
    whole.indexOf("\n") + 1,
    whole.indexOf("é") + 1,
    whole.length - 1,
    whole.length,
  ];
  for (let cut = 40; cut < whole.length; cut += 131) cuts.push(cut);
  for (const cut of cuts) {
    writeFileSync(path, whole.subarray(0, cut));
    const file = new ResultsFile(path, sweep);
    expect(file.done).toEqual(file.done.map((_, run) => result(sweep, run)));
    for (let run = file.done.length; run < sweep.runs; run++) file.add(result(sweep, run));
    file.close();
    expect(readFileSync(path)).toEqual(whole);
  }
});

test("a file of anything else is refused and stays as it is", () => {
  const path = join(folder, "other");
  const other = sweepOf({ seeds: [5] });
  for (const text of ["something\n", "something", wholeText(other), `${headerLine(sweepOf())}\n{"run":1}\n`]) {
    writeFileSync(path, text);
    expect(() => new ResultsFile(path, sweepOf())).toThrow(
      /other: (is no file of results|has results of another|line 2)/,
    );
    expect(readFileSync(path, "utf8")).toBe(text);
  }
});

test("CSV has a column for each parameter and measure, and why a run failed", () => {
  const sweep = sweepOf({ measures: { errno: { value: "steps[0].result.errno" } }, seeds: [7] });
  const failed: RunResult = { ...sweep.point(1), failure: 'no, "not" so' };
  expect(csvText(sweep, [result(sweep, 0), failed])).toBe(
    'run,seed,size,errno,failure\n0,7,128M,0,\n1,7,256M,,"no, ""not"" so"\n',
  );
});

test("a file has one writer; what one left that died is no hindrance", () => {
  const path = join(folder, "locked");
  const file = new ResultsFile(path, sweepOf());
  expect(() => new ResultsFile(path, sweepOf())).toThrow(
    new RegExp(`locked: process ${process.pid} on .* is writing it`),
  );
  file.close();
  new ResultsFile(path, sweepOf()).close();
  const { status, stdout } = spawnSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" });
  expect(status).toBe(0);
  // Nobody has the number any more, or somebody else has by now.
  for (const pid of [Number(stdout), process.pid]) {
    writeFileSync(`${path}.lock`, JSON.stringify({ pid, host: hostname(), started: "1" }));
    new ResultsFile(path, sweepOf()).close();
  }
  writeFileSync(`${path}.lock`, JSON.stringify({ pid: 1, host: "elsewhere" }));
  expect(() => new ResultsFile(path, sweepOf())).toThrow(/process 1 on elsewhere/);
  writeFileSync(`${path}.lock`, "");
  new ResultsFile(path, sweepOf()).close();
  expect(readdirSync(folder).filter((name) => name.startsWith("locked"))).toEqual(["locked"]);
});

test("Parquet has the columns of the CSV, with types of their own", async () => {
  const sweep = sweepOf({
    measures: { errno: { value: "steps[0].result.errno" }, state: { value: "final" } },
    seeds: [7],
  });
  const results: RunResult[] = [result(sweep, 0), { ...sweep.point(1), failure: "no" }];
  const { buffer } = await parquetBytes(sweep, results);
  expect(await parquetReadObjects({ file: buffer as ArrayBuffer })).toEqual([
    { run: 0, seed: 7, size: "128M", errno: 0, state: "é", failure: null },
    { run: 1, seed: 7, size: "256M", errno: null, state: null, failure: "no" },
  ]);
});
