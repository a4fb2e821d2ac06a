export { ResultsFile } from "./results-file.ts";
export { csvText } from "./csv.ts";
export { runFuzz, type RunFuzzOptions } from "./run-fuzz.ts";
export { runSweep, type RunSweepOptions } from "./run-sweep.ts";
