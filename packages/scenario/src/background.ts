import type { Machine, Writer } from "@memhp/machine";
import { StepError } from "./operations/step-error.ts";

/** How long a step takes for somebody who looks: what runs in the background gets on meanwhile. */
const STEP_NS = 100e6;

interface Work {
  /** It holds the hotplug lock, or did. */
  began: boolean;
  killed: boolean;
  ended: Promise<void>;
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
  #finished: FinishedWork[] = [];
  #wasBusy = false;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Names of what has not ended. */
  names(): string[] {
    return [...this.#work.keys()];
  }

  /** Starts something under a name. @throws StepError for a name that is taken. */
  start(name: string, run: (writer: Writer) => Promise<unknown>): void {
    if (this.#work.has(name)) throw new StepError(`background: ${JSON.stringify(name)} is still running`);
    this.#machine.holdTime();
    const work: Work = { began: false, killed: false, ended: Promise.resolve() };
    this.#work.set(name, work);
    // The signal comes by `kill`, at whatever time that is.
    const writer: Writer = {
      signalAtNs: Number.POSITIVE_INFINITY,
      isGone: () => work.killed,
      began: () => {
        work.began = true;
      },
    };
    work.ended = this.#note(name, run(writer));
  }

  async #note(name: string, running: Promise<unknown>): Promise<void> {
    const result = await running;
    this.#work.delete(name);
    this.#finished.push({ name, result });
  }

  /** Signals what runs under a name. @returns false where nothing does. */
  async kill(name: string): Promise<boolean> {
    const work = this.#work.get(name);
    if (work === undefined) return false;
    work.killed = true;
    // Who only waits for the lock must not take the signal to the one who holds it.
    if (work.began) await this.#machine.signal();
    else this.#work.delete(name);
    await this.#machine.passUntil(work.ended, STEP_NS);
    return true;
  }

  /**
   * Waits for something that the step itself does. While other work is going on it may have to wait for the hotplug lock, but
   * no longer than the step allows.
   * @returns whether it has ended.
   */
  async waitFor(promise: Promise<unknown>, atMostNs: number): Promise<boolean> {
    // What the step itself has begun holds the lock by now; that is nothing to wait beside.
    if (this.#work.size === 0 && !this.#wasBusy) {
      await promise;
      return true;
    }
    return this.#machine.passUntil(promise, atMostNs);
  }

  /** Notes what is going on before a step does something itself. */
  beforeStep(): void {
    this.#wasBusy = this.#machine.isBusy;
  }

  /** Lets the time of one step pass for what is going on. */
  async afterStep(): Promise<void> {
    if (this.#work.size > 0 || this.#machine.isBusy) await this.#machine.wait(STEP_NS);
  }

  /** What has ended since it was last asked. */
  takeFinished(): FinishedWork[] {
    return this.#finished.splice(0);
  }

  /** Ends everything, so that a machine can be closed: nobody waits for ever. */
  async end(): Promise<void> {
    for (const name of this.names()) await this.kill(name);
  }
}
