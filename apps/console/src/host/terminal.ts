import { isDeed, Prompt, type StepDone } from "@memhp/shell";
import type { StepRequest } from "@memhp/scenario";
import { answer } from "../session/answer.ts";
import { perform, type Performed } from "../session/perform.ts";
import type { Session } from "../session/session.ts";

/** Something that stands in the terminal: a line that was typed behind its prompt, what came of it, what was wrong. */
export interface TerminalText {
  readonly kind: "typed" | "printed" | "wrong";
  readonly text: string;
}

export interface TerminalView {
  /** What stands before the next line. */
  readonly prompt: string;
  readonly texts: readonly TerminalText[];
  /** Number of the first text among all that there were. */
  readonly first: number;
}

/** Texts and characters that are kept. */
const MOST_TEXTS = 1000;
const MOST_CHARS = 400_000;

/** The prompt of `memhp shell` on the page's machine. What it does are steps, as all that is done here. */
export class Terminal {
  #texts: TerminalText[] = [];
  #first = 0;
  #chars = 0;
  #open: { readonly session: Session; readonly prompt: Prompt } | undefined;
  /** What the line under way has done so far. */
  #performed: Performed[] = [];

  view(session: Session): TerminalView {
    return { prompt: this.#promptOf(session).text, texts: this.#texts, first: this.#first };
  }

  complete(session: Session, line: string): [candidates: string[], part: string] {
    return this.#promptOf(session).complete(line);
  }

  /** @returns false for a line that does something; then nothing happened. */
  async look(session: Session, line: string): Promise<boolean> {
    if (isDeed(line)) return false;
    await this.#line(session, line);
    return true;
  }

  async deed(session: Session, line: string): Promise<Performed> {
    this.#performed = [];
    await this.#line(session, line);
    const all = this.#performed;
    const [only] = all;
    const steps = all.flatMap((each) => each.steps);
    const done = all.flatMap((each) => each.done);
    const isBroken = all.some((each) => each.isBroken);
    if (only === undefined) {
      const said = this.#texts.findLast(({ kind }) => kind === "wrong")?.text.trim() ?? "Nothing was done.";
      return { answer: answer("error", line, said), steps, done, isBroken };
    }
    if (all.length === 1) return { ...only, answer: { ...only.answer, command: line } };
    const good = all.filter((each) => each.answer.tone === "done").length;
    const tone = good === all.length ? "done" : good > 0 ? "partly" : "refused";
    const refusals = all.flatMap((each) => each.answer.refusals);
    const text = `${good} of ${all.length} writes went through.`;
    return { answer: { ...answer(tone, line, text), refusals }, steps, done, isBroken };
  }

  async #line(session: Session, line: string): Promise<void> {
    const prompt = this.#promptOf(session);
    this.#add("typed", `${prompt.text}${line}`);
    if (!(await prompt.line(line))) this.#add("printed", "The machine stays; close the page to leave it.\n");
  }

  #promptOf(session: Session): Prompt {
    if (this.#open?.session !== session) {
      this.#open?.prompt.close();
      const prompt = new Prompt(session.machine, {
        print: (text) => this.#add("printed", text),
        warn: (text) => this.#add("wrong", text),
        perform: (step) => this.#perform(session, step),
      });
      this.#open = { session, prompt };
    }
    return this.#open.prompt;
  }

  async #perform(session: Session, step: StepRequest): Promise<StepDone> {
    const before = this.#performed.at(-1);
    // Who was told to stop begins nothing more.
    if (before !== undefined && session.stop.signal.aborted)
      return { result: { open_errno: "EINTR" }, wrong: "stopped" };
    const performed = await perform(session, { steps: [step] });
    this.#performed.push(performed);
    const [done] = performed.done;
    const { tone, text } = performed.answer;
    const isWrong = done === undefined || (step.op !== "write" && (tone === "refused" || tone === "error"));
    return {
      result: done?.result,
      ...(done?.refusal === undefined ? {} : { refusal: done.refusal }),
      ...(isWrong ? { wrong: text.replace(/^→ /, "") } : {}),
    };
  }

  #add(kind: TerminalText["kind"], text: string): void {
    if (text === "") return;
    this.#texts = [...this.#texts, { kind, text }];
    this.#chars += text.length;
    while (this.#texts.length > MOST_TEXTS || (this.#chars > MOST_CHARS && this.#texts.length > 1)) {
      const [oldest] = this.#texts;
      this.#texts = this.#texts.slice(1);
      this.#chars -= oldest?.text.length ?? 0;
      this.#first += 1;
    }
  }
}
