import { defaultKernel } from "@memhp/kernels";
import type { MachineImage } from "@memhp/machine";
import { DocumentError, firstFault, readDocument, readText, type RunDocument, TextError } from "@memhp/scenario";
import { checkStop } from "./check-stop.ts";
import { commonPrefix } from "./common-prefix.ts";
import { type Measure, readMeasure } from "./measure.ts";
import { type Parameters, parameterSpace, type ParameterSpace } from "./parameter-space.ts";
import { SweepError } from "./sweep-error.ts";
import { MAX_RUNS, type SeedsSpec, SWEEP_FORMAT, type SweepDocument, sweepSchema } from "./sweep-schema.ts";
import { fill, fillSteps, labelsIn } from "./template.ts";

/** What makes one run of a sweep: a plain value, from which its results follow. */
export interface RunPoint {
  /** Number of the run, from 0. */
  readonly run: number;
  /** What loads draw by. */
  readonly seed: number;
  readonly parameters: Parameters;
}

/** The scenario of one run, with the names of its steps. */
export interface RunScenario {
  readonly document: RunDocument;
  /** Last step of each label, and all of them. */
  readonly labels: ReadonlyMap<string, readonly number[]>;
}

/** What a document must say, and an image says instead. */
export const STAND_INS: object = { kernel: defaultKernel.id, machine: { nodes: { count: 1, memory: "1G" } } };

/** A sweep file, read and checked. */
export class Sweep {
  readonly document: SweepDocument;
  readonly source: string;
  readonly measures: readonly Measure[];
  /** Steps of the file (repeats not written out) that are the same for all runs. */
  readonly commonSteps: number;
  /** The machine with which every run begins, instead of a boot. */
  readonly image: MachineImage | undefined;
  readonly #space: ParameterSpace;
  readonly #steps: readonly unknown[];

  /** @throws SweepError */
  constructor(document: SweepDocument, source: string, image?: MachineImage) {
    this.document = document;
    this.image = image;
    this.source = source;
    this.#space = parameterSpace(document.parameters, document.search ?? "grid");
    const { steps } = document.scenario;
    if (!Array.isArray(steps)) throw new SweepError("scenario.steps: expected a list");
    if (document.from !== undefined && image === undefined)
      throw new SweepError(`from: the machine of ${JSON.stringify(document.from)} was not given`);
    for (const word of image === undefined ? [] : ["kernel", "machine", "config"])
      if (document.scenario[word] !== undefined)
        throw new SweepError(`scenario.${word}: has no place beside from: the image has its own`);
    if (document.scenario["seed"] !== undefined)
      throw new SweepError("scenario.seed: the seeds of a sweep stand beside the scenario, under seeds");
    this.#steps = steps;
    if (this.runs > MAX_RUNS) throw new SweepError(`${this.runs} runs are too many (at most ${MAX_RUNS})`);
    this.measures = Object.entries(document.measures).map(([name, spec]) => readMeasure(name, spec));
    checkStop(document.stop, Object.keys(document.measures));
    this.commonSteps = commonPrefix(steps, new Set(Object.keys(document.parameters)));
    // What is wrong with the first run is most likely wrong with all.
    const { labels } = this.scenario(this.point(0));
    const all = new Set([...labels.keys(), ...labelsIn(steps)]);
    for (const measure of this.measures) measure.check(all);
  }

  get name(): string {
    return this.document.name ?? this.source;
  }

  /** Combinations of parameters. */
  get combinations(): number {
    return this.#space.size;
  }

  /** Whether several runs may have the same parameters, or parameters make a grid; otherwise each run has its own by chance. */
  get isGrouped(): boolean {
    return (this.document.search ?? "grid") === "grid" || this.runs > this.combinations;
  }

  /** Most runs: a rule may end the sweep before. */
  get runs(): number {
    return this.#space.size * seedCount(this.document.seeds);
  }

  /** All combinations with the first seed, then all with the next. */
  point(run: number): RunPoint {
    const { size } = this.#space;
    return { run, seed: seedAt(this.document.seeds, Math.floor(run / size)), parameters: this.#space.at(run % size) };
  }

  /** The scenario of a run as plain data, which `memhp run` takes as well. @throws SweepError */
  plainScenario({ run, seed, parameters }: RunPoint): Readonly<Record<string, unknown>> {
    const { head, steps } = this.#filled(parameters);
    return {
      ...head,
      name: `${this.name}: run ${run}`,
      seed,
      steps: steps.map(({ step }) => step),
    };
  }

  /** The machine of a run that begins with an image: seeds are of the sweep where it has some. */
  imageOf({ seed }: RunPoint): MachineImage | undefined {
    if (this.image === undefined || this.document.seeds === undefined) return this.image;
    return { ...this.image, seed };
  }

  /** @throws SweepError, DocumentError */
  scenario({ run, seed, parameters }: RunPoint): RunScenario {
    const { head, steps } = this.#filled(parameters);
    const labels = new Map<string, number[]>();
    for (const [i, { label }] of steps.entries())
      if (label !== undefined) labels.set(label, [...(labels.get(label) ?? []), i]);
    const stands = this.image === undefined ? {} : STAND_INS;
    const plain = { ...stands, ...head, name: `${this.name}: run ${run}`, seed, steps: steps.map(({ step }) => step) };
    return { document: readDocument(plain, `${this.source}: scenario`), labels };
  }

  /** Number of a run's leading steps that are the same for all runs. */
  prefixLength(parameters: Parameters): number {
    return fillSteps(this.#steps.slice(0, this.commonSteps), parameters).length;
  }

  #filled(parameters: Parameters): {
    readonly head: Readonly<Record<string, unknown>>;
    readonly steps: ReturnType<typeof fillSteps>;
  } {
    const { steps: _, ...head } = this.document.scenario;
    return {
      head: { format: "memhp-scenario/1", ...(fill(head, parameters) as object) },
      steps: fillSteps(this.#steps, parameters),
    };
  }
}

function seedCount(seeds: SeedsSpec | undefined): number {
  if (seeds === undefined) return 1;
  return "count" in seeds ? seeds.count : seeds.length;
}

function seedAt(seeds: SeedsSpec | undefined, i: number): number {
  if (seeds === undefined) return 0;
  return "count" in seeds ? (seeds.from ?? 0) + i : (seeds[i] as number);
}

/**
 * Reads the text of a sweep file (YAML or JSON).
 * @param source name of the file, for messages.
 * @param image the machine that `from` names.
 * @throws SweepError
 */
export function parseSweep(text: string, source: string, image?: MachineImage): Sweep {
  try {
    return readSweep(readText(text), source, image);
  } catch (error) {
    if (error instanceof TextError) throw new SweepError(`${source}: ${error.message}`);
    throw error;
  }
}

/** What a text names under `from`, whatever else is right or wrong with it. */
export function fromOf(text: string): string | undefined {
  try {
    const { from } = Object(readText(text)) as { readonly from?: unknown };
    return typeof from === "string" && from !== "" ? from : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The same for a sweep that is already parsed.
 * @throws SweepError with the place and what is allowed
 */
export function readSweep(raw: unknown, source: string, image?: MachineImage): Sweep {
  if (typeof raw !== "object" || raw === null || (raw as { readonly format?: unknown }).format !== SWEEP_FORMAT)
    throw new SweepError(`${source}: expected a sweep, an object with format: ${SWEEP_FORMAT}`);
  const fault = firstFault(sweepSchema, raw);
  if (fault !== undefined) throw new SweepError(`${source}: ${fault}`);
  try {
    return new Sweep(raw as SweepDocument, source, image);
  } catch (error) {
    if (error instanceof SweepError) throw new SweepError(`${source}: ${error.message}`);
    if (error instanceof DocumentError) throw new SweepError(error.message);
    throw error;
  }
}
