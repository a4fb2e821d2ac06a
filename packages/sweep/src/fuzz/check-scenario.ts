import { EndlessError, SpecError, WorkerGone } from "@memhp/machine";
import { DocumentError, readDocument, type RunDocument } from "@memhp/scenario";
import { Prng } from "@memhp/engine";
import type { Law } from "./laws.ts";
import { type Broken, play, type Played, type Way } from "./play.ts";
import type { PlainScenario } from "./random-scenario.ts";
import { turn } from "../turn.ts";
import { type Death, slowWorkers } from "./slow-workers.ts";

/** What came of one scenario. */
export interface Checked {
  /** The scenario without the steps that make no sense where they stand. */
  readonly scenario: PlainScenario;
  /** Steps left out, and machines that there cannot be. */
  readonly refused: number;
  /** Steps carried out, by operation. */
  readonly operations: Readonly<Record<string, number>>;
  readonly ended?: "dead" | "stuck" | "refused";
  /** How often each law was checked. */
  readonly checks: Readonly<Partial<Record<Law, number>>>;
  readonly broken?: Broken;
}

/** Far more turns of the event loop than the messages of any run take. */
const MOST_LOOPS = 3_000_000;

/** Counted, not timed: what comes to no end on one computer does so on every other. @throws HangError where it does not end. */
async function withinLimit<T>(work: Promise<T>): Promise<T> {
  const run = { isOver: false };
  const over = (): void => void (run.isOver = true);
  work.then(over, over);
  for (let loops = 0; !run.isOver; loops++) {
    if (loops === MOST_LOOPS) throw new HangError(`not ended after ${MOST_LOOPS} turns of the event loop`);
    await turn();
  }
  return work;
}

class HangError extends Error {}

/** Starting a machine anew takes longer than most steps. */
const hopsEvery = [1, 3, 9] as const;

const reasons = [
  "it exited with code 0",
  "it exited with code 7",
  "out of luck",
  "Worker terminated due to reaching memory limit",
] as const;

/** How a scenario is checked. */
export interface CheckOptions {
  /** Otherwise its seed says of the ways that take long whether it is played so. */
  readonly isThorough?: boolean;
  /** Gives it up, between two steps. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Plays a scenario in every way that must give the same, and checks each law. A law that does not hold is a result.
 * @throws the reason of a signal
 */
export async function checkScenario(plain: PlainScenario, options: CheckOptions = {}): Promise<Checked> {
  const nothing = { scenario: plain, operations: {}, checks: {} };
  let document: RunDocument;
  try {
    document = readDocument(plain, plain.name);
  } catch (error) {
    if (error instanceof DocumentError) return { ...nothing, refused: 1, ended: "refused" };
    return { ...nothing, refused: 0, broken: brokenBy(error) };
  }
  return new Checking(plain, document, options).check();
}

class Checking {
  readonly #checks: Partial<Record<Law, number>> = {};
  readonly #prng: Prng;
  readonly #whole: PlainScenario;
  #document: RunDocument;
  #scenario: PlainScenario;
  #first: Played = { told: [], senseless: new Map(), looks: 0, hops: 0 };

  readonly #isThorough: boolean;
  readonly #signal: AbortSignal | undefined;

  constructor(scenario: PlainScenario, document: RunDocument, { isThorough = false, signal }: CheckOptions) {
    this.#isThorough = isThorough;
    this.#signal = signal;
    this.#whole = scenario;
    this.#scenario = scenario;
    this.#document = document;
    this.#prng = new Prng(scenario.seed);
  }

  async check(): Promise<Checked> {
    try {
      const broken = await this.#broken();
      return this.#checked(broken);
    } catch (error) {
      if (this.#signal?.aborted === true) throw error;
      // Only a boot says of a machine as a whole what is wrong with it.
      if (error instanceof SpecError) return { ...this.#checked(undefined), refused: 1, ended: "refused" };
      return this.#checked(brokenBy(error));
    }
  }

  async #broken(): Promise<Broken | undefined> {
    const first = await this.#play({ looks: true });
    this.#first = first;
    const { senseless } = first;
    for (const law of ["pages", "zones", "files"] as const) this.#count(law, first.looks);
    if (senseless.size > 0) {
      this.#scenario = { ...this.#whole, steps: this.#whole.steps.filter((_, i) => !senseless.has(i)) };
      this.#document = readDocument(this.#scenario, this.#scenario.name);
    }
    this.#count("ends", 1);
    this.#count("bugs", 1);
    if (first.broken !== undefined) {
      const left = [...senseless.keys()].filter((step) => step < (first.broken as Broken).step).length;
      return { ...first.broken, step: first.broken.step - left };
    }
    return this.#compareWays();
  }

  /** The same, written down and started again over and over on slow workers; and now and then as actors, or with a death. */
  async #compareWays(): Promise<Broken | undefined> {
    const seed = this.#scenario.seed;
    const workers = { workers: this.#below(5), workerFactory: slowWorkers(seed) };
    const hops = { hopEvery: hopsEvery[this.#below(hopsEvery.length)] ?? 1 };
    const broken = await this.#differs({ ...hops, ...workers });
    if (broken !== undefined) {
      // Both at once differ: which of them?
      const one = (await this.#differs(workers, "workers")) ?? (await this.#differs(hops, "image"));
      return one ?? broken;
    }
    if (this.#below(4) === 0 || this.#isThorough) {
      const watched = await this.#differs({ watched: true }, "actors");
      if (watched !== undefined) return watched;
    }
    return this.#below(8) === 0 || this.#isThorough ? this.#death() : undefined;
  }

  async #differs(way: Way, law: Law = "image"): Promise<Broken | undefined> {
    const other = await this.#play(way);
    if (way.hopEvery !== undefined) this.#count("image", other.hops);
    if (way.workers !== undefined) this.#count("workers", 1);
    if (way.watched === true) this.#count("actors", 1);
    return difference(this.#first.told, other.told, law);
  }

  async #death(): Promise<Broken | undefined> {
    const reason = reasons[this.#below(reasons.length)] ?? reasons[0];
    const death: Death = { worker: 0, afterMessages: 1 + Math.floor(this.#prng.next() ** 3 * 400), reason };
    const way = { workers: 1 + this.#below(4), workerFactory: slowWorkers(this.#scenario.seed, death) };
    this.#count("death", 1);
    try {
      const other = await this.#play(way);
      return difference(this.#first.told, other.told, "death");
    } catch (error) {
      if (!(error instanceof WorkerGone)) throw error;
      const isTold = error.message.startsWith("the worker with node") && error.message.endsWith(reason);
      return isTold ? undefined : { law: "death", step: this.#document.steps.length, what: error.message };
    }
  }

  #play(way: Way): Promise<Played> {
    return withinLimit(play(this.#document, way, this.#signal));
  }

  #below(n: number): number {
    return this.#prng.below(n);
  }

  #count(law: Law, times: number): void {
    this.#checks[law] = (this.#checks[law] ?? 0) + times;
  }

  #checked(broken: Broken | undefined): Checked {
    const { senseless, ended, told } = this.#first;
    const operations: Record<string, number> = {};
    for (const { op } of this.#scenario.steps.slice(0, told.length)) operations[op] = (operations[op] ?? 0) + 1;
    return {
      scenario: this.#scenario,
      refused: senseless.size,
      operations,
      checks: this.#checks,
      ...(ended === undefined ? {} : { ended }),
      ...(broken === undefined ? {} : { broken }),
    };
  }
}

/** Where two runs of the same tell different things. */
function difference(one: readonly string[], other: readonly string[], law: Law): Broken | undefined {
  const step = Math.max(one.length, other.length) === 0 ? -1 : firstDifference(one, other);
  if (step === -1) return undefined;
  return { law, step, what: shownDifference(one[step] ?? "nothing", other[step] ?? "nothing") };
}

function firstDifference(one: readonly string[], other: readonly string[]): number {
  for (let i = 0; i < Math.max(one.length, other.length); i++) if (one[i] !== other[i]) return i;
  return -1;
}

const SHOWN = 160;

function shownDifference(one: string, other: string): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const from = Math.max(0, at - 40);
  return `${one.slice(from, from + SHOWN)} ≠ ${other.slice(from, from + SHOWN)}`;
}

function brokenBy(error: unknown): Broken {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { law: error instanceof HangError || error instanceof EndlessError ? "ends" : "bugs", step: -1, what };
}
