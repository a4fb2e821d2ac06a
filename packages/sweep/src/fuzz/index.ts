export { type Checked, checkScenario, type CheckOptions } from "./check-scenario.ts";
export {
  type Finding,
  type FuzzCase,
  fuzzCase,
  type FuzzCaseOptions,
  fuzzKernels,
  type FuzzResult,
  fuzzScenario,
  runFuzzCase,
} from "./fuzz-case.ts";
export { count, type FuzzCounts, noCounts } from "./fuzz-counts.ts";
export { type Law, laws } from "./laws.ts";
export type { Broken } from "./play.ts";
export type { PlainScenario } from "./random-scenario.ts";
