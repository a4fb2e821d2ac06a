import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { kernelOf } from "@memhp/kernels";
import { ignoredWords } from "@memhp/machine";
import { type RunResult, type Sweep, SweepError, summarise, type SweepSummary } from "@memhp/sweep";
import { coordinateSweep, csvText, parquetBytes, type ResultsFile, runSweep } from "@memhp/sweep/node";
import type { Arguments } from "../arguments/arguments.ts";
import type { Command } from "../command.ts";
import { OutputError, RunFailed, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { assertDistinct } from "../output/distinct-files.ts";
import { reason } from "../output/reason.ts";
import { progressLine } from "../readers/progress.ts";
import { draw } from "../sweep/draw.ts";
import { estimate } from "../sweep/estimate.ts";
import { accessWanted, assertNoAccessWanted } from "../serve/address.ts";
import { addressOptions, MAX_PORT } from "../serve/serve-options.ts";
import { serveSweep, type SweepPlace } from "../sweep/serve-sweep.ts";
import { openResults, readSweepFile } from "../sweep/sweep-files.ts";
import { studies, studyTable } from "../sweep/studies.ts";
import { ignoredLines } from "../timeline/head.ts";
import { summaryText } from "../sweep/summary-text.ts";
import { version } from "../text/version.ts";

const MAX_WORKERS = 1024;

export const sweep: Command = {
  spec: {
    name: "sweep",
    about: "Runs a scenario many times, over parameters and seeds, and sums up what was measured.",
    operands: { name: "FILE|STUDY", min: 0, max: 1 },
    options: {
      json: { about: "Print the summary as one JSON document" },
      workers: {
        value: "N",
        about: "Processes that carry out runs; one for each processor unless told otherwise, 0 for none (same result)",
      },
      redis: {
        value: "URL",
        about: "Have workers carry the runs out that joined this Redis by memhp sweep-worker (same result)",
      },
      out: {
        value: "FILE",
        about: "Keep results here, one line of JSON a run; if it has some already, go on behind them",
      },
      from: {
        value: "IMAGE|CAPTURE",
        about: "Begin every run with an image or a captured host; a sweep may name one itself",
      },
      csv: { value: "FILE", about: "Write results as CSV when all are there" },
      chart: { value: "FILE", about: "Draw medians as SVG: curves, a heat map, or a distribution" },
      plot: { about: "Draw them in the terminal, too" },
      measure: { value: "NAME", about: "What is drawn; the first measure with numbers unless told otherwise" },
      parquet: { value: "FILE", about: "The same as Parquet" },
      serve: {
        value: "PORT",
        implied: "4173",
        about: "Show the sweep in the web console while it runs, on this computer: progress, charts, results so far",
      },
      ...addressOptions,
      scenario: { value: "RUN", about: "Print the scenario of one run instead, for memhp run" },
      "no-fork": { about: "Boot every run anew, also where runs begin with the same steps (same result)" },
    },
    notes: [
      "Without FILE the studies that come with memhp are listed; each can be given by name.",
      "A sweep with --out that was interrupted or killed goes on when it is started again.",
      "Example: memhp sweep memmap-on-memory; memhp sweep memmap-on-memory --scenario 3 | memhp run -",
      "Exit codes: 0 done, 1 every run failed, 2 wrong usage or bad input, 64 some runs failed, 130 interrupted.",
    ],
  },
  async run(args, host) {
    const [file] = args.operands;
    if (file === undefined) {
      host.stdout.write(studyTable(await studies()));
      return ExitCode.done;
    }
    const redis = args.text("redis");
    if (redis !== undefined && args.flag("workers"))
      throw new UsageError("--workers are of this computer; with --redis they join by memhp sweep-worker");
    const workers = args.count("workers", MAX_WORKERS) ?? availableParallelism();
    const swept = await readSweepFile(file, args.text("from"), host);
    const single = args.count("scenario", Number.MAX_SAFE_INTEGER);
    if (single !== undefined) return printScenario(swept, single, host);
    tellIgnored(swept, host);
    const { out, csv, parquet, chart } = outputs(args, file);
    const place = placeOf(args);
    const stored = out === undefined ? undefined : openResults(out, swept);
    const results = await runAll(swept, stored, { workers, forks: !args.flag("no-fork"), out, redis, place }, host);
    if (csv !== undefined) await write(csv, csvText(swept, results));
    if (parquet !== undefined) await write(parquet, await parquetBytes(swept, results));
    const summary = summarise(swept, results);
    const { svg, text } = await draw(args, summary, results);
    if (chart !== undefined && svg !== undefined) await write(chart, svg);
    host.stdout.write(
      args.flag("json") ? `${JSON.stringify(summary, undefined, 2)}\n` : summaryText(summary, swept.document.answer),
    );
    if (text !== undefined && !args.flag("json")) host.stdout.write(`\n${text}`);
    tellFailures(summary, host);
    if (summary.failed === 0) return ExitCode.done;
    return summary.failed === summary.done ? ExitCode.failed : ExitCode.partlyDone;
  },
};

/** Words that the first run does not carry out; the others have most likely the same. */
function tellIgnored(swept: Sweep, host: Host): void {
  const { document } = swept.scenario(swept.point(0));
  host.stderr.write(ignoredLines(ignoredWords(kernelOf(document.kernel), document.machine)));
}

/** @throws UsageError */
function placeOf(args: Arguments): SweepPlace | undefined {
  const port = args.count("serve", MAX_PORT);
  if (port !== undefined) return { port, ...accessWanted(args) };
  assertNoAccessWanted(args);
  return undefined;
}

function outputs(
  args: Arguments,
  file: string,
): Readonly<Record<"out" | "csv" | "parquet" | "chart", string | undefined>> {
  const files = {
    out: args.text("out"),
    csv: args.text("csv"),
    parquet: args.text("parquet"),
    chart: args.text("chart"),
  };
  const written = Object.entries(files).flatMap(([name, path]) =>
    path === undefined ? [] : [{ what: `--${name}`, path }],
  );
  assertDistinct([{ what: "the sweep", path: file }], written);
  return files;
}

/** @throws UsageError */
function printScenario(swept: Sweep, run: number, host: Host): ExitCode {
  if (run >= swept.runs) throw new UsageError(`--scenario: there are runs 0..${swept.runs - 1}, not ${run}`);
  host.stdout.write(`${JSON.stringify(swept.plainScenario(swept.point(run)), undefined, 2)}\n`);
  return ExitCode.done;
}

interface RunAll {
  readonly workers: number;
  readonly forks: boolean;
  readonly out: string | undefined;
  readonly redis: string | undefined;
  /** Where the console shows it meanwhile. */
  readonly place: SweepPlace | undefined;
}

/** @returns the results of all runs, in their order. @throws OutputError */
async function runAll(
  swept: Sweep,
  stored: ResultsFile | undefined,
  { workers, forks, out, redis, place }: RunAll,
  host: Host,
): Promise<RunResult[]> {
  const results = [...(stored?.done ?? [])];
  const served = place === undefined ? undefined : await serveSweep(swept, results, place);
  if (served !== undefined) host.stderr.write(`console: ${served.url}\n`);
  const progress = progressLine(host.stderr);
  const remaining = estimate(results.length, swept.runs);
  const stopHearing = host.onInterrupt(() => {
    progress.clear();
    stored?.close();
    const keeps = out === undefined ? "" : `; the same command goes on with ${out}`;
    host.stderr.write(`memhp sweep: interrupted after ${results.length} of ${swept.runs} runs${keeps}\n`);
  });
  try {
    const common = {
      forks,
      done: stored?.done ?? [],
      onResult(result: RunResult) {
        results.push(result);
        keep(stored, result, out);
      },
      onEnded: (ended: number) => progress.show(`${swept.name}: ${ended} of ${swept.runs} runs${remaining(ended)}`),
    };
    if (redis === undefined)
      await runSweep(swept, { workers, ...(host.programs && { program: host.programs.sweep }), ...common });
    else await coordinateSweep(swept, { url: redis, version: await version(), isKept: out !== undefined, ...common });
  } catch (error) {
    if (error instanceof SweepError) throw new RunFailed(error.message, { cause: error });
    throw error;
  } finally {
    progress.clear();
    stopHearing();
    stored?.close();
    await served?.close();
  }
  return results;
}

function keep(stored: ResultsFile | undefined, result: RunResult, out = ""): void {
  try {
    stored?.add(result);
  } catch (error) {
    throw new OutputError(`${out}: cannot be written: ${reason(error)}`, { cause: error });
  }
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (error) {
    throw new OutputError(`${path}: cannot be written: ${reason(error)}`, { cause: error });
  }
}

function tellFailures({ failures, failed, measures, done }: SweepSummary, host: Host): void {
  for (const { run, seed, failure } of failures)
    host.stderr.write(`memhp sweep: run ${run} (seed ${seed}): ${failure.replaceAll(/\s*\n\s*/g, " ")}\n`);
  if (failed > failures.length) host.stderr.write(`memhp sweep: and ${failed - failures.length} more runs failed\n`);
  for (const [name, { absent }] of Object.entries(measures))
    if (absent > 0 && absent === done - failed)
      host.stderr.write(`memhp sweep: measure ${name}: no run has a value at its path\n`);
}
