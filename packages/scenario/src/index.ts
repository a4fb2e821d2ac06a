export { DocumentError, type DocumentStep, parseDocument, readDocument, type RunDocument } from "./document.ts";
export { KERNEL_TRACE_FORMAT, SCENARIO_FORMAT, type StepRequest, TRACE_FORMAT } from "./step.ts";
export { besideImage, configOf, RunError, runDocument, type RunOptions, type RunOutcome, traceNotes } from "./run.ts";
export { endsRun, StepRunner } from "./step-runner.ts";
export { firstFault, shown } from "./schema/fault.ts";
export { readText, TextError } from "./schema/read-text.ts";
export type { Fitting, FittingOf } from "./fitting.ts";
export type { Trace, TraceStep } from "./trace.ts";
export { EventSequence } from "./sequence/sequence.ts";
export { PerfettoTrace, type TraceEvent } from "./perfetto.ts";
export { checkExpectation, type ExpectationFailure } from "./expect.ts";
export { operations } from "./operations/list.ts";
export type { Operation, OperationAnswer, Places, StepOutcome } from "./operations/operation.ts";
export type { Pair } from "./operations/compared.ts";
export { StepError } from "./operations/step-error.ts";
export type {
  Clock,
  DimmOrder,
  Guest,
  Looks,
  Monitor,
  ProgramOrder,
  ReadAnswer,
  Target,
  WriteAnswer,
  WriteHow,
} from "./operations/target.ts";
export { finishedOutcome, stepTitle, type StepTitle } from "./step-title.ts";
export { checkRequest, operandsSchema, operationOf } from "./step-request.ts";
export { machineTarget, type MachineTarget } from "./machine-target.ts";
export { Background } from "./background.ts";
export { DimmPlaces } from "./dimm-places.ts";
export { memoryPlaces } from "./memory-places.ts";
export { type DimmPlace, resolveReferences, resolveRequest } from "./references.ts";
export { selectBlocks } from "./blocks.ts";
export { refusalsOf } from "./step-recorder.ts";
export { stateView } from "./state-view.ts";
export { TraceWriter } from "./trace-writer.ts";
export { leftOver } from "./operations/left-over.ts";
