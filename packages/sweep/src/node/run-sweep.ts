import { knownOptions } from "@memhp/abi";
import { type Sweep } from "../sweep.ts";
import { stopRule } from "../stop-rule.ts";
import { type RunResult, SweepRunner } from "../sweep-runner.ts";
import { turn } from "../turn.ts";
import { InOrder } from "./in-order.ts";
import { sweepProcesses } from "./sweep-processes.ts";
import { WorkerPool } from "./worker-pool.ts";

/** Where a sweep runs, and who hears of each run. */
export interface RunSweepOptions {
  /** Processes that carry out runs; 0 runs everything in this one. The results are the same. */
  readonly workers?: number;
  /** Path of a program that does no more than to import `@memhp/sweep/worker`, for an application in a bundle: it starts in a third of the time. */
  readonly program?: string;
  /** Results of the first runs, which are done already, in their order. */
  readonly done?: readonly RunResult[];
  /** Whether steps that runs have in common are run once. */
  readonly forks?: boolean;
  /** Hears of each run in the order of the runs. */
  readonly onResult: (result: RunResult) => void;
  /** Hears of each run when it ends, in any order. */
  readonly onEnded?: (ended: number) => void;
}

const OPTIONS: Readonly<Record<keyof RunSweepOptions, true>> = {
  workers: true,
  program: true,
  done: true,
  forks: true,
  onResult: true,
  onEnded: true,
};

/** Carries out the runs of a sweep that are not done yet, until all are or its rule says that it is enough. */
export async function runSweep(sweep: Sweep, options: RunSweepOptions): Promise<void> {
  knownOptions("runSweep: options", options, OPTIONS);
  const { workers = 0, program, done = [], forks = true, onResult, onEnded } = options;
  const rule = stopRule(sweep);
  if (done.some((result) => rule.add(result) !== undefined)) return;
  const from = done.length;
  const inOrder = new InOrder<RunResult>(
    from,
    ({ run }) => run,
    (result) => {
      onResult(result);
      return rule.add(result) !== undefined;
    },
  );
  let ended = from;
  const take = (result: RunResult): boolean => {
    onEnded?.(++ended);
    inOrder.add(result);
    return inOrder.isEnough;
  };
  if (workers === 0) {
    const runner = new SweepRunner(sweep, { forks, beforeStep: turn });
    for (let run = from; run < sweep.runs; run++) {
      if (take(await runner.run(run))) return;
    }
    return;
  }
  const pool = new WorkerPool<RunResult>({
    workers: Math.min(workers, Math.max(1, sweep.runs - from)),
    ...sweepProcesses(sweep, forks, program),
  });
  try {
    await pool.run(from, sweep.runs, take);
  } finally {
    await pool.close();
  }
}
