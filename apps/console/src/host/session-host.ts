import { ParseError } from "@memhp/abi";
import { start } from "@memhp/machine";
import { type Answer, answer, errorAnswer } from "../session/answer.ts";
import type { Asked, GoTo } from "../session/asked.ts";
import { bootFromForm } from "../session/boot.ts";
import { type BootForm, type Catalogue, defaultForm } from "../session/boot-form.ts";
import type { OperationView } from "../session/operations.ts";
import type * as Replays from "../replay/replay.ts";
import { EventLog } from "../session/event-log.ts";
import { Session } from "../session/session.ts";
import { shardWorkers } from "../session/shard-workers.ts";
import { type Checkpoint, History } from "./history.ts";
import type { Performed } from "../session/perform.ts";
import type * as Terminals from "./terminal.ts";
import type { HostReport } from "./machine-file.ts";
import type * as Later from "./later.ts";
import { HostViews } from "./host-views.ts";
import { Keeper } from "./keeper.ts";
import { type Kept, type KeptDocument, kept } from "./kept.ts";
import { loadImages, loadLater, loadReplay, part } from "./parts.ts";
import { type Picture, Pictures } from "./pictures.ts";
import type { OpenView } from "./views.ts";

/** A file that was opened: a document with steps, or a machine and what it is. */
export interface OpenedFile {
  readonly open: OpenView | undefined;
  readonly words: string | undefined;
  readonly kernel: string;
}

/** A machine that was kept from an earlier visit. */
export interface Restored {
  readonly form: BootForm;
  readonly open: OpenView | undefined;
}

interface Opened {
  readonly replay: Replays.Replay;
  readonly document: KeptDocument;
}

/** What comes behind the first picture does not come beside it. */
const REST_MS = 1000;
/** A machine that has just come up is shown before anything else is loaded. */
const SHOWN_MS = 1500;

/** A machine in a worker, for a page that asks for views and is told of changes. */
export class SessionHost extends HostViews {
  #session: Session | undefined;
  #open: Opened | undefined;
  /** Of a machine that was captured somewhere. */
  #report: HostReport | undefined;
  #form: BootForm = defaultForm;
  #history = new History();
  #terminal: Terminals.Terminal | undefined;
  readonly #keeper: Keeper;
  /** The first picture has been seen. */
  readonly #seen: Promise<void>;
  #sawIt: () => void = () => {};
  #unsubscribe: () => void = () => {};
  readonly #pictures = new Pictures();
  /** It was booted before all kinds of devices were there. */
  #isFirst = false;
  #completing: Promise<typeof Later> | undefined;
  /** Undefined until the first machine was seen. */
  #later: typeof Later | undefined;

  constructor() {
    super();
    this.#keeper = new Keeper(
      () => this.session(),
      () => ({ form: this.#form, document: this.#open?.document, report: this.#report }),
    );
    this.#seen = new Promise((seen) => {
      this.#sawIt = seen;
    });
  }

  /** Kernels that a form may name. */
  async catalogue(): Promise<Catalogue> {
    await this.#seen;
    return (await this.whole()).catalogue();
  }

  /** What can be done to a machine, with the schemas of the operands. The first picture does not wait for them. */
  async operations(): Promise<readonly OperationView[]> {
    await this.#seen;
    const { operationViews } = await this.whole();
    return operationViews;
  }

  /** Boots what a form says. @throws SpecError with words for the person. */
  async boot(form: BootForm): Promise<void> {
    this.#form = form;
    // A first visit's machine is seen at once; what needs more code than that it gets when that has come.
    this.#isFirst = this.#later === undefined && JSON.stringify(form) === JSON.stringify(defaultForm);
    if (!this.#isFirst) await this.whole();
    await this.#take(await bootFromForm(form), undefined);
  }

  /** Starts the machine that the page was left with. @returns undefined where none was kept, or none that starts. */
  async restore(): Promise<Restored | undefined> {
    const found = await kept();
    if (found === undefined) return undefined;
    try {
      await this.whole();
      return await this.#restore(found);
    } catch {
      // Of another version, or damaged: as good as none.
      return undefined;
    }
  }

  async #restore({ checkpoint: from, form, document, origin, steps, report }: Kept): Promise<Restored> {
    this.#form = form;
    const { openDocument, openView } = document === undefined ? {} : await loadReplay();
    const replay =
      document === undefined ? undefined : await openDocument?.(document.text, document.source, form.workers);
    const { imageOf } = await loadImages();
    const machine = await start(await imageOf(from), { ...shardWorkers(form.workers), verify: true });
    const past = { log: new EventLog(undefined, from.events), did: steps };
    const open = replay === undefined || document === undefined ? undefined : { replay, document };
    await this.#take(new Session(machine, origin, past), open, new History(), report);
    return {
      form: { ...form, kernel: machine.kernel.id },
      open: open === undefined ? undefined : openView?.(open.replay, open.document.step),
    };
  }

  /** Runs a scenario or trace from end to end, and stands before its first step, or behind its last. */
  async open(contents: string | Uint8Array, source: string, workers: number, toEnd = false): Promise<OpenedFile> {
    // Both come at the same time.
    await Promise.all([this.whole(), typeof contents === "string" ? loadReplay() : undefined]);
    if (typeof contents === "string") {
      const open = await this.#openDocument(contents, source, workers, toEnd);
      return { open, words: undefined, kernel: open.kernel };
    }
    const words = await this.#openMachine(contents, source, workers);
    return { open: undefined, words, kernel: this.machine.kernel.id };
  }

  /** A captured host or an image: a machine without steps. @returns what it is, in words */
  async #openMachine(bytes: Uint8Array, source: string, workers: number): Promise<string> {
    const { readMachineFile } = await part("files of machines", () => import("./machine-file.ts"));
    const { image, report } = await readMachineFile(source, bytes);
    this.#form = { ...this.#form, workers };
    const machine = await start(image, { ...shardWorkers(workers), verify: report === undefined });
    await this.#take(new Session(machine), undefined, new History(), report);
    const what = report === undefined ? "An image of memhp" : `The host that was captured, Linux ${report.release}`;
    return `${what}, run as ${machine.kernel.id}.${report === undefined ? "" : " What is foreseen of it stands under Host."}`;
  }

  async #openDocument(text: string, source: string, workers: number, toEnd: boolean): Promise<OpenView> {
    const { openDocument, runUpTo, openView } = await loadReplay();
    const replay = await openDocument(text, source, workers);
    this.#form = { ...this.#form, workers };
    const step = toEnd ? replay.document.steps.length : 0;
    await this.#take(await runUpTo(replay, step, workers), { replay, document: { text, source, step } });
    return openView(replay, step);
  }

  /** Runs the open document anew, up to a step. */
  async step(to: number, workers: number): Promise<OpenView> {
    const { runUpTo, openView } = await loadReplay();
    const { replay, document } = this.#opened();
    const step = Math.max(0, Math.min(to, replay.document.steps.length));
    await this.#take(await runUpTo(replay, step, workers), { replay, document: { ...document, step } });
    return openView(replay, step);
  }

  async run(asked: Asked | GoTo): Promise<Answer> {
    this.#keeper.wait();
    const answered = asked.do === "go_to" ? await this.#goTo(asked.done) : await this.#do(asked);
    return { ...answered, done: this.#history.done };
  }

  async #do(asked: Asked): Promise<Answer> {
    const { perform, stepsOf } = await this.whole();
    const session = this.session();
    if (asked.do === "line") {
      const terminal = await this.#terminalNow();
      return this.#deed(session, () => terminal.deed(session, asked.line));
    }
    let performing: ReturnType<typeof stepsOf>;
    try {
      performing = stepsOf(asked, session);
    } catch (error) {
      if (error instanceof ParseError)
        return { ...errorAnswer("which blocks?", error), problem: { op: "write to blocks", operand: "blocks" } };
      throw error;
    }
    if (performing.steps.length === 0) return answer("error", "which blocks?", "There are no such blocks.");
    return this.#deed(session, () => perform(session, performing));
  }

  async #deed(session: Session, work: () => Promise<Performed>): Promise<Answer> {
    const before = await this.#imageBefore(session);
    const { answer: answered, steps, isBroken } = await work();
    if (isBroken) return this.#rescue(answered, before);
    if (steps.length === 0) return answered;
    this.#keeper.changed();
    const failed = answered.tone === "refused" || answered.tone === "error";
    this.#history.add(steps, answered.command, failed, before, session.machine);
    session.notice();
    this.#keeper.keepSoon();
    const { image } = session;
    if (image === undefined) return answered;
    session.image = undefined;
    const { imageBytes } = await loadImages();
    return { ...answered, file: { name: `${image.name}.memhp`, bytes: await imageBytes(image.image) } };
  }

  /** Of many small things one after another not each is preceded by an image; without any there is no way back, but the step itself can be done. */
  async #imageBefore({ log }: Session): Promise<Checkpoint | undefined> {
    if (!this.#keeper.isDone && this.#history.isNear(log.end)) return undefined;
    return this.#keeper.checkpoint().catch(() => undefined);
  }

  async #terminalNow(): Promise<Terminals.Terminal> {
    await this.whole();
    const { Terminal } = await part("the terminal", () => import("./terminal.ts"));
    return (this.#terminal ??= new Terminal());
  }
  /** What the terminal shows. */
  async terminal(): Promise<Terminals.TerminalView> {
    return (await this.#terminalNow()).view(this.session());
  }
  /** A line that only looks. @returns false for one that does something: it has to wait for its turn. */
  async look(line: string): Promise<boolean> {
    return (await this.#terminalNow()).look(this.session(), line);
  }
  /** What could follow, and the part of the line that it stands for. */
  async complete(line: string): Promise<[candidates: string[], part: string]> {
    return (await this.#terminalNow()).complete(this.session(), line);
  }

  /** The kernel is dead, or hangs for good: the machine of before takes its place, where there is one. */
  async #rescue(answered: Answer, before: Checkpoint | undefined): Promise<Answer> {
    const way = before === undefined ? this.#history.wayTo(this.#history.done) : { from: before, again: [] };
    if (way === undefined)
      return { ...answered, text: `${answered.text} There is no image of the machine as it was before; boot another.` };
    await this.#startFrom(way.from);
    const { perform } = await this.whole();
    for (const steps of way.again) await perform(this.session(), { steps });
    return { ...answered, text: `${answered.text} The machine is as it was before.` };
  }

  /** Goes on from an image of this machine. */
  async #startFrom(from: Checkpoint): Promise<void> {
    const { log, did, origin } = this.session();
    const { imageOf } = await loadImages();
    const machine = await start(await imageOf(from), shardWorkers(this.#form.workers));
    log.rewind(from.events);
    const past = { log, did: did.slice(0, from.steps) };
    await this.#take(new Session(machine, origin, past), this.#open, this.#history, this.#report);
  }

  /** Goes back by an image and on from there, or forward: what is done again gives the same bytes. */
  async #goTo(done: number): Promise<Answer> {
    const history = this.#history;
    const isBack = done < history.done;
    const words = isBack ? "undo" : "redo";
    const way = isBack ? history.wayTo(done) : undefined;
    if (isBack && way === undefined) return answer("error", words, "There is no image of the machine as it was then.");
    if (way !== undefined) await this.#startFrom(way.from);
    const { perform } = await this.whole();
    const session = this.session();
    for (const steps of way?.again ?? history.onwardTo(done)) await perform(session, { steps });
    history.arrivedAt(done);
    this.#keeper.changed();
    session.notice();
    this.#keeper.keepSoon();
    const deed = history.view.deeds[isBack ? done : done - 1]?.text ?? "";
    return answer("done", `${words} ${deed}`, isBack ? "The machine is as it was before." : "It is done again.");
  }

  /** Nobody comes back to this machine: the browser keeps nothing of it, and what it keeps of another stays. */
  leaveNothing(): void {
    this.#keeper.isOff = true;
  }

  /** Ends a long command where it stands. */
  stop(): void {
    this.#session?.stop.abort();
  }

  /** Tells of every change from now on; of the next only when what was told has been taken. */
  watch(watcher: (picture: Picture) => Promise<void>): Promise<void> {
    this.#pictures.watcher = watcher;
    return this.#tell();
  }

  async close(): Promise<void> {
    this.#keeper.wait();
    this.#unsubscribe();
    await this.#session?.close();
  }

  protected session(): Session {
    if (this.#session === undefined) throw new Error("memhp bug: no machine was booted");
    return this.#session;
  }
  protected replay(): Replays.Replay {
    return this.#opened().replay;
  }
  #opened(): Opened {
    if (this.#open === undefined) throw new Error("memhp bug: no document is open");
    return this.#open;
  }

  /** The machine before goes when the new one is there. */
  async #take(session: Session, open: Opened | undefined, history = new History(), report?: HostReport): Promise<void> {
    const before = this.#session;
    this.#history = history;
    this.#report = report;
    this.#keeper.changed();
    this.#unsubscribe();
    this.#session = session;
    this.#open = open;
    this.#pictures.forget();
    this.#unsubscribe = session.subscribe(() => void this.#tell());
    await before?.close();
    this.#keeper.keepSoon(SHOWN_MS);
    await this.#tell();
    // Where it does not come now, it is asked for again when somebody acts.
    setTimeout(() => this.#sawIt(), REST_MS);
    this.#seen.then(() => this.whole()).catch(() => {});
  }

  /** Everything that may be done has its code, and the machine its devices: the first is booted again, as nothing was done to it yet. */
  protected whole(): Promise<typeof Later> {
    const complete = async (): Promise<typeof Later> => {
      this.#later = await loadLater();
      if (this.#isFirst) {
        this.#isFirst = false;
        await this.#take(await bootFromForm(this.#form), undefined);
      }
      return this.#later;
    };
    this.#completing = (this.#completing ?? Promise.resolve()).then(complete, complete);
    return this.#completing;
  }

  #tell(): Promise<void> {
    return this.#pictures.tell(
      () => this.#session,
      ({ machine }) => ({
        history: this.#history.view,
        host: this.#report,
        containers: this.#later?.containerViews(machine) ?? [],
        devices: this.#later?.deviceStates(machine) ?? [],
      }),
    );
  }
}
