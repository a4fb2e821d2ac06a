import { EventKind, type EventStream } from "@memhp/hotplug";
import type { Machine, MachineImage } from "@memhp/machine";
import type { StepRequest, StepRunner } from "@memhp/scenario";
import { type BlockColumns, readBlocks, rereadBlocks } from "./block-columns.ts";
import { MachineSamples } from "./machine-samples.ts";
import { DeviceMoves } from "./device-moves.ts";
import { EventLog } from "./event-log.ts";

/** Readers hear of changes at most this often. */
const NOTICE_MS = 40;

/** Uevents of blocks that come and go. */
const movesBlocks: ReadonlySet<string> = new Set(["add", "remove"]);

/** A scenario or trace as it was read, its steps up to here; empty where nobody knows. */
export type Origin = Readonly<Record<string, unknown>>;

/** A running machine and what the page keeps of it: its newest events and its blocks as columns. */
export class Session {
  readonly machine: Machine;
  readonly log: EventLog;
  /** Carries steps out; none before the first. */
  runner: StepRunner | undefined;
  /** What a person did. */
  readonly did: StepRequest[];
  /** An image that the operation `checkpoint` made, until it is fetched. */
  image: { readonly name: string; readonly image: MachineImage } | undefined;
  /** The scenario that the machine began as. */
  readonly origin: Origin;
  /** How far a long command has come; undefined while none is under way. */
  progress: { readonly done: number; readonly total: number } | undefined;
  /** The machine at moments of its time. */
  readonly samples: MachineSamples = new MachineSamples();
  /** Ends a long command where it stands. */
  stop: AbortController = new AbortController();
  /** Counts what no event tells of. */
  fullVersion = 0;
  #version = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #columns: BlockColumns | undefined;
  /** Blocks that moved since the columns were read; `all` where anything may have changed, `shape` where blocks came or went. */
  #stale: Set<number> | "all" | "shape" = "shape";
  readonly #readers = new Set<() => void>();
  readonly #stopHearing: () => void;
  /** How devices move. */
  readonly devices: DeviceMoves;

  /** @param past of a machine that goes on from an image: what is known of its events and of what was done. */
  constructor(
    machine: Machine,
    origin: Origin = {},
    past: { readonly log?: EventLog; readonly did?: readonly StepRequest[] } = {},
  ) {
    this.machine = machine;
    this.origin = origin;
    this.log = past.log ?? new EventLog();
    this.did = [...(past.did ?? [])];
    this.devices = new DeviceMoves(machine);
    this.#stopHearing = machine.listenToStream((events) => this.#take(events));
  }

  /** Names of what goes on in the background. */
  get going(): string[] {
    return this.runner?.target.background.names() ?? [];
  }

  writtenDown(name: string, image: MachineImage): void {
    this.image = { name, image };
  }

  /** Counts up whenever readers were told of something. */
  readonly version = (): number => this.#version;

  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  /** The blocks as they are now; the same object as long as nothing moves. */
  columns(): BlockColumns {
    const stale = this.#stale;
    this.#stale = new Set();
    if (this.#columns === undefined || stale === "shape" || this.#columns.ids.length !== this.machine.map.blocks.size)
      this.#columns = readBlocks(this.machine);
    else if (stale === "all") this.#columns = readBlocks(this.machine, this.#columns, this.#columns.indexOf);
    else if (stale.size > 0) this.#columns = rereadBlocks(this.machine, this.#columns, stale);
    return this.#columns;
  }

  /** Tells all readers now. What was done may have changed what no event tells. */
  notice(): void {
    if (this.#stale !== "shape") this.#stale = "all";
    this.fullVersion += 1;
    this.tell();
  }

  /** Tells all readers of what events told. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#version += 1;
    this.samples.take(this.machine, this.columns());
    for (const reader of this.#readers) reader();
  }

  /** Says how far a long command has come, and gives others a turn: whoever looks, and whoever wants it to stop. */
  async pause(done: number, total: number): Promise<void> {
    this.progress = { done, total };
    this.tell();
    await new Promise((turn) => setTimeout(turn));
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopHearing();
    this.devices.close();
    await this.runner?.end();
    await this.machine.close();
  }

  #take(events: EventStream): void {
    this.log.hear(events);
    events.each((columns, i) => {
      const kind = columns.kind[i];
      if (kind === EventKind.memoryUevent && movesBlocks.has(columns.text(i, 0))) this.#stale = "shape";
      else if (kind === EventKind.migrate) this.samples.migrated(columns.node[i] as number, columns.field(i, 1));
      else if (kind === EventKind.other) this.samples.hear(columns.event(i));
      else if (kind === EventKind.block && typeof this.#stale !== "string") this.#stale.add(columns.field(i, 0));
    });
    this.#timer ??= setTimeout(() => this.tell(), NOTICE_MS);
  }
}
