export { fromOf, parseSweep, readSweep, type RunPoint, type RunScenario, Sweep } from "./sweep.ts";
export { SweepError } from "./sweep-error.ts";
export { type StopRule, stopRule } from "./stop-rule.ts";
export {
  MAX_RUNS,
  SWEEP_FORMAT,
  sweepSchema,
  type ConfidenceSpec,
  type MeasureSpec,
  type ParameterSpec,
  type RuleSpec,
  type StopSpec,
  type SweepDocument,
} from "./sweep-schema.ts";
export type { Measured } from "./measure.ts";
export type { Parameters } from "./parameter-space.ts";
export { type RunResult, SweepRunner, type SweepRunnerOptions } from "./sweep-runner.ts";
export { headerLine, readResults, readStoredSweep, resultLine, RESULTS_FORMAT, type StoredResults } from "./results.ts";
export { type GroupSummary, type MeasureSummary, summarise, SUMMARY_FORMAT, type SweepSummary } from "./summary.ts";
export { measureText } from "./measure-text.ts";
export { valueText } from "./value-text.ts";
export type { Spread } from "./statistics.ts";
