import type { NotifyQueue } from "@memhp/acpi";
import type { HotplugLock } from "./hotplug-lock.ts";
import type { Scheduler, Wake } from "./scheduler.ts";

/** kacpi_hotplug: one piece of work at a time, in the order in which it came, each as a kernel thread under the hotplug lock. */
export function createWorkQueue(scheduler: Scheduler, lock: HotplugLock): NotifyQueue {
  const waiting: Wake[] = [];
  let idlers: Wake[] = [];
  let length = 0;
  let isBusy = false;
  const hasWork = (): boolean => length > 0;
  let failed: { readonly cause: unknown } | undefined;

  return {
    get length() {
      return length;
    },
    schedule(work) {
      length += 1;
      const task = scheduler.start("kacpi_hotplug", async () => {
        if (isBusy)
          await scheduler.wait(
            () => "earlier work of kacpi_hotplug",
            (wake) => waiting.push(wake),
          );
        isBusy = true;
        try {
          return await lock.run(work);
        } catch (error) {
          failed ??= { cause: error };
          throw error;
        } finally {
          length -= 1;
          const next = waiting.shift();
          isBusy = next !== undefined;
          next?.();
          if (!hasWork()) for (const wake of idlers.splice(0)) wake();
        }
      });
      // Who asked for it may not wait; `idle` tells what went wrong.
      task.catch(() => {});
      return task;
    },
    async idle() {
      while (hasWork())
        await scheduler.wait(
          () => "the end of kacpi_hotplug's work",
          (wake) => idlers.push(wake),
        );
      const seen = failed;
      failed = undefined;
      if (seen !== undefined) throw seen.cause;
    },
  };
}
