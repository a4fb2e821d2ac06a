import { KernelBug } from "@memhp/acpi";
import {
  bootMachine,
  type Machine,
  NotQuietError,
  snapshot,
  start,
  StuckError,
  type WorkerFactory,
} from "@memhp/machine";
import { type DimmPlace, endsRun, operationOf, type RunDocument, stateView, StepRunner } from "@memhp/scenario";
import { leavesAllInMachine } from "../common-prefix.ts";
import { turn } from "../turn.ts";
import { type Law, lookAt } from "./laws.ts";

/** How a document is played. */
export interface Way {
  /** Laws that can be checked by looking are, after each step. */
  readonly looks?: boolean;
  /** The machine is written down after each n-th step at which it is at rest, and another goes on from there. */
  readonly hopEvery?: number;
  /** Every block is watched, and so an actor. */
  readonly watched?: boolean;
  readonly workers?: number;
  readonly workerFactory?: WorkerFactory;
}

/** More blocks than a random machine has. */
const MAX_WATCHED = 1 << 16;

/** A law that did not hold. */
export interface Broken {
  readonly law: Law;
  /** Number of the step after which it was seen; as many as there are steps: at the end. */
  readonly step: number;
  readonly what: string;
}

/** What a run told. */
export interface Played {
  /** A line for each step that was carried out, then one for the end. */
  readonly told: readonly string[];
  /** Steps that make no sense where they stand (an unload of what does not run), and what is wrong with them. */
  readonly senseless: ReadonlyMap<number, string>;
  /** A kernel that died, or work that nothing could ever end. */
  readonly ended?: "dead" | "stuck";
  readonly broken?: Broken;
  /** How often the machine was looked at, and how often another went on. */
  readonly looks: number;
  readonly hops: number;
}

/** Hundreds of times the turns that kernel threads take in the longest runs. */
const MOST_TURNS = 100_000;

/** Carries a document's steps out. @throws what is no answer of a kernel: bugs, WorkerGone, EndlessError, and the reason of a signal. */
export async function play(document: RunDocument, way: Way, signal?: AbortSignal): Promise<Played> {
  const threads =
    way.workers === undefined ? {} : { workers: way.workers, workerFactory: way.workerFactory as WorkerFactory };
  const { kernel, config = {}, kernelBlocks, seed } = document;
  const player = new Player(
    document,
    way,
    await bootMachine(document.machine, { kernel, config, kernelBlocks, seed, mostTurns: MOST_TURNS, ...threads }),
    signal,
  );
  try {
    return await player.play();
  } finally {
    await player.close();
  }
}

class Player {
  readonly #document: RunDocument;
  readonly #way: Way;
  readonly #told: string[] = [];
  readonly #senseless = new Map<number, string>();
  #machine: Machine;
  #runner: StepRunner;
  #looks = 0;
  #hops = 0;
  #atRest = 0;
  /** Everything done so far is in the machine. */
  #isAllInMachine = true;

  readonly #signal: AbortSignal | undefined;

  constructor(document: RunDocument, way: Way, machine: Machine, signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#document = document;
    this.#way = way;
    this.#machine = machine;
    this.#runner = new StepRunner(machine);
  }

  async play(): Promise<Played> {
    const { steps } = this.#document;
    await this.#watch();
    for (const [i, { request, unmovablePages }] of steps.entries()) {
      await this.#goOn();
      try {
        this.#told.push(JSON.stringify(await this.#runner.perform(request, unmovablePages)));
        this.#isAllInMachine &&= leavesAllInMachine(request);
      } catch (error) {
        const ended = endOf(error);
        if (ended !== undefined) return this.#played({ ended: ended.how, told: ended.text });
        this.#senseless.set(i, (error as Error).message);
        continue;
      }
      // What only looks changes nothing, which other runs show that did not look.
      const broken = operationOf(request.op).onlyLooks === true ? undefined : await this.#afterStep(i);
      if (broken !== undefined) return this.#played({ broken });
    }
    return this.#end(steps.length);
  }

  async close(): Promise<void> {
    await this.#machine.close();
  }

  /** Who may give it up is heard between steps. */
  async #goOn(): Promise<void> {
    if (this.#signal === undefined) return;
    await turn();
    this.#signal.throwIfAborted();
  }

  async #afterStep(step: number): Promise<Broken | undefined> {
    const { background } = this.#runner.target;
    if (background.names().length > 0 || this.#machine.isBusy) return undefined;
    const broken = await this.#look(step);
    const { hopEvery } = this.#way;
    if (broken === undefined && hopEvery !== undefined && this.#isAllInMachine && ++this.#atRest % hopEvery === 0)
      await this.#hop();
    return broken;
  }

  async #look(step: number): Promise<Broken | undefined> {
    if (this.#way.looks !== true) return undefined;
    this.#looks++;
    const seen = await lookAt(this.#machine);
    return seen === undefined ? undefined : { ...seen, step };
  }

  /** Another machine takes the place of this one. */
  async #hop(): Promise<void> {
    const { workers, workerFactory } = this.#way;
    let image;
    try {
      image = await snapshot(this.#machine);
    } catch (error) {
      if (error instanceof NotQuietError) return;
      throw error;
    }
    const dimms: ReadonlyMap<string, DimmPlace> = new Map(this.#runner.target.dimms);
    await this.#runner.end();
    await this.#machine.close();
    const threads = workers === undefined ? {} : { workers, workerFactory: workerFactory as WorkerFactory };
    this.#machine = await start(JSON.parse(JSON.stringify(image)) as typeof image, {
      mostTurns: MOST_TURNS,
      ...threads,
    });
    this.#runner = new StepRunner(this.#machine);
    // References may also name DIMMs that have gone.
    for (const [id, place] of dimms) this.#runner.target.dimms.set(id, place);
    this.#hops++;
    await this.#watch();
  }

  async #watch(): Promise<void> {
    if (this.#way.watched === true) await this.#machine.inspect({ limit: MAX_WATCHED });
  }

  /** All that can be seen of the machine when what went on beside it has ended. */
  async #end(step: number): Promise<Played> {
    try {
      await this.#runner.end();
      const isBusy = this.#machine.isBusy;
      const broken = isBusy ? undefined : await this.#look(step);
      if (broken !== undefined) return this.#played({ broken });
      return this.#played({ told: JSON.stringify([stateView(this.#machine), isBusy]) });
    } catch (error) {
      const ended = endOf(error);
      if (ended === undefined) throw error;
      return this.#played({ ended: ended.how, told: ended.text });
    }
  }

  #played({ told, ...rest }: Pick<Played, "ended" | "broken"> & { readonly told?: string }): Played {
    if (told !== undefined) this.#told.push(told);
    return { told: this.#told, senseless: this.#senseless, looks: this.#looks, hops: this.#hops, ...rest };
  }
}

/** What ends a run and is an answer. @throws what is none. */
function endOf(error: unknown): { readonly how: "dead" | "stuck"; readonly text: string } | undefined {
  if (error instanceof KernelBug) return { how: "dead", text: `the kernel is dead: ${error.message}` };
  if (error instanceof StuckError) return { how: "stuck", text: `stuck: ${error.message}` };
  if (endsRun(error)) return undefined;
  throw error;
}
