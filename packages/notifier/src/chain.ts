import {
  callable,
  done,
  knownOptions,
  NOTIFY_STOP_MASK,
  notifierToErrno,
  record,
  type Refusal,
  refused,
  type Refused,
  type Result,
  stopsChain,
} from "@memhp/abi";
import { NotifierCallbackError } from "./callback-error.ts";
import type { NotifierCallback } from "./callback.ts";
import { type NotifierCall, type NotifierOutcome, outcomeOf } from "./outcome.ts";

/** Who looks on while a chain is walked. */
export interface NotifierChainOptions {
  /**
   * What registering one callback twice does: newer kernels answer EEXIST; in 4.1 it corrupts
   * the list, so it is a bug of the caller and throws (facts/kernel.md §7).
   */
  readonly doubleRegistration?: "EEXIST" | "throws";
}

/** Whether a callback was taken; one that is there already is EEXIST. */
export type Registration =
  | { readonly ok: true; /** As `unregister(callback)`. */ readonly unregister: () => Result<void> }
  | Refused;

/** Hears of each callback right after it answered. */
export type NotifierObserver = (call: NotifierCall) => void;

/** The kernel's blocking notifier chain. */
export interface NotifierChain<Action extends string, Data> {
  /** Puts a callback before the first entry of lower priority: equal priorities keep the order of registration. */
  register(callback: NotifierCallback<Action, Data>): Registration;
  /** Takes a callback away; one that is not there is ENOENT. */
  unregister(callback: NotifierCallback<Action, Data>): Result<void>;
  /** The registered callbacks in the order in which they are called. */
  callbacks(): readonly NotifierCallback<Action, Data>[];
  /** What every walk comes to, call by call, while all callbacks answer `always` the same and none of them stops it; else undefined. */
  sameCalls(): readonly NotifierCall[] | undefined;
  /**
   * Calls the callbacks one after another until one answers with NOTIFY_STOP_MASK.
   *
   * The answer is a plain value unless a callback answered with a promise. The walk is over the
   * chain as it was when the walk began: the kernel holds the chain's lock for reading meanwhile.
   * @throws NotifierCallbackError (or rejects with it) where a callback throws or answers no number.
   */
  call(action: Action, data: Data, observer?: NotifierObserver): NotifierOutcome | Promise<NotifierOutcome>;
}

const OPTIONS: Readonly<Record<keyof NotifierChainOptions, true>> = { doubleRegistration: true };

/** A blocking notifier chain for any actions and data. */
export function createNotifierChain<Action extends string, Data>(
  options: NotifierChainOptions = {},
): NotifierChain<Action, Data> {
  knownOptions("createNotifierChain: options", options, OPTIONS);
  const { doubleRegistration = "EEXIST" } = options;
  // Replaced at every change and never altered, so that a walk keeps the list it began with.
  let entries: readonly NotifierCallback<Action, Data>[] = [];
  let same: readonly NotifierCall[] | undefined = [];

  function replace(others: typeof entries): void {
    entries = others;
    same = sameCallsOf(entries);
  }

  function register(callback: NotifierCallback<Action, Data>): Registration {
    record("notifier", callback);
    callable("notifier: call", callback.call);
    const priority = priorityOf(callback);
    if (!Number.isInteger(priority)) {
      throw new RangeError(`notifier ${JSON.stringify(callback.name)}: priority ${priority} is no whole number`);
    }
    if (entries.includes(callback)) {
      if (doubleRegistration === "EEXIST") return refused(registeredTwice(callback.name));
      throw new Error(
        `notifier ${JSON.stringify(callback.name)} is registered already; this kernel would corrupt the chain`,
      );
    }
    const lower = entries.findIndex((entry) => priorityOf(entry) < priority);
    replace(entries.toSpliced(lower === -1 ? entries.length : lower, 0, callback));
    return { ok: true, unregister: () => unregister(callback) };
  }

  function unregister(callback: NotifierCallback<Action, Data>): Result<void> {
    const index = entries.indexOf(callback);
    if (index === -1) return refused(notRegistered(callback.name));
    replace(entries.toSpliced(index, 1));
    return done(undefined);
  }

  function call(action: Action, data: Data, observer?: NotifierObserver): NotifierOutcome | Promise<NotifierOutcome> {
    return walkFrom({ entries, action, data, observer, calls: [] }, 0);
  }

  return { register, unregister, callbacks: () => entries, sameCalls: () => same, call };
}

function sameCallsOf(
  entries: readonly Pick<NotifierCallback<string, unknown>, "name" | "always">[],
): NotifierCall[] | undefined {
  const calls: NotifierCall[] = [];
  for (const { name, always } of entries) {
    if (always === undefined || stopsChain(always) || notifierToErrno(always) !== 0) return undefined;
    calls.push({ name, ret: always });
  }
  return calls;
}

function registeredTwice(name: string): Refusal {
  return {
    errno: "EEXIST",
    code: "already_in_state",
    rule: "facts §7: a callback that is in the chain is not taken twice",
    retry: "no",
    remedy: ["unregister it first, or register another object"],
    detail: `${name} is registered already`,
  };
}

function notRegistered(name: string): Refusal {
  return {
    errno: "ENOENT",
    code: "no_entry",
    rule: "facts §7: only a callback that is in the chain can be taken away",
    retry: "no",
    remedy: ["register it first: the same object, not a copy"],
    detail: `${name} is not registered`,
  };
}

/** One call of a chain, over the entries that it had when the call began. */
interface Walk<Action extends string, Data> {
  readonly entries: readonly NotifierCallback<Action, Data>[];
  readonly action: Action;
  readonly data: Data;
  readonly observer: NotifierObserver | undefined;
  readonly calls: NotifierCall[];
}

function walkFrom<Action extends string, Data>(
  walk: Walk<Action, Data>,
  from: number,
): NotifierOutcome | Promise<NotifierOutcome> {
  const { entries, action, data, calls } = walk;
  for (let next = from; next < entries.length; next++) {
    const asked = entries[next] as NotifierCallback<Action, Data>;
    const answer = ask(asked, action, data);
    if (isPromise(answer)) {
      return settled(asked, action, answer).then((ret) =>
        take(walk, asked.name, ret) ? outcomeOf(action, calls) : walkFrom(walk, next + 1),
      );
    }
    if (take(walk, asked.name, answer)) break;
  }
  return outcomeOf(action, calls);
}

/** Notes an answer and says whether the walk stops there. */
function take<Action extends string>(
  { action, calls, observer }: Pick<Walk<Action, never>, "action" | "calls" | "observer">,
  name: string,
  ret: number,
): boolean {
  if (!isNotifyValue(ret)) throw new NotifierCallbackError(name, action, badAnswer(ret));
  const answered: NotifierCall = { name, ret };
  calls.push(answered);
  observer?.(answered);
  return stopsChain(ret);
}

function priorityOf<Action extends string, Data>(callback: NotifierCallback<Action, Data>): number {
  return callback.priority ?? 0;
}

function ask<Action extends string, Data>(
  callback: NotifierCallback<Action, Data>,
  action: Action,
  data: Data,
): number | Promise<number> {
  try {
    return callback.call(action, data);
  } catch (cause) {
    throw new NotifierCallbackError(callback.name, action, cause);
  }
}

async function settled(callback: { readonly name: string }, action: string, answer: Promise<number>): Promise<number> {
  try {
    return await answer;
  } catch (cause) {
    throw new NotifierCallbackError(callback.name, action, cause);
  }
}

/**
 * A C int that carries no errno beyond 4095. A raw negative errno passes, as in the kernel: it
 * has the bit of NOTIFY_STOP_MASK, so it stops the walk, but decodes to no error.
 */
function isNotifyValue(ret: number): boolean {
  return (ret | 0) === ret && (ret & ~NOTIFY_STOP_MASK) <= 1 + 4095;
}

function isPromise(answer: number | Promise<number>): answer is Promise<number> {
  return typeof answer === "object" && answer !== null && typeof answer.then === "function";
}

function badAnswer(ret: number): TypeError {
  return new TypeError(`it answered ${String(ret)}, which is neither NOTIFY_* nor an encoded errno`);
}
