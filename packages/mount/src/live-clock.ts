import type { Machine } from "@memhp/machine";

export interface LiveClockOptions {
  /** Simulated seconds for each second of the wall clock. */
  readonly speed: number;
  /** Reads the wall clock, in nanoseconds. */
  readonly wallNs: () => number;
}

const NS_PER_MS = 1e6;
/** How often time passes while somebody waits for it, and while nobody does. */
const BUSY_MS = 2;
const IDLE_MS = 100;

/** Lets a machine's time pass as the wall clock does, for as long as it runs. */
export class LiveClock {
  readonly #machine: Machine;
  readonly #options: LiveClockOptions;
  #lastNs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isTicking = false;
  #hasStopped = false;

  constructor(machine: Machine, options: LiveClockOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#lastNs = options.wallNs();
    machine.holdTime();
    this.#sleep(IDLE_MS);
  }

  /** Somebody is about to begin something: it takes its time. */
  hold(): void {
    this.#machine.holdTime();
    if (!this.#isTicking) this.#sleep(BUSY_MS);
  }

  stop(): void {
    this.#hasStopped = true;
    clearTimeout(this.#timer);
  }

  #sleep(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#hasStopped) this.#timer = setTimeout(() => void this.#tick(), ms);
  }

  async #tick(): Promise<void> {
    this.#isTicking = true;
    const nowNs = this.#options.wallNs();
    const passedNs = Math.round((nowNs - this.#lastNs) * this.#options.speed);
    this.#lastNs = nowNs;
    // A clock that stood still for long, under a debugger or in a suspended computer, has not gone on meanwhile.
    await this.#machine.wait(Math.max(0, Math.min(passedNs, LONGEST_MS * NS_PER_MS * this.#options.speed)));
    this.#isTicking = false;
    this.#sleep(this.#machine.isBusy ? BUSY_MS : IDLE_MS);
  }
}

const LONGEST_MS = 1000;
