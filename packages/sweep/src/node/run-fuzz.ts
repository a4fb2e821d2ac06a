import { knownOptions } from "@memhp/abi";
import { fileURLToPath } from "node:url";
import type { Kernel } from "@memhp/kernels";
import { fuzzCase, type FuzzResult, runFuzzCase } from "../fuzz/fuzz-case.ts";
import type { FuzzWorkerStart } from "./fuzz-worker.ts";
import { InOrder } from "./in-order.ts";
import { WorkerPool } from "./worker-pool.ts";

/** How long to fuzz, on which kernels, and who hears of it. */
export interface RunFuzzOptions {
  readonly seed: number;
  readonly kernels: readonly Kernel[];
  /** Processes that carry out cases; 0 does all in this one. The results are the same. */
  readonly workers?: number;
  /** Hears of each case in the order of their numbers, and answers true where that is enough. */
  readonly onResult: (result: FuzzResult) => boolean;
  /** Most cases; without it they never end. */
  readonly cases?: number;
}

const OPTIONS: Readonly<Record<keyof RunFuzzOptions, true>> = {
  seed: true,
  kernels: true,
  workers: true,
  onResult: true,
  cases: true,
};

/** Carries out random cases until there are enough. */
export async function runFuzz(options: RunFuzzOptions): Promise<void> {
  knownOptions("runFuzz: options", options, OPTIONS);
  const { seed, kernels, workers = 0, onResult, cases = Number.MAX_SAFE_INTEGER } = options;
  if (workers === 0) {
    for (let number = 0; number < cases; number++)
      if (onResult(await runFuzzCase(fuzzCase(seed, number, kernels)))) return;
    return;
  }
  const inOrder = new InOrder<FuzzResult>(0, ({ number }) => number, onResult);
  const begin: FuzzWorkerStart = { seed, kernels: kernels.map(({ id }) => id) };
  const pool = new WorkerPool<FuzzResult>({
    workers,
    program: fileURLToPath(import.meta.resolve("@memhp/sweep/fuzz-worker")),
    begin,
    lost: (number, why) => ({
      ...fuzzCase(seed, number, kernels),
      operations: {},
      refused: 0,
      checks: {},
      lost: why,
    }),
  });
  try {
    await pool.run(0, cases, (result) => {
      inOrder.add(result);
      return inOrder.isEnough;
    });
  } finally {
    await pool.close();
  }
}
