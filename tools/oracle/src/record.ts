import { KERNEL_TRACE_FORMAT, type RunDocument, type StepRequest } from "@memhp/scenario";
import { Driver, type StepOutcome } from "./driver.ts";
import type { Target } from "./target.ts";

/** One step of a trace: the request as the document wrote it, and what it came to. */
export interface RecordedStep extends StepOutcome {
  readonly step: StepRequest;
  /** What no simulator can know: the block held kernel pages. */
  readonly given?: { readonly unmovable_pages: true };
}

/** A file of kernel-traces: memhp-kernel-trace/1. */
export interface RecordedTrace {
  readonly format: typeof KERNEL_TRACE_FORMAT;
  readonly kernel: string;
  readonly name: string;
  readonly about: string;
  readonly machine: unknown;
  /** Who answered: the kernel's own words, and the monitor's version. */
  readonly recorded: { readonly kernel: string; readonly monitor: unknown };
  readonly steps: readonly RecordedStep[];
}

/** A step could not be recorded. */
export class RecordError extends Error {
  override readonly name = "RecordError";
}

export interface RecordOptions {
  readonly about?: string;
  readonly onStep?: (step: RecordedStep, index: number, total: number) => void;
}

/**
 * Checks a document before anything boots.
 * @throws RecordError
 */
export function checkRecordable(document: RunDocument): void {
  for (const [i, { request }] of document.steps.entries()) {
    try {
      Driver.check(request);
    } catch (error) {
      throw new RecordError(`${document.name}: step ${i}: ${(error as Error).message}`, { cause: error });
    }
  }
  // 4.1's traces have spans that were read out of guest memory, which this recorder does not do.
  if (document.kernel.startsWith("4.1")) throw new RecordError(`${document.name}: kernel: 4.1 cannot be recorded`);
  // Old 6.12 traces were recorded with this word without saying so, and are read like that (observed-6 §13).
  if (document.kernel === "6.12" && !document.machine.cmdline.includes("memhp_default_state="))
    throw new RecordError(`${document.name}: machine.cmdline: name the memhp_default_state for 6.12, such as offline`);
}

/** Runs a document's steps on a target that has just booted, and writes down what happens. @throws RecordError */
export async function record(
  document: RunDocument,
  target: Target,
  options: RecordOptions = {},
): Promise<RecordedTrace> {
  checkRecordable(document);
  const driver = await Driver.start(target);
  const version = await target.monitor.execute("query-version");
  const kernel = await target.guest.read("/proc/version");
  const steps: RecordedStep[] = [];
  for (const [i, { request, unmovablePages }] of document.steps.entries()) {
    try {
      const outcome = await driver.perform(request, unmovablePages);
      const done: RecordedStep = {
        step: request,
        ...outcome,
        ...(metKernelPages(outcome) && { given: { unmovable_pages: true } }),
      };
      steps.push(done);
      options.onStep?.(done, i, document.steps.length);
    } catch (error) {
      throw new RecordError(`${document.name}: step ${i}: ${(error as Error).message}`, { cause: error });
    }
  }
  return {
    format: KERNEL_TRACE_FORMAT,
    kernel: document.kernel,
    name: document.name,
    about: options.about ?? "",
    machine: document.rawMachine,
    recorded: { kernel: kernel.data.trim(), monitor: "return" in version ? version.return : null },
    steps,
  };
}

/** The kernel says which page stood in the way of an offline that it refused with EBUSY (observed-6 §9). */
function metKernelPages({ result, kernel_log = [] }: StepOutcome): boolean {
  return (
    (result as { readonly errno?: unknown }).errno === "EBUSY" &&
    kernel_log.some((line) => line.includes("unmovable page"))
  );
}
