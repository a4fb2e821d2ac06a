import type { Refusal } from "@memhp/abi";
import { KernelBug } from "@memhp/acpi";
import { StuckError } from "@memhp/machine";
import {
  checkRequest,
  DimmPlaces,
  endsRun,
  finishedOutcome,
  refusalsOf,
  StepError,
  type StepRequest,
  StepRunner,
  stepTitle,
  type StepTitle,
  type TraceStep,
} from "@memhp/scenario";
import { countWords } from "../words/size-words.ts";
import { type Answer, answer } from "./answer.ts";
import { detailsOf } from "./result-text.ts";
import type { Session } from "./session.ts";

/** Between so many steps others get a turn. */
const STEPS_AT_A_TIME = 64;

export interface Performing {
  readonly steps: readonly StepRequest[];
  /** Ends at the first that does not go. */
  readonly untilRefused?: boolean;
  /** What the steps are pieces of: their results are summed. */
  readonly whole?: StepRequest | undefined;
}

export interface Performed {
  readonly answer: Answer;
  /** The steps that were carried out. */
  readonly steps: readonly StepRequest[];
  /** What each came to. */
  readonly done: readonly TraceStep[];
  /** The kernel is dead, or nothing could ever end what was begun: the machine cannot go on. */
  readonly isBroken: boolean;
}

/** Carries steps out by their operations. Refusals are part of the answer; what is thrown is a bug or a lost worker. */
export async function perform(session: Session, performing: Performing): Promise<Performed> {
  const { steps, untilRefused = false, whole } = performing;
  const runner = (session.runner ??= newRunner(session));
  session.stop = new AbortController();
  const told = new Told(session, performing);
  try {
    for (const [i, step] of steps.entries()) {
      if (session.stop.signal.aborted) return told.stopped();
      if (i > 0 && (whole !== undefined || i % STEPS_AT_A_TIME === 0)) await session.pause(i, steps.length);
      const words = told.asked(whole ?? step);
      if (words !== undefined && (i === 0 || whole === undefined)) session.log.mark(words);
      const title = told.add(await runner.perform(step));
      if (untilRefused && !title.good) break;
    }
    return told.ended();
  } catch (error) {
    if (!endsRun(error)) throw error;
    return told.failed(error as Error);
  } finally {
    session.progress = undefined;
    session.notice();
  }
}

function newRunner(session: Session): StepRunner {
  const { machine } = session;
  return new StepRunner(machine, undefined, undefined, (name, image) => session.writtenDown(name, image));
}

/** What the steps came to so far. */
class Told {
  readonly #session: Session;
  readonly #asked: Performing;
  /** Where memory lies, for the words of steps. */
  readonly #places: DimmPlaces;
  readonly #done: { readonly step: TraceStep; readonly title: StepTitle }[] = [];
  readonly #refusals: Refusal[] = [];
  readonly #ended: Answer[] = [];

  constructor(session: Session, asked: Performing) {
    this.#session = session;
    this.#asked = asked;
    this.#places = new DimmPlaces(session.machine.board.blockSizeBytes);
    this.#places.lookAt(session.machine);
  }

  /** A step in words, before it is done; undefined for one that has no sense. */
  asked(step: StepRequest): string | undefined {
    try {
      return checkRequest(step).asked(step, this.#places);
    } catch (error) {
      if (error instanceof StepError) return undefined;
      throw error;
    }
  }

  add(step: TraceStep): StepTitle {
    const { machine, did } = this.#session;
    this.#places.lookAt(machine);
    const title = stepTitle(step, this.#places);
    did.push(step.step);
    this.#done.push({ step, title });
    this.#refusals.push(...refusalsOf(step));
    for (const { name, result } of step.finished ?? []) {
      const { outcome, good } = finishedOutcome(result);
      this.#ended.push(answer(good ? "done" : "refused", name, `has ended: ${outcome}.`));
    }
    return title;
  }

  ended(): Performed {
    const [first, ...more] = this.#done;
    if (first === undefined) return this.#told("error", "nothing", "No step was asked for.");
    if (more.length === 0) return this.#one(first.step, first.title);
    const { whole, steps } = this.#asked;
    if (whole !== undefined) return this.#sum(whole);
    const last = this.#done.at(-1) ?? first;
    const good = this.#done.filter(({ title }) => title.good).length;
    const text = `${countWords(good)} of ${countWords(steps.length)} steps are done`;
    const stays = last.title.good ? "" : `; ${last.title.asked}: ${last.title.outcome}`;
    const tone = good === steps.length ? "done" : good > 0 ? "partly" : "refused";
    return this.#told(tone, `${first.title.asked}, and ${countWords(steps.length - 1)} more`, `${text}${stays}.`);
  }

  stopped(): Performed {
    const { steps, whole } = this.#asked;
    const left = countWords(steps.length - this.#done.length);
    const so = whole === undefined || this.#done.length === 0 ? undefined : this.#sum(whole).answer;
    const command = so?.command ?? this.#done[0]?.title.asked ?? "nothing";
    return this.#told(
      "partly",
      command,
      `Stopped with ${left} of ${countWords(steps.length)} steps left. ${so?.text ?? ""}`,
    );
  }

  /** A step that could not be carried out: those before it were. */
  failed(error: Error): Performed {
    const step = this.#asked.steps[this.#done.length];
    const performed = this.#told("error", step?.op ?? "nothing", plainMessage(error, step));
    const isBroken = error instanceof KernelBug || error instanceof StuckError;
    if (step === undefined || !(error instanceof StepError)) return { ...performed, isBroken };
    const problem = { op: step.op, operand: error.operand };
    return { ...performed, answer: { ...performed.answer, problem } };
  }

  #one(step: TraceStep, { asked, outcome, good }: StepTitle): Performed {
    const isWhole = good && (this.#refusals.length === 0 || this.#ended.length > 0);
    const tone = isWhole ? "done" : good || someDone(step.result) ? "partly" : "refused";
    const performed = this.#told(tone, asked, `→ ${outcome}`);
    return { ...performed, answer: { ...performed.answer, details: detailsOf(step) } };
  }

  /** Pieces of one request as one: what they counted is summed, what they listed is joined. */
  #sum(whole: StepRequest): Performed {
    const sum: Record<string, unknown> = {};
    for (const { step } of this.#done)
      for (const [name, value] of Object.entries(step.result as Readonly<Record<string, unknown>>)) {
        const before = sum[name];
        if (typeof value === "number") sum[name] = value + (typeof before === "number" ? before : 0);
        else if (Array.isArray(value))
          sum[name] = [...(Array.isArray(before) ? (before as unknown[]) : []), ...(value as unknown[])];
      }
    const step: TraceStep = { step: whole, result: sum, at_ns: this.#session.machine.nowNs };
    return this.#one(step, stepTitle(step, this.#places));
  }

  #told(tone: Answer["tone"], command: string, text: string): Performed {
    const given = answer(tone, command, text, this.#refusals);
    return {
      answer: this.#ended.length === 0 ? given : { ...given, ended: this.#ended },
      steps: this.#done.map(({ step }) => step.step),
      done: this.#done.map(({ step }) => step),
      isBroken: false,
    };
  }
}

/** Of many blocks some may have gone where others did not. */
function someDone(result: unknown): boolean {
  const { onlined, offlined } = (result ?? {}) as { readonly onlined?: number; readonly offlined?: number };
  return (onlined ?? offlined ?? 0) > 0;
}

/** `load: size: bad size`: the operation stands before it already. */
function plainMessage({ message }: Error, step: StepRequest | undefined): string {
  const prefix = `${step?.op}: `;
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}
