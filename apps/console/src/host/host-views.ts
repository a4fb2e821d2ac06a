import type { Machine } from "@memhp/machine";
import type * as Replays from "../replay/replay.ts";
import type * as Outlooks from "../session/outlook.ts";
import type { DeviceKind } from "../session/device-moves.ts";
import type { Series } from "../session/samples.ts";
import type { Session } from "../session/session.ts";
import type { BlockUse } from "./block-use.ts";
import { blockView, blockWords } from "./block-view.ts";
import type * as ChartsOf from "./chart-views.ts";
import type { EventViews, EventWindow } from "./event-views.ts";
import type { ExportKind } from "./exports.ts";
import type * as Later from "./later.ts";
import type { NodeUse } from "./node-use.ts";
import type { PagesView } from "./page-views.ts";
import { loadCharts, loadImages, loadOutlook, loadReplay, loadSequence, part } from "./parts.ts";
import { scenarioText } from "./scenario-text.ts";
import type * as SequenceOf from "./sequence-view.ts";
import type { BlockView, EventsView, StepFieldsView, ZoneView } from "./views.ts";
import { zoneViews } from "./zone-views.ts";

/** The device of each kind whose history is asked for. */
export type ChosenDevices = Readonly<Partial<Record<DeviceKind, string>>>;

/** What is asked about the machine of a host. Nothing here changes it. */
export abstract class HostViews {
  #events: EventViews | undefined;

  protected abstract session(): Session;
  /** The document that is open. */
  protected abstract replay(): Replays.Replay;
  /** All that may be done, and all kinds of devices. */
  protected abstract whole(): Promise<typeof Later>;

  protected get machine(): Machine {
    return this.session().machine;
  }

  /** Ids of the blocks that a text names. @throws ParseError */
  async select(text: string): Promise<Int32Array> {
    const { selectBlocks } = await this.whole();
    return Int32Array.from(selectBlocks(text, this.machine));
  }

  words(block: number): string {
    return blockWords(this.machine, block);
  }
  block(block: number): BlockView {
    return blockView(this.session(), block);
  }
  /** The block whose statechart moved last. */
  lastBlock(): number | undefined {
    return this.session().log.lastBlock();
  }

  /** Who is where on the statecharts, and how the chosen ones came there. */
  async charts(...[block, chosen]: [number | undefined, ChosenDevices]): Promise<ChartsOf.ChartViews> {
    await this.whole();
    const { chartViews } = await loadCharts();
    return chartViews(this.session(), block, chosen);
  }
  async chartDefinitions(): Promise<Readonly<Record<keyof ChartsOf.ChartViews, string>>> {
    const { chartDefinitions } = await loadCharts();
    return chartDefinitions();
  }
  /** Who is in a state, or in those within it. */
  async whoIsIn(kind: keyof ChartsOf.ChartViews, path: string): Promise<ChartsOf.WhoView> {
    await this.whole();
    const { whoIsIn } = await loadCharts();
    return whoIsIn(this.session(), kind, path);
  }

  /** Who spoke to whom while something was done: the newest where none is named. */
  async sequence(mark?: number): Promise<SequenceOf.SequenceView> {
    const { sequenceView } = await loadSequence();
    return sequenceView(this.session(), mark);
  }

  async events(window: EventWindow): Promise<EventsView | undefined> {
    const views = await part("lists of events", () => import("./event-views.ts"));
    const { log } = this.session();
    if (this.#events?.log !== log) this.#events = new views.EventViews(log);
    return this.#events.window(window);
  }

  /** The machine over its time, or one of its nodes, for charts. */
  series(node?: number): Series {
    return this.session().samples.series(node);
  }

  /** The zones of all nodes that have pages. */
  zones(): ZoneView[] {
    return zoneViews(this.machine);
  }

  /** Whether a block would go offline, and why not. Nothing is tried. */
  async outlook(block: number): Promise<Outlooks.OutlookView | undefined> {
    const { outlookOf } = await loadOutlook();
    return outlookOf(this.machine, block);
  }
  /** The same of every block. */
  async outlooks(): Promise<Outlooks.OutlookGroups> {
    const { allOutlooks } = await loadOutlook();
    return allOutlooks(this.machine);
  }
  /** In which order a size or a DIMM would go. @throws ParseError */
  async plan(goal: string): Promise<Outlooks.PlanView> {
    const { planFor } = await loadOutlook();
    return planFor(this.machine, goal);
  }

  /** What the memory of every node is used for. */
  async nodeUse(): Promise<NodeUse[]> {
    const { nodeUse } = await part("the use of nodes", () => import("./node-use.ts"));
    return nodeUse(this.machine);
  }

  /** How full blocks are; undefined where there are too many to look into. */
  async blockUse(ids: Int32Array): Promise<BlockUse | undefined> {
    const { blockUse } = await part("the use of blocks", () => import("./block-use.ts"));
    return blockUse(this.machine, ids);
  }

  /** Blocks in which a load has pages, ascending. */
  async loadBlocks(id: string): Promise<Int32Array> {
    const blocks = await part("where loads lie", () => import("./load-blocks.ts"));
    return blocks.loadBlocks(this.machine, id);
  }

  /** What every page of a block is used for. */
  async pages(block: number): Promise<PagesView> {
    const { pagesView } = await part("looking at pages", () => import("./page-views.ts"));
    return pagesView(this.session(), block);
  }

  async fields(step: number): Promise<StepFieldsView> {
    const { fieldsView } = await loadReplay();
    return fieldsView(this.replay(), step);
  }
  /** The run as `memhp run --json` prints it. */
  async traceText(): Promise<string> {
    const { traceText } = await import("../replay/trace-text.ts");
    return traceText(this.replay().trace);
  }

  /** The machine's scenario with all that was done by hand, as JSON; undefined for a machine that no scenario says how to boot. */
  scenario(): string | undefined {
    const { origin, did } = this.session();
    return scenarioText(origin, did);
  }

  /** The machine as `memhp run --save` writes it. @throws Error while something is under way in it */
  async image(): Promise<Uint8Array> {
    const { imageBytes, snapshotOf } = await loadImages();
    return imageBytes(await snapshotOf(this.machine));
  }

  /** The events that are kept, as a file. */
  async exported(kind: ExportKind): Promise<Blob> {
    const { exported } = await part("writing events down", () => import("./exports.ts"));
    return exported(this.session().log, kind);
  }
}
