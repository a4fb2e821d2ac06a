import {
  DocumentError,
  type DocumentStep,
  KERNEL_TRACE_FORMAT,
  readText,
  SCENARIO_FORMAT,
  shown,
  StepError,
  type StepRequest,
  TextError,
  checkRequest,
} from "@memhp/scenario";

/** What is to be recorded: as much of a document as a real kernel needs. A document that memhp can run is one as well. */
export interface RecordOrder {
  readonly name: string;
  /** Of memhp, or of nobody yet. */
  readonly kernel: string;
  readonly flavour?: string;
  readonly about?: string;
  /** `machine` as the file wrote it. */
  readonly rawMachine: unknown;
  /** The machine that memhp made of it, with the words that old traces leave out. */
  readonly machine?: { readonly cmdline: string };
  readonly steps: readonly Pick<DocumentStep, "request" | "unmovablePages">[];
}

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads a scenario or a trace for a real kernel, of which memhp need have neither a profile nor a platform.
 * @param source name of the file, for messages. @throws DocumentError
 */
export function readOrder(text: string, source: string): RecordOrder {
  const fail = (what: string): never => {
    throw new DocumentError(`${source}: ${what}`);
  };
  let raw: unknown;
  try {
    raw = readText(text);
  } catch (error) {
    if (error instanceof TextError) return fail(error.message);
    throw error;
  }
  if (!isRecord(raw)) return fail("expected an object with format, kernel, machine and steps");
  const { format, name, kernel, flavour, about, machine, steps } = raw;
  const isTrace = format === KERNEL_TRACE_FORMAT;
  if (!isTrace && format !== SCENARIO_FORMAT)
    return fail(`format: ${shown(format)} is not known (allowed: ${SCENARIO_FORMAT}, ${KERNEL_TRACE_FORMAT})`);
  if (typeof kernel !== "string") return fail(`kernel: expected a text such as "7.3", found ${shown(kernel)}`);
  if (flavour !== undefined && typeof flavour !== "string")
    return fail(`flavour: expected a text, found ${shown(flavour)}`);
  if (!Array.isArray(steps)) return fail(`steps: expected a list, found ${shown(steps)}`);
  return {
    name: typeof name === "string" ? name : source,
    kernel,
    ...(flavour !== undefined && { flavour }),
    ...(typeof about === "string" && { about }),
    rawMachine: machine,
    steps: steps.map((step: unknown, i) => {
      const where = `step ${i}`;
      if (!isRecord(step)) return fail(`${where}: expected an object, found ${shown(step)}`);
      return readStep(step, isTrace, (what) => fail(`${where}: ${what}`));
    }),
  };
}

function readStep(step: Json, isTrace: boolean, fail: (what: string) => never): RecordOrder["steps"][number] {
  const { expect: _expect, given, ...operands } = step;
  const request = isTrace ? step["step"] : operands;
  if (!isRecord(request) || typeof request["op"] !== "string") return fail("op is missing");
  try {
    checkRequest(request as StepRequest);
  } catch (error) {
    if (error instanceof StepError) return fail(error.message);
    throw error;
  }
  return { request: request as StepRequest, unmovablePages: isRecord(given) && given["unmovable_pages"] === true };
}
