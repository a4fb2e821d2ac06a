import { encodeImage, type Machine, NotQuietError, snapshot } from "@memhp/machine";
import { checkRequest, endsRun, StepRunner, type StepRequest, stateView, type TraceStep } from "@memhp/scenario";
import { ApiError } from "./api-error.ts";
import { stateInRuns } from "./state-runs.ts";

type Json = Readonly<Record<string, unknown>>;

/** How a state tells of blocks: each by itself, or those alike as one. */
export type StateBlocks = "each" | "runs";

/** @param word what a request says of `blocks`. @throws ApiError */
export function stateBlocks(word: string | null | undefined): StateBlocks {
  if (word === null || word === undefined || word === "each") return "each";
  if (word === "runs") return "runs";
  throw new ApiError(400, `blocks: expected each or runs, found ${JSON.stringify(word)}`);
}

/** Steps that wait for others; one more is refused. */
const MAX_WAITING = 64;
/** Of a file that is read whole. */
const MAX_FILE_BYTES = 64 * 2 ** 20;

export interface ServedMachineInput {
  readonly id: string;
  readonly name: string;
  readonly machine: Machine;
  /** The scenario that it came of; what is done from then on is added to its steps. */
  readonly scenario?: Json;
  /** Takes the machine down with the server; not where it belongs to a shell, a mount or a run. */
  readonly owned: boolean;
  /** Whoever runs it acts on it; others look. */
  readonly watchOnly?: boolean;
}

/** A machine with a name, on which several people act, one step after another. */
export class ServedMachine {
  readonly id: string;
  readonly name: string;
  readonly machine: Machine;
  readonly owned: boolean;
  readonly #scenario: Json | undefined;
  readonly #watchOnly: boolean;
  #runner: StepRunner | undefined;
  readonly #done: StepRequest[] = [];
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();
  #gone = false;
  readonly #onGone: (() => void)[] = [];

  constructor({ id, name, machine, scenario, owned, watchOnly = false }: ServedMachineInput) {
    this.id = id;
    this.name = name;
    this.machine = machine;
    this.owned = owned;
    this.#scenario = scenario;
    this.#watchOnly = watchOnly;
  }

  get head(): Json {
    const { id, name, machine } = this;
    return { id, name, kernel: machine.kernel.id, at_ns: machine.nowNs, blocks: machine.map.blocks.size };
  }

  /** Blocks, zones and masks, as at the end of a trace; `runs`: blocks as `stateInRuns` has them. */
  state(blocks: StateBlocks): Json {
    const state = stateView(this.machine);
    return blocks === "runs" ? stateInRuns(state) : state;
  }

  /**
   * Carries a step out after those that were asked for before it.
   * @throws ApiError
   */
  async perform(request: unknown): Promise<TraceStep> {
    if (this.#watchOnly) throw new ApiError(409, "this machine is under way by itself: it can be watched");
    if (typeof request !== "object" || request === null || Array.isArray(request))
      throw new ApiError(400, "a step is an object with an op (operations: /api/v1/operations)");
    const step = request as StepRequest;
    try {
      checkRequest(step);
    } catch (error) {
      throw asApiError(error);
    }
    if (this.#waiting >= MAX_WAITING) throw new ApiError(429, `${MAX_WAITING} steps wait already`);
    this.#waiting++;
    const before = this.#last;
    const work = (async (): Promise<TraceStep> => {
      await before;
      if (this.#gone) throw new ApiError(404, `machine ${this.id} is gone`);
      this.#runner ??= new StepRunner(this.machine);
      const done = await this.#runner.perform(step);
      this.#done.push(step);
      return done;
    })();
    this.#last = work.catch(() => {});
    try {
      return await work;
    } catch (error) {
      throw asApiError(error);
    } finally {
      this.#waiting--;
    }
  }

  /** @throws ApiError */
  read(path: string): string {
    const read = this.machine.files.read(path);
    if (!read.ok) {
      const isMissing = read.refusal.errno === "ENOENT" || read.refusal.errno === "ENOTDIR";
      throw new ApiError(isMissing ? 404 : 409, `${path}: ${read.refusal.errno}`, read.refusal);
    }
    if (read.value.length > MAX_FILE_BYTES) throw new ApiError(413, `${path} has more than ${MAX_FILE_BYTES} bytes`);
    return read.value;
  }

  /** What was done here, as a scenario that does it again. @throws ApiError where nobody knows how the machine began */
  scenario(): Json {
    if (this.#scenario === undefined)
      throw new ApiError(409, "this machine came of no scenario; its image can be had instead");
    const steps = Array.isArray(this.#scenario["steps"]) ? (this.#scenario["steps"] as readonly unknown[]) : [];
    return { ...this.#scenario, steps: [...steps, ...this.#done] };
  }

  /** The machine as a file. @throws ApiError while something is under way */
  async image(): Promise<ReadableStream<Uint8Array>> {
    await this.#last;
    try {
      return ReadableStream.from(encodeImage(await snapshot(this.machine)));
    } catch (error) {
      if (error instanceof NotQuietError) throw new ApiError(409, error.message);
      throw error;
    }
  }

  /** Calls back once when the machine is taken away. */
  onGone(callback: () => void): void {
    this.#onGone.push(callback);
  }

  async close(): Promise<void> {
    this.#gone = true;
    for (const callback of this.#onGone) callback();
    await this.#last;
    await this.#runner?.end();
    if (this.owned) await this.machine.close();
  }
}

function asApiError(error: unknown): unknown {
  return endsRun(error) ? new ApiError(400, (error as Error).message) : error;
}
