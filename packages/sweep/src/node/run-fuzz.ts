import { knownOptions } from "@memhp/abi";
import { fileURLToPath } from "node:url";
import type { Kernel } from "@memhp/kernels";
import { fuzzCase, fuzzScenario, type FuzzResult, runFuzzCase } from "../fuzz/fuzz-case.ts";
import type { FuzzWorkerStart } from "./fuzz-worker.ts";
import { InOrder } from "./in-order.ts";
import { WorkerPool } from "./worker-pool.ts";

/** How long to fuzz, on which kernels, and who hears of it. */
export interface RunFuzzOptions {
  readonly seed: number;
  readonly kernels: readonly Kernel[];
  /** Processes that carry out cases; 0 does all in this one. The results are the same. */
  readonly workers?: number;
  /** Path of a program that does no more than to import `@memhp/sweep/fuzz-worker`, for an application in a bundle: it starts in a third of the time. */
  readonly program?: string;
  /** Hears of each case in the order of their numbers, and answers true where that is enough. */
  readonly onResult: (result: FuzzResult) => boolean;
  /** Most cases; without it they never end. */
  readonly cases?: number;
  /**
   * Ends it at once. While it is told so, `onResult` hears of what is done by then: also of cases behind one that is not, and of findings that are
   * being made smaller as they are.
   */
  readonly signal?: AbortSignal;
}

const OPTIONS: Readonly<Record<keyof RunFuzzOptions, true>> = {
  seed: true,
  kernels: true,
  workers: true,
  program: true,
  onResult: true,
  cases: true,
  signal: true,
};

/** What never ends is found out by counting; what does not even let anybody count is ended from outside after so long. */
const silence = { mostMs: 900_000, why: "it went on for 15 minutes without a word" };

/** Carries out random cases until there are enough. */
export async function runFuzz(options: RunFuzzOptions): Promise<void> {
  knownOptions("runFuzz: options", options, OPTIONS);
  const { workers = 0, onResult, signal } = options;
  const results = new InOrder<FuzzResult>(0, ({ number }) => number, onResult);
  /** Findings that are being made smaller. */
  const unfinished = new Map<number, FuzzResult>();
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const end = (): void => {
    results.end(unfinished.values());
    stop();
  };
  if (signal?.aborted === true) return;
  signal?.addEventListener("abort", end, { once: true });
  const hears: Hears = {
    onFinding: (soFar) => unfinished.set(soFar.number, soFar),
    take(result) {
      unfinished.delete(result.number);
      results.add(result);
      return results.isEnough;
    },
  };
  try {
    if (workers === 0) await inThisProcess(options, hears);
    else await inProcesses(options, workers, hears, stopped);
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

interface Hears {
  readonly onFinding: (soFar: FuzzResult) => void;
  readonly take: (result: FuzzResult) => boolean;
}

async function inThisProcess(
  { seed, kernels, cases = Number.MAX_SAFE_INTEGER, signal }: RunFuzzOptions,
  { onFinding, take }: Hears,
): Promise<void> {
  try {
    for (let number = 0; number < cases; number++)
      if (take(await runFuzzCase(fuzzCase(seed, number, kernels), { onFinding, signal }))) return;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

async function inProcesses(
  { seed, kernels, program, cases = Number.MAX_SAFE_INTEGER }: RunFuzzOptions,
  workers: number,
  { onFinding, take }: Hears,
  stopped: Promise<void>,
): Promise<void> {
  const begin: FuzzWorkerStart = { seed, kernels: kernels.map(({ id }) => id) };
  const pool = new WorkerPool<FuzzResult>({
    workers,
    program: program ?? fileURLToPath(import.meta.resolve("@memhp/sweep/fuzz-worker")),
    begin,
    silence,
    onPartial: onFinding,
    lost(number, why) {
      const played = fuzzCase(seed, number, kernels);
      const nothing = { ...played, operations: {}, refused: 0, checks: {} };
      if (why !== silence.why) return { ...nothing, lost: why };
      const scenario = fuzzScenario(played);
      const ofSteps = scenario.steps.length;
      return {
        ...nothing,
        finding: { law: "ends", step: -1, what: why, scenario, tried: 0, ofSteps, isUnfinished: true },
      };
    },
  });
  try {
    await Promise.race([pool.run(0, cases, take), stopped]);
  } finally {
    await pool.close();
  }
}
