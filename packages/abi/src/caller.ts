/** What of an `AbortSignal` tells that somebody is gone. */
export interface GoneSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Who asks something of the kernel. It goes down with what is asked for, so that two who ask at once never meet. */
export interface Caller {
  /** As lists of what waits, and refusals in the event stream, show it. */
  readonly name?: string;
  /** Simulated time, in nanoseconds, of a signal to it. */
  readonly signalAtNs?: number;
  /** Aborting is a signal now: who waits for the hotplug lock leaves, an offline under way gives up. */
  readonly signal?: GoneSignal;
}
