import { dimmsOf, containersOf } from "@memhp/devices";
import { zoneName } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type * as Outlooks from "../session/outlook.ts";
import type { Answer } from "../session/answer.ts";
import { selectBlocks } from "@memhp/scenario";
import type { BlockShape } from "../session/block-columns.ts";
import { bootFromForm, catalogue } from "../session/boot.ts";
import type { BootForm, Catalogue } from "../session/boot-form.ts";
import { carryOut, type Command } from "../session/commands.ts";
import type * as Replays from "../replay/replay.ts";
import type * as OpenViews from "../replay/open-view.ts";
import type { Session } from "../session/session.ts";
import { blockView, blockWords } from "./block-view.ts";
import { EventViews, type EventWindow } from "./event-views.ts";
import { liveView, partsView } from "./machine-view.ts";
import type { BlockView, EventsView, LiveView, OpenView, PartsView, StepFieldsView, ZoneView } from "./views.ts";

/** What has changed, for the page to draw. What is undefined has not. */
export interface Picture {
  readonly live: LiveView;
  readonly parts: PartsView | undefined;
  readonly shape: BlockShape | undefined;
  readonly columns:
    | { readonly state: Uint8Array; readonly zone: Uint8Array; readonly unmovable: Uint8Array }
    | undefined;
}

/** A command whose blocks are named as a person does: `32-39`, `offline & node:1`. */
export type Asked<C extends Command = Command> = C extends { readonly blocks: readonly number[] }
  ? Omit<C, "blocks"> & { readonly blocks: string | readonly number[] }
  : C;

interface Opened {
  readonly replay: Replays.Replay;
  readonly step: number;
}

// Reading scenarios needs a YAML parser and the runner; who never opens one does not load them.
const loadReplay = (): Promise<typeof Replays & typeof OpenViews> =>
  part("reading scenarios", async () => {
    const [replay, views] = await Promise.all([import("../replay/replay.ts"), import("../replay/open-view.ts")]);
    return { ...replay, ...views };
  });
const loadOutlook = (): Promise<typeof Outlooks> => part("forecasts", () => import("../session/outlook.ts"));

/** Code that comes when it is needed, or a sentence where it does not. */
async function part<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const why = "is the server that this page came from still there? The machine is as it was";
    throw new Error(`The code for ${name} could not be loaded: ${why}.`, { cause: error });
  }
}

/** A machine in a worker, for a page that asks for views and is told of changes. */
export class SessionHost {
  #session: Session | undefined;
  #open: Opened | undefined;
  #events: EventViews | undefined;
  #watcher: ((picture: Picture) => Promise<void>) | undefined;
  #unsubscribe: () => void = () => {};
  #isTelling = false;
  #isStale = false;
  #told: { shape?: BlockShape; state?: Uint8Array; fullVersion?: number } = {};

  /** Kernels that a form may name. */
  catalogue(): Catalogue {
    return catalogue();
  }

  /** Boots what a form says. @throws SpecError with words for the person. */
  async boot(form: BootForm): Promise<void> {
    await this.#take(await bootFromForm(form), undefined);
  }

  /** Runs a scenario or trace from end to end, and stands before its first step. */
  async open(text: string, source: string, workers: number): Promise<OpenView> {
    const { openDocument, runUpTo, openView } = await loadReplay();
    const replay = await openDocument(text, source, workers);
    await this.#take(await runUpTo(replay, 0, workers), { replay, step: 0 });
    return openView(replay, 0);
  }

  /** Runs the open document anew, up to a step. */
  async step(to: number, workers: number): Promise<OpenView> {
    const { runUpTo, openView } = await loadReplay();
    const { replay } = this.#opened();
    const step = Math.max(0, Math.min(to, replay.document.steps.length));
    await this.#take(await runUpTo(replay, step, workers), { replay, step });
    return openView(replay, step);
  }

  async run(command: Asked): Promise<Answer> {
    const session = this.#sessionNow();
    return carryOut(session, this.#named(command));
  }

  /** Ends a long command where it stands. */
  stop(): void {
    this.#session?.stop.abort();
  }

  /** Ids of the blocks that a text names. @throws ParseError */
  select(text: string): Int32Array {
    return Int32Array.from(this.#select(text));
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

  events(window: EventWindow): Promise<EventsView | undefined> {
    this.#events ??= new EventViews(this.#sessionNow().log);
    return this.#events.window(window);
  }

  zones(): ZoneView[] {
    return [...this.#machine.map.nodes.values()]
      .sort((a, b) => a.id - b.id)
      .flatMap((node) =>
        node.zones
          .filter((zone) => zone.spannedPages > 0 || zone.presentPages > 0)
          .map(({ index, startPfn, spannedPages, presentPages, managedPages }) => ({
            node: node.id,
            zone: index,
            name: zoneName(index),
            startPfn,
            spannedPages,
            presentPages,
            managedPages,
          })),
      );
  }

  /** Whether a block would go offline, and why not. Nothing is tried. */
  async outlook(block: number): Promise<Outlooks.OutlookView | undefined> {
    const { outlookOf } = await loadOutlook();
    return outlookOf(this.#machine, block);
  }
  /** In which order a size or a DIMM would go. @throws ParseError */
  async plan(goal: string): Promise<Outlooks.PlanView> {
    const { planFor } = await loadOutlook();
    return planFor(this.#machine, goal);
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

  /** The machine's scenario with all that was done by hand, and what of it no step can say. @returns JSON */
  scenario(): { readonly text: string; readonly unsaid: readonly string[] } {
    const { origin, did } = this.#sessionNow();
    const before = (origin["steps"] ?? []) as readonly unknown[];
    const scenario = { ...origin, steps: [...before, ...did.steps] };
    return { text: `${JSON.stringify(scenario, undefined, 2)}\n`, unsaid: did.unsaid };
  }

  /** Tells of every change from now on; of the next only when what was told has been taken. */
  watch(watcher: (picture: Picture) => Promise<void>): Promise<void> {
    this.#watcher = watcher;
    return this.#tell();
  }

  async close(): Promise<void> {
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
  async #take(session: Session, open: Opened | undefined): Promise<void> {
    const before = this.#session;
    this.#unsubscribe();
    this.#session = session;
    this.#open = open;
    this.#events = undefined;
    this.#told = {};
    this.#unsubscribe = session.subscribe(() => void this.#tell());
    await before?.close();
    await this.#tell();
  }

  #named(command: Asked): Command {
    if (!("blocks" in command) || typeof command.blocks !== "string") return command as Command;
    return { ...command, blocks: this.#select(command.blocks) };
  }

  #select(text: string): number[] {
    const machine = this.#machine;
    return selectBlocks(text, {
      map: machine.map,
      dimms: new Map(
        dimmsOf(machine)
          .list()
          .map((dimm) => [dimm.id, dimm]),
      ),
      containers: containersOf(machine),
      blockSizeBytes: machine.board.blockSizeBytes,
    });
  }

  async #tell(): Promise<void> {
    this.#isStale = true;
    if (this.#isTelling || this.#watcher === undefined) return;
    this.#isTelling = true;
    try {
      while (this.#isStale && this.#session !== undefined) {
        this.#isStale = false;
        await this.#watcher(this.#picture(this.#session));
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #picture(session: Session): Picture {
    const told = this.#told;
    const { ids, segments, state, zone, unmovable } = session.columns();
    const isNew = told.shape?.ids !== ids;
    const isMoved = isNew || told.state !== state;
    const isFull = isNew || told.fullVersion !== session.fullVersion;
    this.#told = { shape: { ids, segments }, state, fullVersion: session.fullVersion };
    return {
      live: liveView(session),
      parts: isFull ? partsView(session) : undefined,
      shape: isNew ? { ids, segments } : undefined,
      columns: isMoved ? { state, zone, unmovable } : undefined,
    };
  }
}
