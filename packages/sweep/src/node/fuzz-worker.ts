import { fuzzCase, fuzzKernels, runFuzzCase } from "../fuzz/fuzz-case.ts";
import { serveJobs } from "./serve-jobs.ts";

/** What a worker of the fuzzer is told before its first case. */
export interface FuzzWorkerStart {
  readonly seed: number;
  /** Ids of kernels. */
  readonly kernels: readonly string[];
}

await serveJobs((begin) => {
  const { seed, kernels } = begin as FuzzWorkerStart;
  const of = fuzzKernels.filter(({ id }) => kernels.includes(id));
  return (number, onFinding) => runFuzzCase(fuzzCase(seed, number, of), { onFinding });
});
