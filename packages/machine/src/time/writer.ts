import { refused, type Result } from "@memhp/abi";

/** Who writes to a file: when a signal reaches them, and whether one already has while they waited for the hotplug lock. */
export interface Writer {
  /** Simulated time of the signal. */
  readonly signalAtNs?: number;
  /** True once the writer was killed. */
  readonly isGone?: () => boolean;
  /** Hears that the writer holds the hotplug lock. */
  readonly began?: () => void;
}

type Refused = Extract<Result<never>, { readonly ok: false }>;

/** device_hotplug_lock is waited for interruptibly: a writer who is gone by then does nothing (observed-6 §9). */
export function writerGone({ isGone, began }: Writer, block: number): Refused | undefined {
  if (isGone?.() !== true) {
    began?.();
    return undefined;
  }
  return refused({
    errno: "EINTR",
    code: "signal",
    rule: "facts §2.8: the writer was killed while it waited for device_hotplug_lock",
    block,
    retry: "yes",
    remedy: ["write again when the other hotplug operation has ended"],
  });
}
