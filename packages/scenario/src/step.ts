/** `format` of a scenario. */
export const SCENARIO_FORMAT = "memhp-scenario/1";
/** `format` of a recorded run of a kernel. */
export const KERNEL_TRACE_FORMAT = "memhp-kernel-trace/1";
/** `format` of what a run prints. */
export const TRACE_FORMAT = "memhp-trace/1";

/** A step's request: an operation and its operands. */
export interface StepRequest {
  readonly op: string;
  readonly [operand: string]: unknown;
}
