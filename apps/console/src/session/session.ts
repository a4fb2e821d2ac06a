import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import { Background } from "@memhp/scenario";
import { type BlockColumns, readBlocks } from "./block-columns.ts";
import { EventLog } from "./event-log.ts";

/** Readers hear of changes at most this often. */
const NOTICE_MS = 40;

/** A running machine and what the page keeps of it: its newest events and its blocks as columns. */
export class Session {
  readonly machine: Machine;
  readonly log: EventLog = new EventLog();
  /** Writes that go on beside what the person does. */
  readonly background: Background;
  #version = 0;
  #noticed = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #columns: { version: number; value: BlockColumns } | undefined;
  readonly #readers = new Set<() => void>();
  readonly #stop: () => void;

  constructor(machine: Machine) {
    this.machine = machine;
    this.background = new Background(machine);
    this.#stop = machine.listen((event) => this.#take(event));
  }

  /** Counts up whenever something changed that readers were told of. */
  readonly version = (): number => this.#noticed;

  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  /** The blocks as they were at the last notice. */
  columns(): BlockColumns {
    if (this.#columns?.version !== this.#noticed)
      this.#columns = { version: this.#noticed, value: readBlocks(this.machine) };
    return this.#columns.value;
  }

  /** Tells all readers now. */
  notice(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#noticed = ++this.#version;
    for (const reader of this.#readers) reader();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stop();
    await this.background.end();
    await this.machine.close();
  }

  #take(event: SimEvent): void {
    this.log.push(event);
    this.#timer ??= setTimeout(() => this.notice(), NOTICE_MS);
  }
}
