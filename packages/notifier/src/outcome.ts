import { type Errno, notifierToErrno } from "@memhp/abi";

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
}

/**
 * Only the last answer counts: an error without NOTIFY_STOP_MASK from an earlier callback is
 * lost (facts/kernel.md §7).
 */
export function outcomeOf(calls: readonly NotifierCall[]): NotifierOutcome {
  const last = calls.at(-1);
  if (last === undefined) return { ret: 0, errno: 0, calls };
  const errno = notifierToErrno(last.ret);
  return errno === 0 ? { ret: last.ret, errno, calls } : { ret: last.ret, errno, calls, vetoedBy: last.name };
}
