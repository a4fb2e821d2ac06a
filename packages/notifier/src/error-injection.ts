import {
  done,
  type Errno,
  errnoFromNumber,
  errnoNumber,
  knownOptions,
  kstrtoll,
  notifierFromErrno,
  refused,
  type Result,
  simpleStrtoll,
} from "@memhp/abi";
import type { MemoryNotifierCallback } from "./memory.ts";
import type { NotifierKernel, NotifierRules } from "./notifier-rules.ts";

/** The two actions that have an `error` file (facts/kernel.md §7). */
export const injectableActions = ["MEM_GOING_ONLINE", "MEM_GOING_OFFLINE"] as const;
/** An action for which an error can be injected. */
export type InjectableAction = (typeof injectableActions)[number];

/** The kernel whose module it is, and where its lines go. */
export interface ErrorInjectorOptions {
  readonly kernel: Pick<NotifierKernel, "notifier">;
  /** Module parameter `priority`. */
  readonly priority?: number;
  /** Takes the kernel's log line for each injected error, without a newline. */
  readonly log?: (text: string) => void;
}

/**
 * The kernel's memory-notifier-error-inject module: a callback to register, and the files
 * `notifier-error-inject/memory/actions/<action>/error` of debugfs.
 */
export interface ErrorInjector extends MemoryNotifierCallback {
  readonly priority: number;
  /** Sets the error that an action meets from now on; 0 injects none. */
  set(action: InjectableAction, errno: Errno | 0): void;
  /**
   * A write(2) of `text`, one character for each byte, to the action's file.
   * @returns the number of bytes taken, which is all of them.
   */
  write(action: InjectableAction, text: string): Result<number>;
  /** What the action's file reads: `-12\n`. */
  read(action: InjectableAction): string;
}

/** Most bytes of a write that a debugfs number looks at. */
const LOOKED_AT = 23;
const MAX_ERRNO = 4095;

const OPTIONS: Readonly<Record<keyof ErrorInjectorOptions, true>> = { kernel: true, priority: true, log: true };

/** The kernel's memory-notifier-error-inject module as a callback, with its files. */
export function createErrorInjector(options: ErrorInjectorOptions): ErrorInjector {
  knownOptions("createErrorInjector: options", options, OPTIONS);
  const { kernel, priority = 0, log } = options;
  /** As in the file: 0 or -1..-4095. */
  const values: Record<InjectableAction, number> = { MEM_GOING_ONLINE: 0, MEM_GOING_OFFLINE: 0 };

  return {
    name: "memory-notifier-error-inject",
    priority,
    call(action) {
      const value = action === "MEM_GOING_ONLINE" || action === "MEM_GOING_OFFLINE" ? values[action] : 0;
      if (value === 0) return notifierFromErrno(0);
      log?.(`Injecting error (${value}) to ${action}`);
      return notifierFromErrno(errnoFromNumber(-value));
    },
    set(action, errno) {
      // By way of errnoFromNumber, which throws for a number that is no errno.
      values[action] = errno === 0 ? 0 : -errnoNumber(errnoFromNumber(errnoNumber(errno)));
    },
    write(action, text) {
      const value = parse(kernel.notifier.injectGarbage, text);
      if (typeof value === "string") return refuse(value, text);
      values[action] = clampErrno(value);
      return done(text.length);
    },
    read: (action) => `${values[action]}\n`,
  };
}

function parse(garbage: NotifierRules["injectGarbage"], text: string): bigint | "EINVAL" | "ERANGE" {
  const word = text.slice(0, LOOKED_AT).replace(/\0.*$/s, "");
  // 4.1 takes garbage for 0 and says the write went well (observed-4.1 §11); 6.x refuses it (observed-6 §7).
  return garbage === "zero" ? simpleStrtoll(word) : kstrtoll(word);
}

/** The kernel cuts the number to an `int`, then clamps it to [-4095, 0] (facts/kernel.md §7). */
function clampErrno(value: bigint): number {
  return Math.max(-MAX_ERRNO, Math.min(0, Number(BigInt.asIntN(32, value))));
}

function refuse(errno: "EINVAL" | "ERANGE", text: string): Result<number> {
  return refused({
    errno,
    code: errno === "EINVAL" ? "bad_word" : "out_of_range",
    rule: "observed-6 §7: memory-notifier-error-inject",
    retry: "no",
    remedy: ["write 0, or the negative number of an errno: -1 to -4095"],
    detail: JSON.stringify(text),
  });
}
