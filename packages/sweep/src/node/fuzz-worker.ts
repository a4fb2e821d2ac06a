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
  // Nobody gives a case up here, but between two steps it is heard that nobody waits for it any more.
  const { signal } = new AbortController();
  return (number, onFinding) => runFuzzCase(fuzzCase(seed, number, of), { onFinding, signal });
});
