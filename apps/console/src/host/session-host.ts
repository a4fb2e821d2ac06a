import { ParseError } from "@memhp/abi";
import { type Machine, start } from "@memhp/machine";
import { type Answer, answer, errorAnswer } from "../session/answer.ts";
import type { Asked, GoTo } from "../session/asked.ts";
import { bootFromForm } from "../session/boot.ts";
import { type BootForm, type Catalogue, defaultForm } from "../session/boot-form.ts";
import type { OperationView } from "../session/operations.ts";
import type * as Replays from "../replay/replay.ts";
import { EventLog } from "../session/event-log.ts";
import { Session } from "../session/session.ts";
import type { Series } from "../session/samples.ts";
import { shardWorkers } from "../session/shard-workers.ts";
import { blockView, blockWords } from "./block-view.ts";
import { EventViews, type EventWindow } from "./event-views.ts";
import type { ExportKind } from "./exports.ts";
import { type Checkpoint, History } from "./history.ts";
import type { Performed } from "../session/perform.ts";
import type * as Terminals from "./terminal.ts";
import type * as Outlooks from "../session/outlook.ts";
import type * as ChartsOf from "./chart-views.ts";
import type * as SequenceOf from "./sequence-view.ts";
import type { DeviceKind } from "../session/device-moves.ts";
import type { HostReport } from "./machine-file.ts";
import { scenarioText } from "./scenario-text.ts";
import type * as Later from "./later.ts";
import { type Kept, keep, type KeptDocument, kept } from "./kept.ts";
import { loadCharts, loadImages, loadLater, loadOutlook, loadReplay, loadSequence, part } from "./parts.ts";
import { type Picture, Pictures } from "./pictures.ts";
import type { NodeUse } from "./node-use.ts";
import type { PagesView } from "./page-views.ts";
import type { BlockView, EventsView, OpenView, StepFieldsView, ZoneView } from "./views.ts";
import { zoneViews } from "./zone-views.ts";

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

/** The device of each kind whose history is asked for. */
export type ChosenDevices = Readonly<Partial<Record<DeviceKind, string>>>;

/** What comes behind the first picture does not come beside it. */
const REST_MS = 1000;
/** Nothing is kept while the person goes on doing things. */
const KEEP_MS = 300;
/** A machine that has just come up is shown before anything else is loaded. */
const SHOWN_MS = 1500;

/** A machine in a worker, for a page that asks for views and is told of changes. */
export class SessionHost {
  #session: Session | undefined;
  #open: Opened | undefined;
  /** Of a machine that was captured somewhere. */
  #report: HostReport | undefined;
  #form: BootForm = defaultForm;
  #history = new History();
  #terminal: Terminals.Terminal | undefined;
  /** The machine as it is now, where it was written down already. */
  #now: Checkpoint | undefined;
  #keeping: ReturnType<typeof setTimeout> | undefined;
  #events: EventViews | undefined;
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
    this.#seen = new Promise((seen) => {
      this.#sawIt = seen;
    });
  }

  /** Kernels that a form may name. */
  async catalogue(): Promise<Catalogue> {
    await this.#seen;
    return (await this.#whole()).catalogue();
  }

  /** What can be done to a machine, with the schemas of the operands. The first picture does not wait for them. */
  async operations(): Promise<readonly OperationView[]> {
    await this.#seen;
    const { operationViews } = await this.#whole();
    return operationViews;
  }

  /** Boots what a form says. @throws SpecError with words for the person. */
  async boot(form: BootForm): Promise<void> {
    this.#form = form;
    // A first visit's machine is seen at once; what needs more code than that it gets when that has come.
    this.#isFirst = this.#later === undefined && JSON.stringify(form) === JSON.stringify(defaultForm);
    if (!this.#isFirst) await this.#whole();
    await this.#take(await bootFromForm(form), undefined);
  }

  /** Starts the machine that the page was left with. @returns undefined where none was kept, or none that starts. */
  async restore(): Promise<Restored | undefined> {
    const found = await kept();
    if (found === undefined) return undefined;
    try {
      await this.#whole();
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
    await Promise.all([this.#whole(), typeof contents === "string" ? loadReplay() : undefined]);
    if (typeof contents === "string") {
      const open = await this.#openDocument(contents, source, workers, toEnd);
      return { open, words: undefined, kernel: open.kernel };
    }
    const words = await this.#openMachine(contents, source, workers);
    return { open: undefined, words, kernel: this.#machine.kernel.id };
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
    clearTimeout(this.#keeping);
    const answered = asked.do === "go_to" ? await this.#goTo(asked.done) : await this.#do(asked);
    return { ...answered, done: this.#history.done };
  }

  async #do(asked: Asked): Promise<Answer> {
    const { perform, stepsOf } = await this.#whole();
    const session = this.#sessionNow();
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
    // Without an image of before there is no way back, but the step itself can be done.
    const before = await this.#checkpoint().catch(() => undefined);
    const { answer: answered, steps, isBroken } = await work();
    if (isBroken) return this.#rescue(answered, before);
    if (steps.length === 0) return answered;
    this.#now = undefined;
    const failed = answered.tone === "refused" || answered.tone === "error";
    this.#history.add(steps, answered.command, failed, before, session.machine);
    session.notice();
    this.#keepSoon();
    const { image } = session;
    if (image === undefined) return answered;
    session.image = undefined;
    const { imageBytes } = await loadImages();
    return { ...answered, file: { name: `${image.name}.memhp`, bytes: await imageBytes(image.image) } };
  }

  async #terminalNow(): Promise<Terminals.Terminal> {
    await this.#whole();
    const { Terminal } = await part("the terminal", () => import("./terminal.ts"));
    return (this.#terminal ??= new Terminal());
  }
  /** What the terminal shows. */
  async terminal(): Promise<Terminals.TerminalView> {
    return (await this.#terminalNow()).view(this.#sessionNow());
  }
  /** A line that only looks. @returns false for one that does something: it has to wait for its turn. */
  async look(line: string): Promise<boolean> {
    return (await this.#terminalNow()).look(this.#sessionNow(), line);
  }
  /** What could follow, and the part of the line that it stands for. */
  async complete(line: string): Promise<[candidates: string[], part: string]> {
    return (await this.#terminalNow()).complete(this.#sessionNow(), line);
  }

  /** The kernel is dead, or hangs for good: the machine of before takes its place, where there is one. */
  async #rescue(answered: Answer, before: Checkpoint | undefined): Promise<Answer> {
    if (before === undefined)
      return { ...answered, text: `${answered.text} There is no image of the machine as it was before; boot another.` };
    await this.#startFrom(before);
    return { ...answered, text: `${answered.text} The machine is as it was before.` };
  }

  /** Goes on from an image of this machine. */
  async #startFrom(from: Checkpoint): Promise<void> {
    const { log, did, origin } = this.#sessionNow();
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
    const { perform } = await this.#whole();
    const session = this.#sessionNow();
    for (const steps of way?.again ?? history.onwardTo(done)) await perform(session, { steps });
    history.arrivedAt(done);
    this.#now = undefined;
    session.notice();
    this.#keepSoon();
    const deed = history.view.deeds[isBack ? done : done - 1]?.text ?? "";
    return answer("done", `${words} ${deed}`, isBack ? "The machine is as it was before." : "It is done again.");
  }

  /** The machine as it is now, written down; undefined while something is under way in it. */
  async #checkpoint(): Promise<Checkpoint | undefined> {
    if (this.#now === undefined) {
      const { checkpoint } = await loadImages();
      this.#now = await checkpoint(this.#sessionNow());
    }
    return this.#now;
  }

  #keepSoon(ms = KEEP_MS): void {
    clearTimeout(this.#keeping);
    const write = async (): Promise<void> => {
      // What cannot be kept now is kept after the next command.
      const now = await this.#checkpoint().catch(() => undefined);
      if (now === undefined) return;
      const { origin, did: steps } = this.#sessionNow();
      await keep({
        checkpoint: now,
        form: this.#form,
        document: this.#open?.document,
        origin,
        steps,
        report: this.#report,
      });
    };
    this.#keeping = setTimeout(() => void write(), ms);
  }

  /** Ends a long command where it stands. */
  stop(): void {
    this.#session?.stop.abort();
  }

  /** Ids of the blocks that a text names. @throws ParseError */
  async select(text: string): Promise<Int32Array> {
    const { chosenBlocks } = await this.#whole();
    return Int32Array.from(chosenBlocks(this.#machine, text));
  }

  words(block: number): string {
    return blockWords(this.#machine, block);
  }
  block(block: number): BlockView {
    return blockView(this.#sessionNow(), block);
  }
  /** The block whose statechart moved last. */
  lastBlock(): number | undefined {
    return this.#sessionNow().log.lastBlock();
  }

  /** Who is where on the statecharts, and how the chosen ones came there. */
  async charts(...[block, chosen]: [number | undefined, ChosenDevices]): Promise<ChartsOf.ChartViews> {
    await this.#whole();
    const { chartViews } = await loadCharts();
    return chartViews(this.#sessionNow(), block, chosen);
  }
  async chartDefinitions(): Promise<Readonly<Record<keyof ChartsOf.ChartViews, string>>> {
    const { chartDefinitions } = await loadCharts();
    return chartDefinitions();
  }
  /** Who is in a state, or in those within it. */
  async whoIsIn(kind: keyof ChartsOf.ChartViews, path: string): Promise<ChartsOf.WhoView> {
    await this.#whole();
    const { whoIsIn } = await loadCharts();
    return whoIsIn(this.#sessionNow(), kind, path);
  }

  /** Who spoke to whom while something was done: the newest where none is named. */
  async sequence(mark?: number): Promise<SequenceOf.SequenceView> {
    const { sequenceView } = await loadSequence();
    return sequenceView(this.#sessionNow(), mark);
  }

  events(window: EventWindow): Promise<EventsView | undefined> {
    this.#events ??= new EventViews(this.#sessionNow().log);
    return this.#events.window(window);
  }

  /** The machine over its time, or one of its nodes, for charts. */
  series(node?: number): Series {
    return this.#sessionNow().samples.series(node);
  }

  /** The zones of all nodes that have pages. */
  zones(): ZoneView[] {
    return zoneViews(this.#machine);
  }

  /** Whether a block would go offline, and why not. Nothing is tried. */
  async outlook(block: number): Promise<Outlooks.OutlookView | undefined> {
    const { outlookOf } = await loadOutlook();
    return outlookOf(this.#machine, block);
  }
  /** The same of every block. */
  async outlooks(): Promise<Outlooks.OutlookGroups> {
    const { allOutlooks } = await loadOutlook();
    return allOutlooks(this.#machine);
  }
  /** In which order a size or a DIMM would go. @throws ParseError */
  async plan(goal: string): Promise<Outlooks.PlanView> {
    const { planFor } = await loadOutlook();
    return planFor(this.#machine, goal);
  }

  /** What the memory of every node is used for. */
  async nodeUse(): Promise<NodeUse[]> {
    const { nodeUse } = await part("the use of nodes", () => import("./node-use.ts"));
    return nodeUse(this.#machine);
  }

  /** Blocks in which a load has pages, ascending. */
  async loadBlocks(id: string): Promise<Int32Array> {
    const blocks = await part("where loads lie", () => import("./load-blocks.ts"));
    return blocks.loadBlocks(this.#machine, id);
  }

  /** What every page of a block is used for. */
  async pages(block: number): Promise<PagesView> {
    const { pagesView } = await part("looking at pages", () => import("./page-views.ts"));
    return pagesView(this.#sessionNow(), block);
  }

  async fields(step: number): Promise<StepFieldsView> {
    const { fieldsView } = await loadReplay();
    return fieldsView(this.#opened().replay, step);
  }
  /** The run as `memhp run --json` prints it. */
  async traceText(): Promise<string> {
    const { traceText } = await import("../replay/trace-text.ts");
    return traceText(this.#opened().replay.trace);
  }

  /** The machine's scenario with all that was done by hand, as JSON; undefined for a machine that no scenario says how to boot. */
  scenario(): string | undefined {
    const { origin, did } = this.#sessionNow();
    return scenarioText(origin, did);
  }

  /** The machine as `memhp run --save` writes it. @throws Error while something is under way in it */
  async image(): Promise<Uint8Array> {
    const { imageBytes, snapshotOf } = await loadImages();
    return imageBytes(await snapshotOf(this.#machine));
  }

  /** The events that are kept, as a file. */
  async exported(kind: ExportKind): Promise<Blob> {
    const { exported } = await part("writing events down", () => import("./exports.ts"));
    return exported(this.#sessionNow().log, kind);
  }

  /** Tells of every change from now on; of the next only when what was told has been taken. */
  watch(watcher: (picture: Picture) => Promise<void>): Promise<void> {
    this.#pictures.watcher = watcher;
    return this.#tell();
  }

  async close(): Promise<void> {
    clearTimeout(this.#keeping);
    this.#unsubscribe();
    await this.#session?.close();
  }

  get #machine(): Machine {
    return this.#sessionNow().machine;
  }
  #sessionNow(): Session {
    if (this.#session === undefined) throw new Error("memhp bug: no machine was booted");
    return this.#session;
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
    this.#now = undefined;
    this.#unsubscribe();
    this.#session = session;
    this.#open = open;
    this.#events = undefined;
    this.#pictures.forget();
    this.#unsubscribe = session.subscribe(() => void this.#tell());
    await before?.close();
    this.#keepSoon(SHOWN_MS);
    await this.#tell();
    // Where it does not come now, it is asked for again when somebody acts.
    setTimeout(() => this.#sawIt(), REST_MS);
    this.#seen.then(() => this.#whole()).catch(() => {});
  }

  /** Everything that may be done has its code, and the machine its devices: the first is booted again, as nothing was done to it yet. */
  #whole(): Promise<typeof Later> {
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
