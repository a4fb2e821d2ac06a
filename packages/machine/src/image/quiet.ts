import type { Acpi } from "@memhp/acpi";
import type { HotplugLock } from "../time/hotplug-lock.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { waitingText } from "../time/stuck.ts";

/** A machine can be written down only at rest: what is under way, and what to do about it. */
export class NotQuietError extends Error {
  override readonly name = "NotQuietError";

  constructor(what: string, remedy: string) {
    super(`the machine is not at rest: ${what}; ${remedy}`);
  }
}

/** @throws NotQuietError */
export function assertQuiet({
  lock,
  acpi,
  scheduler,
}: {
  readonly lock: HotplugLock;
  readonly acpi: Pick<Acpi, "pending">;
  readonly scheduler: Scheduler;
}): void {
  if (acpi.pending > 0)
    throw new NotQuietError(
      `${acpi.pending} events of the firmware's devices wait or are being carried out`,
      "wait for idle() first",
    );
  if (lock.holder !== undefined)
    throw new NotQuietError(
      "somebody holds the hotplug lock or waits for it",
      "let time pass until it has ended, or signal it",
    );
  if (scheduler.threads().length > 0)
    throw new NotQuietError(
      `blocks or pages are being worked on:\n${waitingText(scheduler, lock)}\n`,
      "wait until that has ended",
    );
}
