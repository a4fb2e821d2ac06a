import type { MemoryAction, MemoryNotify } from "@memhp/abi";
import type { PageRun, WithheldRange } from "@memhp/engine";

/** Pages as a callback of the chain sees and touches them, at the place of the step that called it. */
export interface CallbackPages {
  /** Pages as they are, in runs of one kind. The range lies in the block that the callback was told of. */
  runs(startPfn: number, count: number): readonly PageRun[];
  /** get_page and put_page. A page that is not in use stays as it is. */
  reference(pfn: number, change: 1 | -1): void;
  /** A driver's references to frames that it keeps, all at once. */
  refer(range: WithheldRange, references: 0 | 1): void;
}

/** A callback of the memory notifier chain with a handle on pages. It is called in the shard that owns the block. */
export interface PagesCallback {
  readonly name: string;
  /** Higher is called first. */
  readonly priority: number;
  /** Answers a NOTIFY_* value, or an errno encoded by `notifierFromErrno` of `@memhp/abi`. */
  call(action: MemoryAction, range: MemoryNotify, pages: CallbackPages): number;
}
