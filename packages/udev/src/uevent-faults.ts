import { matchesGlob } from "./rules/glob.ts";
import type { Uevent } from "./uevent.ts";

/** What happens to a uevent on its way to those who listen. */
export interface UeventFault {
  /** Pattern of actions, `*` for all. */
  readonly action: string;
  /** Pattern of device paths below /sys, as `DEVPATH` of a rule. */
  readonly devpath: string;
  /** It never comes, or comes twice with the same SEQNUM. */
  readonly effect: "lost" | "doubled";
  /** Each n-th of those that fit; all where absent. */
  readonly every?: number;
  /** How many more it happens to; all where absent. */
  readonly times?: number;
}

/** Loses and doubles uevents on purpose; the first fault that fits counts. The kernel's own numbering goes on. */
export class UeventFaults {
  readonly #rows: { readonly fault: UeventFault; met: number; struck: number }[] = [];

  /** @throws RangeError for numbers that make no sense. */
  add(fault: UeventFault): void {
    for (const name of ["every", "times"] as const) {
      const value = fault[name];
      if (value !== undefined && !(Number.isInteger(value) && value > 0))
        throw new RangeError(`${name}: expected a whole number above 0, found ${value}`);
    }
    this.#rows.push({ fault, met: 0, struck: 0 });
  }

  /** @returns how many there were. */
  clear(): number {
    return this.#rows.splice(0).length;
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  list(): UeventFault[] {
    return this.#rows.map(({ fault }) => fault);
  }

  /** What those who listen get of it. */
  pass(event: Uevent): readonly Uevent[] {
    for (const row of this.#rows) {
      const { action, devpath, effect, every = 1, times = Number.POSITIVE_INFINITY } = row.fault;
      if (!matchesGlob(action, event.action) || !matchesGlob(devpath, event.devpath)) continue;
      row.met++;
      if (row.met % every !== 0 || row.struck >= times) continue;
      row.struck++;
      return effect === "lost" ? [] : [event, event];
    }
    return [event];
  }
}
