export { type Checked, checkScenario } from "./check-scenario.ts";
export { type Finding, type FuzzCase, fuzzCase, fuzzKernels, type FuzzResult, runFuzzCase } from "./fuzz-case.ts";
export { count, type FuzzCounts, noCounts } from "./fuzz-counts.ts";
export { type Law, laws } from "./laws.ts";
export type { Broken } from "./play.ts";
export type { PlainScenario } from "./random-scenario.ts";
