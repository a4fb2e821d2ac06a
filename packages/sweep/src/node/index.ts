export { ResultsFile } from "./results-file.ts";
export { coordinateSweep, type CoordinateOptions } from "./redis/coordinate.ts";
export { csvText } from "./csv.ts";
export { parquetBytes } from "./parquet.ts";
export { runFuzz, type RunFuzzOptions } from "./run-fuzz.ts";
export { runSweep, type RunSweepOptions } from "./run-sweep.ts";
export { serveSweeps, type ServeOptions } from "./redis/serve-sweeps.ts";
