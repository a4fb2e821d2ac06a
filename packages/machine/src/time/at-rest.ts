import { internalsOf, type Machine } from "../machine.ts";

/**
 * Settles when nobody in the machine can go on at this moment; no time passes, and what waits for time stands still as with `wait`.
 * What it does by itself once something is asked of it, such as a driver that fills its balloon, may go on behind the answer; what is
 * read after this is the same for any number of workers. @throws why the machine has failed, such as WorkerGone.
 */
export function untilRest(machine: Machine): Promise<void> {
  return internalsOf(machine).parts.time.rest();
}
