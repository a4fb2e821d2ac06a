import type { ConfigSetting } from "@memhp/abi";
import { KernelBug } from "@memhp/acpi";
import { SpecError, StuckError, WorkerGone } from "@memhp/machine";
import { type DocumentStep, RunError, type RunDocument, SCENARIO_FORMAT, type TraceStep } from "@memhp/scenario";
import { InputError, RunFailed } from "../errors.ts";

/**
 * An error of a run as one that names the file: bad input, or a run that failed. Anything else is a
 * bug of memhp and comes back as it is.
 */
export function namedRunError(
  error: unknown,
  document: RunDocument,
  file: string,
  options?: { readonly config?: ConfigSetting },
): unknown {
  if (error instanceof RunError) {
    const what = error.cause instanceof Error ? error.cause.message : error.message;
    // The kernel died of it, or would try for ever; a real one would not go on either.
    if (error.cause instanceof KernelBug || error.cause instanceof StuckError)
      return new RunFailed(`${file}: step ${error.step}: ${what}`, { cause: error });
    return new InputError(`${file}: step ${error.step}: ${what}`, { cause: error });
  }
  if (error instanceof SpecError) {
    const option = /^config\.(?:CONFIG_)?(\w+)/.exec(error.message)?.[1];
    const isOption = option !== undefined && options?.config?.[option] !== undefined;
    const message = isOption ? error.message.replace(/^config\.\w+/, `--config ${option}`) : error.message;
    return new InputError(isOption ? message : `${file}: ${message}`, { cause: error });
  }
  if (error instanceof WorkerGone || error instanceof StuckError)
    return new RunFailed(`${file}: ${error.message}`, { cause: error });
  return error;
}

/**
 * A scenario that names what is not there is mistaken, unless it says that it expects the refusal. A kernel
 * trace recorded what the machine answered to just that, so there it is a result like any other.
 * @throws InputError
 */
export function assertSensible(document: RunDocument, done: TraceStep, i: number, file: string): void {
  const step = document.steps[i];
  if (document.format !== SCENARIO_FORMAT || step === undefined || step.expect !== undefined) return;
  const mistake = mistakeIn(step, done);
  if (mistake !== undefined) throw new InputError(`${file}: step ${i}: ${step.request.op}: ${mistake}`);
}

function mistakeIn({ request }: DocumentStep, done: TraceStep): string | undefined {
  const result = (done.result ?? {}) as Readonly<Record<string, unknown>>;
  for (const command of ["object_add", "device_add", "device_del"]) {
    const { error } = (result[command] ?? {}) as { readonly error?: { readonly desc: string } };
    if (error !== undefined) return error.desc;
  }
  if (request.op === "block" && result["open_errno"] === "ENOENT")
    return `block ${String(request["n"])} does not exist`;
  if (request.op === "container" && (result["errno"] === "ENODEV" || result["open_errno"] === "ENOENT"))
    return `container ${String(request["id"])} is not in the machine`;
  return undefined;
}
