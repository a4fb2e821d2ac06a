import { type MemoryAction, type MemoryNotify, NOTIFY_OK } from "@memhp/abi";
import type { NotifierCallback } from "./callback.ts";

/** One call as a recorder saw it. */
export interface Recording<Action = MemoryAction, Data = MemoryNotify> {
  /** Name of the recorder. */
  readonly notifier: string;
  readonly action: Action;
  readonly data: Data;
}

/** Priorities of the two recorders of the kernel traces: `early` sees all, `late` only what nobody stopped (observed-6 §7). */
export const EARLY_PRIORITY = 1000;
/** Priority of a recorder that hears after everybody else. */
export const LATE_PRIORITY: number = -1000;

/** A callback that only writes down what it is told, and never objects. */
export function createRecorder<Action extends string = MemoryAction, Data = MemoryNotify>(
  name: string,
  priority: number,
  sink: (recording: Recording<Action, Data>) => void,
): NotifierCallback<Action, Data> {
  return {
    name,
    priority,
    call(action, data) {
      sink({ notifier: name, action, data });
      return NOTIFY_OK;
    },
  };
}

/** A callback that does nothing at all: that it was called shows to whoever looks on. */
export function createListener<Action extends string = MemoryAction, Data = MemoryNotify>(
  name: string,
  priority: number,
): NotifierCallback<Action, Data> {
  return { name, priority, call: () => NOTIFY_OK, always: NOTIFY_OK };
}
