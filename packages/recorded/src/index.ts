export { type Comparison, compareWithKernel } from "./compare.ts";
export type { Difference } from "./difference.ts";
export { fittingOf, fittingWithoutGiven } from "./fitting.ts";
export { asRecorded, runRecorded } from "./run.ts";
