export {
  DocumentError,
  type DocumentStep,
  KERNEL_TRACE_FORMAT,
  parseDocument,
  readDocument,
  type RunDocument,
  SCENARIO_FORMAT,
  type StepRequest,
  TRACE_FORMAT,
} from "./document.ts";
export { RunError, runDocument, type RunOptions, type RunOutcome } from "./run.ts";
export type { Trace, TraceStep } from "./trace.ts";
export { PerfettoTrace, type TraceEvent } from "./perfetto.ts";
export { checkExpectation, type ExpectationFailure } from "./expect.ts";
export { type Comparison, compareWithKernel, type Difference } from "./compare.ts";
export {
  number as numberOperand,
  optionalNumber as optionalNumberOperand,
  StepError,
  text as textOperand,
} from "./operands.ts";
export { isSimulated, perform } from "./operations.ts";
export type { Operation, OperationAnswer, OperationContext } from "./operation.ts";
export { Background } from "./background.ts";
export { memoryPlaces } from "./memory-places.ts";
export { type DimmPlace, resolveReferences, resolveRequest } from "./references.ts";
export { type BlockSelection, selectBlocks } from "./blocks.ts";
export { stateView } from "./state-view.ts";
export { TraceWriter } from "./trace-writer.ts";
