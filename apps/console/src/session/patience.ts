import type { Caller } from "@memhp/abi";
import type { Task } from "@memhp/machine";
import type { Session } from "./session.ts";

/** How long somebody waits for the hotplug lock while another holds it, in simulated time. */
const LOCK_NS = 3e9;
/** How long the page waits for what the kernel's ACPI code may never end. */
export const EJECT_NS = 300e9;

/**
 * Waits for a write that may have to wait for the hotplug lock. Who has not got it in time is killed and did nothing.
 * @returns undefined for one who was killed.
 */
export async function withLock<T>({ background }: Session, write: (caller: Caller) => Task<T>): Promise<T | undefined> {
  const signal = new AbortController();
  const pending = write({ signal: signal.signal });
  if (await background.waitFor(pending, LOCK_NS)) return pending;
  if (pending.hasHadLock && (await background.waitFor(pending, Number.POSITIVE_INFINITY))) return pending;
  signal.abort();
  return undefined;
}

/** Waits for what the kernel does for firmware. @returns undefined where it goes on; it ends while later time passes. */
export async function withFirmware<T>({ machine }: Session, pending: Task<T>): Promise<T | undefined> {
  return (await machine.passUntil(pending, EJECT_NS)) ? pending : undefined;
}
