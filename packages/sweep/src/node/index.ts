export { csvText } from "./csv.ts";
export { ResultsFile } from "./results-file.ts";
export { runSweep, type RunSweepOptions } from "./run-sweep.ts";
