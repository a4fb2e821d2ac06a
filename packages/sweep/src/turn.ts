/** Browsers have timers only. */
const { setImmediate: soon = (work: () => void): unknown => setTimeout(work, 0) } = globalThis as {
  readonly setImmediate?: (work: () => void) => unknown;
};

/** Begins work after what else is ready. */
export function afterOthers(work: () => void): void {
  soon(work);
}

/** Lets what else is ready go on: signals, messages, timers. */
export function turn(): Promise<void> {
  return new Promise(afterOthers);
}
