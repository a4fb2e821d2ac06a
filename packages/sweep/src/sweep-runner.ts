import { boot, type Machine, type MachineImage, NotQuietError, snapshot, start } from "@memhp/machine";
import {
  checkExpectation,
  type DimmPlace,
  DocumentError,
  endsRun,
  type ExpectationFailure,
  type RunDocument,
  stateView,
  StepRunner,
  type TraceStep,
} from "@memhp/scenario";
import { draws } from "./common-prefix.ts";
import { Kept } from "./kept.ts";
import type { Measured } from "./measure.ts";
import { SweepError } from "./sweep-error.ts";
import type { RunPoint, RunScenario, Sweep } from "./sweep.ts";

/** What is told of a run. `failure` stands where it came to no end: bad input, a kernel that died. */
export interface RunResult extends RunPoint {
  readonly measures?: Readonly<Record<string, Measured>>;
  readonly failure?: string;
}

/** A machine after the steps that several runs have in common. */
interface Prefix {
  readonly image: MachineImage;
  readonly steps: readonly TraceStep[];
  readonly failures: readonly ExpectationFailure[];
  readonly dimms: ReadonlyMap<string, DimmPlace>;
  /** The seed has had no part in it. */
  readonly drawsNothing: boolean;
}

/** How a runner runs. */
export interface SweepRunnerOptions {
  /** Whether common steps are run once; the results are the same without. */
  readonly forks?: boolean;
  /** Is awaited before each step: lets signals and messages be heard, which a run leaves no room for. */
  readonly beforeStep?: () => Promise<void>;
}

/** Carries out runs of a sweep in this thread, in any order. */
export class SweepRunner {
  readonly #sweep: Sweep;
  readonly #forks: boolean;
  readonly #beforeStep: (() => Promise<void>) | undefined;
  readonly #prefixes = new Kept<Prefix | undefined>();
  /** Machines as they boot, before anything is drawn by a seed. */
  readonly #booted = new Kept<MachineImage>();

  constructor(sweep: Sweep, { forks = true, beforeStep }: SweepRunnerOptions = {}) {
    this.#sweep = sweep;
    this.#forks = forks;
    this.#beforeStep = beforeStep;
  }

  /** @param run its number. Errors of the run are results. */
  async run(run: number): Promise<RunResult> {
    const point = this.#sweep.point(run);
    try {
      const scenario = this.#sweep.scenario(point);
      return { ...point, measures: await this.#measure(point, scenario) };
    } catch (error) {
      return { ...point, failure: errorText(error) };
    }
  }

  async #measure(point: RunPoint, scenario: RunScenario): Promise<Readonly<Record<string, Measured>>> {
    const { document, labels } = scenario;
    const length = this.#forks ? this.#sweep.prefixLength(point.parameters) : 0;
    const prefix = length === 0 ? undefined : await this.#prefixOf(point, document, length);
    // What nothing was drawn for yet is the same for all seeds.
    const machine = await (prefix === undefined
      ? this.#boot(point, document)
      : start(prefix.drawsNothing ? { ...prefix.image, seed: this.#seedOf(point) } : prefix.image));
    try {
      const done = await runSteps(document, machine, prefix, this.#beforeStep);
      const run = { kernel: machine.kernel.id, ...done, labels, final: () => stateView(machine) };
      return Object.fromEntries(this.#sweep.measures.map((measure) => [measure.name, measure.of(run)]));
    } finally {
      await machine.close();
    }
  }

  #boot(point: RunPoint, document: RunDocument): Promise<Machine> {
    return start(this.#sweep.imageOf(point) ?? this.#bootImage(document));
  }

  /** The seed has no part in a boot, so that runs of the same machine can have one. */
  #bootImage(document: RunDocument): MachineImage {
    const { machine, kernel, config = {}, kernelBlocks, seed } = document;
    const key = machineKey(document);
    let image = this.#forks ? this.#booted.get(key) : undefined;
    if (image === undefined) this.#booted.set(key, (image = boot(machine, { kernel, config, kernelBlocks, seed })));
    return { ...image, seed };
  }

  /** Of the machine of a run. */
  #seedOf(point: RunPoint): number {
    return this.#sweep.imageOf(point)?.seed ?? point.seed;
  }

  async #prefixOf(point: RunPoint, document: RunDocument, length: number): Promise<Prefix | undefined> {
    const common = document.steps.slice(0, length).map(({ request }) => request);
    const drawsNothing = !common.some(draws) && !goesOnDrawing(this.#sweep.image);
    const key = `${machineKey(document)} ${drawsNothing ? "" : document.seed}`;
    if (this.#prefixes.has(key)) return this.#prefixes.get(key);
    const made = await makePrefix(await this.#boot(point, document), document, length, this.#beforeStep);
    const prefix = made === undefined ? undefined : { ...made, drawsNothing };
    this.#prefixes.set(key, prefix);
    return prefix;
  }
}

/** Whether numbers are drawn from the seed for what began before a machine was written down. */
function goesOnDrawing(image: MachineImage | undefined): boolean {
  return image !== undefined && (image.faults !== undefined || image.loads.some(({ churn }) => churn !== undefined));
}

function machineKey({ kernel, config, rawMachine, kernelBlocks }: RunDocument): string {
  return JSON.stringify([kernel, config, rawMachine, kernelBlocks]);
}

/** @returns undefined where the machine is not at rest then: its runs begin at boot. */
async function makePrefix(
  machine: Machine,
  document: RunDocument,
  length: number,
  beforeStep: SweepRunnerOptions["beforeStep"],
): Promise<Omit<Prefix, "drawsNothing"> | undefined> {
  try {
    const runner = new StepRunner(machine);
    const done = await performSteps(document, runner, [0, length], beforeStep);
    const dimms = new Map(runner.target.dimms);
    if ((await runner.end()).length > 0) return undefined;
    return { ...done, dimms, image: await snapshot(machine) };
  } catch (error) {
    if (error instanceof NotQuietError) return undefined;
    throw error;
  } finally {
    await machine.close();
  }
}

interface Done {
  readonly steps: readonly TraceStep[];
  readonly failures: readonly ExpectationFailure[];
}

async function runSteps(
  document: RunDocument,
  machine: Machine,
  prefix: Prefix | undefined,
  beforeStep: SweepRunnerOptions["beforeStep"],
): Promise<Done> {
  const runner = new StepRunner(machine);
  // References may also name DIMMs that have gone.
  for (const [id, place] of prefix?.dimms ?? []) runner.target.dimms.set(id, place);
  const before = prefix?.steps ?? [];
  const { steps, failures } = await performSteps(document, runner, [before.length, document.steps.length], beforeStep);
  await runner.end();
  return { steps: [...before, ...steps], failures: [...(prefix?.failures ?? []), ...failures] };
}

async function performSteps(
  document: RunDocument,
  runner: StepRunner,
  [from, to]: readonly [from: number, to: number],
  beforeStep: SweepRunnerOptions["beforeStep"],
): Promise<Done> {
  const steps: TraceStep[] = [];
  const failures: ExpectationFailure[] = [];
  for (const [offset, step] of document.steps.slice(from, to).entries()) {
    const i = from + offset;
    await beforeStep?.();
    try {
      const done = await runner.perform(step.request, step.unmovablePages);
      steps.push(done);
      failures.push(...checkExpectation(step, done, i));
    } catch (error) {
      if (endsRun(error)) throw new StepFailed(`step ${i}: ${(error as Error).message}`, { cause: error });
      throw error;
    }
  }
  return { steps, failures };
}

/** A step could not be carried out, and that is no bug of memhp. */
class StepFailed extends Error {
  override readonly name = "StepFailed";
}

function errorText(error: unknown): string {
  if (error instanceof StepFailed || error instanceof SweepError || error instanceof DocumentError)
    return error.message;
  if (endsRun(error)) return (error as Error).message;
  return `memhp bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
