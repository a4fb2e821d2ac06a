import type { Caller } from "@memhp/abi";
import { type Machine, type Task, untilRest } from "@memhp/machine";
import { StepError } from "./operations/step-error.ts";

/** How long a step takes for somebody who looks: what runs in the background gets on meanwhile. */
const STEP_NS = 100e6;

interface Work {
  readonly task: Task<unknown>;
  readonly signal: AbortController;
  /** Settles when its end is noted. */
  readonly noted: Promise<void>;
}

/** Something that ran in the background and has ended. */
export interface FinishedWork {
  readonly name: string;
  readonly result: unknown;
}

/** What a scenario has going on beside its steps. Time passes for it only when steps let time pass. */
export class Background {
  readonly #machine: Machine;
  readonly #work = new Map<string, Work>();
  readonly #finished: FinishedWork[] = [];
  #wasBusy = false;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Names of what has not ended. */
  names(): string[] {
    return [...this.#work].flatMap(([name, { task }]) => (task.hasEnded ? [] : [name]));
  }

  /** Starts something under a name, which is its caller's. @throws StepError for a name that is taken. */
  start(name: string, run: (caller: Caller) => Task<unknown>): void {
    if (this.names().includes(name))
      throw new StepError(`background: ${JSON.stringify(name)} is still running`, "background");
    this.#machine.holdTime();
    const signal = new AbortController();
    // The signal comes by `kill`, at whatever time that is.
    const task = run({ name, signalAtNs: Number.POSITIVE_INFINITY, signal: signal.signal });
    const note = async (): Promise<void> => {
      const result = await task;
      this.#work.delete(name);
      this.#finished.push({ name, result });
    };
    const noted = note();
    // Whoever asks next hears of it.
    noted.catch(() => {});
    this.#work.set(name, { task, signal, noted });
  }

  /** Signals what runs under a name. @returns false where nothing does. */
  async kill(name: string): Promise<boolean> {
    const work = this.#work.get(name);
    if (work === undefined || work.task.hasEnded) return false;
    work.signal.abort();
    await this.#machine.passUntil(work.task, STEP_NS);
    return true;
  }

  /**
   * Waits for something that the step itself does. While other work is going on it may have to wait for the hotplug lock, but
   * no longer than the step allows.
   * @returns whether it has ended.
   * @throws StuckError where nothing could ever end it.
   */
  async waitFor(task: Task<unknown>, atMostNs: number): Promise<boolean> {
    // What the step itself has begun holds the lock by now; that is nothing to wait beside. A fault may let it wait for time alone.
    // And beside what happens by itself over and over time would pass for ever, where a kernel tries for ever.
    const { hasAlarms, faults } = this.#machine;
    if (this.names().length > 0 || this.#wasBusy || hasAlarms || !faults.isEmpty)
      return this.#machine.passUntil(task, atMostNs);
    await this.#machine.finish(task);
    return true;
  }

  /** Notes what is going on before a step does something itself. */
  beforeStep(): void {
    this.#wasBusy = this.#machine.isBusy;
  }

  /** Lets the time of one step pass for what is going on. What needs no time is over before anybody looks. */
  async afterStep(): Promise<void> {
    await untilRest(this.#machine);
    if (this.names().length > 0 || this.#machine.isBusy) await this.#machine.wait(STEP_NS);
  }

  /** What has ended since it was last asked. */
  async takeFinished(): Promise<FinishedWork[]> {
    await Promise.all([...this.#work.values()].filter(({ task }) => task.hasEnded).map(({ noted }) => noted));
    return this.#finished.splice(0);
  }

  /** Ends everything, so that a machine can be closed: nobody waits for ever. */
  async end(): Promise<void> {
    for (const name of this.names()) await this.kill(name);
  }
}
