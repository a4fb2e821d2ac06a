import { InputError, OutputError, RunFailed, UsageError } from "./errors.ts";
import { ExitCode } from "./exit-code.ts";

/** What a person is told of an error, and how the process ends. */
export interface ErrorReport {
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** One line for everything that a user can put right; the stack for a bug of memhp. */
export function reportError(error: unknown, command: string | undefined): ErrorReport {
  const who = command === undefined ? "memhp" : `memhp ${command}`;
  const line = (message: string): string => `${who}: ${message.replaceAll(/\s*\n\s*/g, " ")}\n`;
  if (error instanceof UsageError) {
    return { text: `${line(error.message)}Try '${who} --help'.\n`, exitCode: ExitCode.usage };
  }
  if (error instanceof InputError) return { text: line(error.message), exitCode: ExitCode.usage };
  if (error instanceof RunFailed || error instanceof OutputError)
    return { text: line(error.message), exitCode: ExitCode.failed };
  return { text: bugReport(error, who), exitCode: ExitCode.failed };
}

/** A bug must never look like a refusal. */
function bugReport(error: unknown, who: string): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${who}: this is a bug in memhp. Please report it with the command line, the input and this:\n${stack}\n`;
}
