/**
 * One entry of a chain: the kernel's `struct notifier_block`. Its identity is the object, as
 * the kernel's is the address; two entries may carry one name.
 */
export interface NotifierCallback<Action extends string, Data> {
  readonly name: string;
  /** Higher is called first. The kernel's default is 0 (facts/kernel.md §7). */
  readonly priority?: number;
  /** Answers a NOTIFY_* value, or an errno encoded by `notifierFromErrno` of `@memhp/abi`. */
  readonly call: (action: Action, data: Data) => number | Promise<number>;
  /** What `call` answers every time, where it does nothing else: whoever walks the chain for many ranges need not call it. */
  readonly always?: number;
}
