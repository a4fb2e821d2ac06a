import { knownOptions } from "@memhp/abi";
import { internalsOf, type Machine } from "../machine.ts";

/** How fast a machine's time passes, and what tells the wall clock. */
export interface LiveClockOptions {
  /** Simulated seconds for each second of the wall clock; undefined: as fast as the work goes, while somebody works. */
  readonly speed: number | undefined;
  /** Reads the wall clock, in nanoseconds: nothing else in a machine does. */
  readonly wallNs: () => number;
  /** Calls back after so many milliseconds of the wall clock. @returns a function that forgets it. */
  readonly after?: (ms: number, callback: () => void) => () => void;
  /** Hears why time passes no longer: a worker is gone. By default it is thrown where nobody catches it. */
  readonly onFailure?: (error: unknown) => void;
}

const NS_PER_MS = 1e6;
/** How often time passes while somebody waits for it, and while nobody does. */
const BUSY_MS = 2;
const IDLE_MS = 50;
/** A clock that stood still for longer, under a debugger or in a suspended computer, has not gone on meanwhile. */
const LONGEST_MS = 1000;

function timeout(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

const OPTIONS: Readonly<Record<keyof LiveClockOptions, true>> = {
  speed: true,
  wallNs: true,
  after: true,
  onFailure: true,
};

/** Lets a machine's time pass as the wall clock does, for as long as it runs. What begins gets on only with it. */
export class LiveClock {
  readonly #machine: Machine;
  readonly #options: LiveClockOptions;
  #lastNs: number;
  #forget: () => void = () => {};
  #isTicking = false;
  #hasStopped = false;

  constructor(machine: Machine, options: LiveClockOptions) {
    knownOptions("LiveClock: options", options, OPTIONS);
    this.#machine = machine;
    this.#options = options;
    this.#lastNs = options.wallNs();
    if (options.speed !== undefined) internalsOf(machine).parts.time.hold(true);
    this.#sleep(IDLE_MS);
  }

  /** Somebody begins something: it wants time. */
  begin(): void {
    if (!this.#isTicking) this.#sleep(BUSY_MS);
  }

  /** From now on time passes as fast as the work goes. */
  stop(): void {
    if (this.#hasStopped) return;
    this.#hasStopped = true;
    this.#forget();
    internalsOf(this.#machine).parts.time.release();
  }

  #sleep(ms: number): void {
    this.#forget();
    if (!this.#hasStopped) this.#forget = (this.#options.after ?? timeout)(ms, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    const { wallNs, speed, onFailure } = this.#options;
    const isFree = speed === undefined && this.#machine.isBusy;
    this.#isTicking = true;
    const nowNs = wallNs();
    const passedNs = Math.min(nowNs - this.#lastNs, LONGEST_MS * NS_PER_MS);
    this.#lastNs = nowNs;
    try {
      if (isFree) internalsOf(this.#machine).parts.time.release();
      else await this.#machine.wait(Math.max(0, Math.round(passedNs * (speed ?? 1))));
    } catch (error) {
      this.#hasStopped = true;
      if (onFailure === undefined) throw error;
      onFailure(error);
    }
    this.#isTicking = false;
    this.#sleep(this.#machine.isBusy ? BUSY_MS : IDLE_MS);
  }
}
