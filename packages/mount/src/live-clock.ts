import type { Machine } from "@memhp/machine";

export interface LiveClockOptions {
  /** Simulated seconds for each second of the wall clock; undefined: as fast as the work goes, while somebody works. */
  readonly speed: number | undefined;
  /** Reads the wall clock, in nanoseconds. */
  readonly wallNs: () => number;
}

const NS_PER_MS = 1e6;
/** How often time passes while somebody waits for it, and while nobody does. */
const BUSY_MS = 2;
const IDLE_MS = 50;
/** A clock that stood still for longer, under a debugger or in a suspended computer, has not gone on meanwhile. */
const LONGEST_MS = 1000;

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
    if (options.speed !== undefined) machine.takeClock();
    this.#sleep(IDLE_MS);
  }

  /** Somebody is about to begin something: it wants time. */
  begin(): void {
    if (!this.#isTicking) this.#sleep(BUSY_MS);
  }

  /** The machine's clock goes as fast as the work does again. */
  stop(): void {
    this.#hasStopped = true;
    clearTimeout(this.#timer);
    this.#machine.giveClockBack();
  }

  #sleep(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#hasStopped) this.#timer = setTimeout(() => void this.#tick(), ms);
  }

  async #tick(): Promise<void> {
    const { speed = 1, wallNs } = this.#options;
    this.#isTicking = true;
    const nowNs = wallNs();
    const passedNs = Math.min(nowNs - this.#lastNs, LONGEST_MS * NS_PER_MS) * speed;
    this.#lastNs = nowNs;
    const isFree = this.#options.speed === undefined && this.#machine.isBusy;
    if (isFree) this.#machine.giveClockBack();
    else await this.#machine.wait(Math.max(0, Math.round(passedNs)));
    this.#isTicking = false;
    this.#sleep(this.#machine.isBusy ? BUSY_MS : IDLE_MS);
  }
}
