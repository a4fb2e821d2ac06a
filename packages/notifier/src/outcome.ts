import { type Errno, notifierToErrno, type Refusal } from "@memhp/abi";

/** One callback was called and answered `ret`. */
export interface NotifierCall {
  readonly name: string;
  readonly ret: number;
}

/** What a walk of the chain came to. */
export interface NotifierOutcome {
  /** The answer of the last callback called; NOTIFY_DONE of an empty chain. */
  readonly ret: number;
  /** What the caller of the chain makes of `ret`; 0 is no error. */
  readonly errno: Errno | 0;
  readonly calls: readonly NotifierCall[];
  /** The callback whose answer became `errno`. */
  readonly vetoedBy?: string;
  /** Why, where `errno` is not 0. */
  readonly refusal?: Refusal;
}

/**
 * Only the last answer counts: an error without NOTIFY_STOP_MASK from an earlier callback is
 * lost (facts/kernel.md §7).
 */
export function outcomeOf(action: string, calls: readonly NotifierCall[]): NotifierOutcome {
  const last = calls.at(-1);
  if (last === undefined) return { ret: 0, errno: 0, calls };
  const errno = notifierToErrno(last.ret);
  const outcome = { ret: last.ret, errno, calls };
  return errno === 0 ? outcome : { ...outcome, vetoedBy: last.name, refusal: vetoOf(last.name, action, errno) };
}

function vetoOf(name: string, action: string, errno: Errno): Refusal {
  return {
    errno,
    code: "notifier_veto",
    rule: "facts §7: the last answer of a walk is what its caller gets",
    retry: "maybe",
    remedy: [`find out why ${name} refuses ${action}`],
    detail: `${name} answered ${action} with ${errno}`,
  };
}
