import { Prompt, type StepDone } from "@memhp/shell";
import { DimmPlaces, stepTitle, type StepRequest } from "@memhp/scenario";
import { ApiError } from "./api-error.ts";
import type { ServedMachine } from "./served-machine.ts";

/** Lines that wait for others; one more is refused. */
const MAX_WAITING = 64;

type Json = Readonly<Record<string, unknown>>;

/** Lines that one viewer types at a machine: the prompt of `memhp shell`, in a directory of its own. What it does waits with all others' steps. */
export class ServedTerminal {
  readonly #prompt: Prompt;
  #texts: { readonly kind: "printed" | "wrong"; readonly text: string }[] = [];
  #waiting = 0;
  /** One line after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(machine: ServedMachine) {
    const add = (kind: "printed" | "wrong", text: string): void => {
      if (text !== "") this.#texts.push({ kind, text });
    };
    this.#prompt = new Prompt(machine.machine, {
      print: (text) => add("printed", text),
      warn: (text) => add("wrong", text),
      perform: (step) => perform(machine, step),
    });
  }

  /** @throws ApiError for what is no line */
  async line(line: unknown): Promise<Json> {
    const text = typed(line);
    if (this.#waiting >= MAX_WAITING) throw new ApiError(429, `${MAX_WAITING} lines wait already`);
    this.#waiting++;
    const before = this.#last;
    const work = (async (): Promise<Json> => {
      await before;
      try {
        if (!(await this.#prompt.line(text)))
          this.#texts.push({ kind: "printed", text: "The machine stays; close the page to leave it.\n" });
      } catch (error) {
        // Such as a machine that can be watched only: said where it was typed.
        if (!(error instanceof ApiError)) throw error;
        this.#texts.push({ kind: "wrong", text: `${error.message}\n` });
      }
      return { type: "printed", prompt: this.#prompt.text, texts: this.#texts.splice(0) };
    })();
    this.#last = work.catch(() => {}).then(() => void this.#waiting--);
    return work;
  }

  /** @throws ApiError for what is no line */
  complete(line: unknown): Json {
    const [candidates, part] = this.#prompt.complete(typed(line));
    return { type: "candidates", prompt: this.#prompt.text, candidates, part };
  }

  close(): void {
    this.#prompt.close();
  }
}

async function perform(machine: ServedMachine, step: StepRequest): Promise<StepDone> {
  const done = await machine.perform(step);
  const { result, refusal } = done;
  const { outcome, good } = stepTitle(done, new DimmPlaces(machine.machine.board.blockSizeBytes));
  // What a write came to, `echo` and `chmem` say themselves.
  const wrong = good || step.op === "write" ? {} : { wrong: outcome };
  return { result, ...(refusal === undefined ? {} : { refusal }), ...wrong };
}

function typed(line: unknown): string {
  if (typeof line === "string") return line;
  throw new ApiError(400, "line: expected a text");
}
