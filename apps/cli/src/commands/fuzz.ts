import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { duration } from "../arguments/duration.ts";
import type { Command } from "../command.ts";
import { OutputError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { chosenKernels, kernelNote } from "../fuzz/chosen-kernels.ts";
import { checkFiles } from "../fuzz/check-files.ts";
import { type FuzzReport, fuzzReport, progressText, reportText } from "../fuzz/fuzz-report.ts";
import { findingFile, findingText } from "../fuzz/finding-file.ts";
import type { Host } from "../host.ts";
import { reason } from "../output/reason.ts";
import { progressLine } from "../readers/progress.ts";

const DEFAULT_TIME = "1m";
const MAX_WORKERS = 1024;
const FOLDER = "memhp-fuzz";
/** Timers reach no further: 24 days. */
const MOST_TIMER_MS = 2 ** 31 - 1;

export const fuzz: Command = {
  spec: {
    name: "fuzz",
    about: "Random machines, operations, loads and faults, against every law of memhp; what breaks one is made small.",
    operands: { name: "FILE", min: 0, max: Number.POSITIVE_INFINITY },
    options: {
      kernel: {
        value: "VERSION",
        multiple: true,
        about: "Only this kernel; may be repeated. All by turns unless told otherwise",
      },
      time: { value: "T", about: `How long: 90s, 10m, 8h; ${DEFAULT_TIME} where neither --time nor --ops is given` },
      ops: { value: "N", about: "Until so many operations have been carried out" },
      seed: { value: "N", about: "Of all that is random; 0 unless told otherwise" },
      workers: {
        value: "N",
        about: "Processes that carry out runs; one for each processor unless told otherwise, 0 for none (same runs)",
      },
      out: { value: "DIR", about: `Where scenarios that break a law are written; ${FOLDER} unless told otherwise` },
      json: { about: "Print the counts and findings as one JSON document" },
    },
    notes: [
      "With FILEs, scenarios such as fuzz writes, these are checked against every law instead.",
      "A seed gives the same runs wherever and however they are carried out; --ops also ends at the same run.",
      "When the time is over, or by a signal, it ends at once: what was found is written as small as it was made by then.",
      kernelNote(),
      "Example: memhp fuzz --ops 20000 --seed 7; memhp fuzz --kernel 6.12 --time 8h --workers 4 --out found",
      "Exit codes: 0 every law held, 1 one did not, 2 wrong usage or bad input, 130 interrupted.",
    ],
  },
  async run(args, host) {
    const isJson = args.flag("json");
    if (args.operands.length > 0) {
      const given = ["kernel", "time", "ops", "seed", "workers", "out"].find((name) => args.flag(name));
      if (given !== undefined) throw new UsageError(`--${given} is for random runs; with files there are none`);
      return checkFiles(args.operands, isJson, host);
    }
    const kernels = chosenKernels(args.texts("kernel"));
    const ops = args.count("ops", Number.MAX_SAFE_INTEGER);
    const time = args.text("time") ?? (ops === undefined ? DEFAULT_TIME : undefined);
    const report = await random(
      {
        kernels,
        seed: args.count("seed", 2 ** 32 - 1) ?? 0,
        workers: args.count("workers", MAX_WORKERS) ?? availableParallelism(),
        mostMs: time === undefined ? Number.POSITIVE_INFINITY : duration("time", time),
        mostOps: ops ?? Number.POSITIVE_INFINITY,
        folder: args.text("out") ?? FOLDER,
        isJson,
      },
      host,
    );
    host.stdout.write(reportText(report, isJson));
    return report.findings.length === 0 ? ExitCode.done : ExitCode.failed;
  },
};

interface Random {
  readonly kernels: ReturnType<typeof chosenKernels>;
  readonly seed: number;
  readonly workers: number;
  readonly mostMs: number;
  readonly mostOps: number;
  readonly folder: string;
  readonly isJson: boolean;
}

/** @throws OutputError */
async function random(options: Random, host: Host): Promise<FuzzReport> {
  const { kernels, seed, workers, mostMs, mostOps, folder, isJson } = options;
  // Code that only this command needs.
  const [{ count, noCounts }, { runFuzz }] = await Promise.all([
    import("@memhp/sweep/fuzz"),
    import("@memhp/sweep/node"),
  ]);
  const counts = noCounts();
  const report: FuzzReport = fuzzReport(
    seed,
    kernels.map(({ id }) => id),
    counts,
  );
  const begun = performance.now();
  const progress = progressLine(host.stderr);
  const over = new AbortController();
  const stopHearing = host.onInterrupt(() => {
    // Tells of what there is by now.
    over.abort();
    progress.clear();
    host.stdout.write(reportText({ ...report, interrupted: true }, isJson));
  });
  const timer =
    mostMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => over.abort(), Math.min(mostMs, MOST_TIMER_MS));
  try {
    await runFuzz({
      seed,
      kernels,
      workers,
      ...(host.programs && { program: host.programs.fuzz }),
      signal: over.signal,
      onResult(result) {
        count(counts, result);
        if (result.finding !== undefined) {
          const file = join(folder, findingFile(result));
          report.findings.push({ ...result.finding, kernel: result.kernel, seed: result.seed, file });
          progress.clear();
          host.stderr.write(`memhp fuzz: ${result.finding.law}: ${file}\n`);
          writeFinding(folder, file, findingText(result.finding, file));
        } else if (result.lost !== undefined)
          report.lost.push({ kernel: result.kernel, seed: result.seed, why: result.lost });
        progress.show(progressText(counts, performance.now() - begun, { mostMs, mostOps }));
        return counts.operations >= mostOps;
      },
    });
  } finally {
    clearTimeout(timer);
    progress.clear();
    stopHearing();
  }
  return report;
}

/** At once, as there may be a signal that ends it all. @throws OutputError */
function writeFinding(folder: string, file: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new OutputError(`${file}: cannot be written: ${reason(error)}`, { cause: error });
  }
}
