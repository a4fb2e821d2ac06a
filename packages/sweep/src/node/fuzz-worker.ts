import { workerData } from "node:worker_threads";
import { fuzzCase, fuzzKernels, runFuzzCase } from "../fuzz/fuzz-case.ts";
import { serveJobs } from "./serve-jobs.ts";

/** What a worker of the fuzzer is started with. */
export interface FuzzWorkerStart {
  readonly seed: number;
  /** Ids of kernels. */
  readonly kernels: readonly string[];
}

const { seed, kernels } = workerData as FuzzWorkerStart;
const of = fuzzKernels.filter(({ id }) => kernels.includes(id));
await serveJobs((number) => runFuzzCase(fuzzCase(seed, number, of)));
