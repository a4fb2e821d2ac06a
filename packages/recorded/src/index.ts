export { type Comparison, compareWithKernel, type Difference } from "./compare.ts";
export { fittingOf } from "./fitting.ts";
export { asRecorded, runRecorded } from "./run.ts";
