import type { HotplugLock } from "./hotplug-lock.ts";
import type { Scheduler } from "./scheduler.ts";

/** Work waits, and nothing that is under way could ever let it go on. */
export class StuckError extends Error {
  override readonly name = "StuckError";
}

/** What waits for what, a line for each kernel thread; empty where none waits. */
export function waitingText(scheduler: Scheduler, lock: HotplugLock): string {
  return scheduler
    .threads()
    .map((thread) => {
      const holds = lock.holder === thread ? " (holds the hotplug lock)" : "";
      return `  ${thread.name}${holds} waits for ${thread.waitsFor?.() ?? "its turn"}`;
    })
    .join("\n");
}
