import { kernelOf } from "@memhp/kernels";
import { KERNEL_TRACE_FORMAT, type RunDocument, runDocument, type RunOptions, type RunOutcome } from "@memhp/scenario";
import { fittingOf } from "./fitting.ts";

/** Runs a document; a kernel trace is fitted to its recorder. @throws RunError, SpecError */
export function runRecorded(document: RunDocument, options: RunOptions = {}): Promise<RunOutcome> {
  return runDocument(asRecorded(document), { fitting: fittingOf, ...options });
}

/**
 * A kernel trace as its recorder ran it. It gave some kernels a `memhp_default_state` without writing it into the trace,
 * except in the runs that show the defaults (observed-6 §13).
 */
export function asRecorded(document: RunDocument): RunDocument {
  const { format, kernel, machine, name } = document;
  if (format !== KERNEL_TRACE_FORMAT || machine.cmdline.includes("memhp_default_state=")) return document;
  const state = kernelOf(kernel).recorder.unwrittenDefaultState;
  const showsDefaults = name.startsWith("a_") || name.startsWith("f_default_state_") || name === "x_default_kernel";
  if (state === undefined || showsDefaults) return document;
  return { ...document, machine: { ...machine, cmdline: `${machine.cmdline} memhp_default_state=${state}`.trim() } };
}
