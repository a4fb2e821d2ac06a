export { type Comparison, compareWithKernel, type Difference } from "./compare.ts";
export { fittingOf, fittingWithoutGiven } from "./fitting.ts";
export { asRecorded, runRecorded } from "./run.ts";
