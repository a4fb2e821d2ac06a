import type { Acpi } from "@memhp/acpi";
import type { ShardSet } from "@memhp/shards";
import type { HotplugLock } from "../time/hotplug-lock.ts";

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
  core,
}: {
  readonly lock: Pick<HotplugLock, "isFree">;
  readonly acpi: Pick<Acpi, "pending">;
  readonly core: Pick<ShardSet, "isAtRest" | "isPaused">;
}): void {
  if (acpi.pending > 0)
    throw new NotQuietError(
      `${acpi.pending} events of the firmware's devices wait or are being carried out`,
      "wait for idle() first",
    );
  if (!lock.isFree)
    throw new NotQuietError(
      "somebody holds the hotplug lock or waits for it",
      "let time pass until it has ended, or signal it",
    );
  if (!core.isAtRest || core.isPaused)
    throw new NotQuietError("blocks or pages are being worked on", "wait until that has ended");
}
