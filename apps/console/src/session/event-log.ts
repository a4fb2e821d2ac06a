import type { SimEvent } from "@memhp/abi";
import { EventColumns, EventKind, type EventStream } from "@memhp/hotplug";

/**
 * How many events a session keeps at least: those of 28,672 blocks that are onlined at once are 458,752. A million took a page of Chromium beyond
 * 200 MB (48 bytes each, and what its collector leaves lying about).
 */
const EVENT_LIMIT = 500_000;
/** Events of one piece: what is let go at a time. */
const PIECE = 16_384;
/** Things that were done whose beginnings are kept. */
const MARK_LIMIT = 500;

/** Something that was done, and the number of its first event. */
export interface Mark {
  readonly text: string;
  readonly from: number;
}

/**
 * The newest events of a machine, in the order of its stream, each under the number that it has in the whole stream. Events of bulk
 * work stay numbers until somebody reads them; the oldest make room when it is full.
 */
export class EventLog {
  readonly #pieces: number;
  readonly #perPiece: number;
  #columns: EventColumns[] = [];
  #marks: Mark[] = [];
  #dropped = 0;
  #end = 0;

  /** @param before how many events there were that it does not keep. */
  constructor(limit: number = EVENT_LIMIT, before = 0) {
    this.#dropped = this.#end = before;
    this.#perPiece = Math.min(PIECE, limit);
    this.#pieces = Math.ceil(limit / this.#perPiece) + 1;
  }

  /** Something begins: what is heard from now on belongs to it. */
  mark(text: string): void {
    this.#marks.push({ text, from: this.#end });
    if (this.#marks.length > MARK_LIMIT) this.#marks.shift();
  }

  /** What was done, the newest last, and the number of the first event of each. */
  get marks(): readonly Mark[] {
    return this.#marks;
  }

  hear(stream: EventStream): void {
    stream.each((columns, i) => this.#room().copy(columns, i));
    this.#end += stream.length;
  }

  push(event: SimEvent): void {
    this.#room().copy(EventColumns.of([event]), 0);
    this.#end += 1;
  }

  /** Forgets what happened from a number on: the machine goes back to there. Before what is kept, nothing is left. */
  rewind(end: number): void {
    this.#marks = this.#marks.filter(({ from }) => from < end);
    if (end >= this.#end) return;
    while (this.#columns.length > 0 && this.#dropped + (this.#columns.length - 1) * this.#perPiece >= end)
      this.#columns.pop();
    const last = this.#columns.pop();
    if (last === undefined) this.#dropped = end;
    else {
      // A full piece was packed, and nothing can be added to it.
      const left = end - this.#dropped - this.#columns.length * this.#perPiece;
      const begun = new EventColumns(this.#perPiece);
      for (let i = 0; i < left; i++) begun.copy(last, i);
      this.#columns.push(begun);
    }
    this.#end = end;
  }

  /** The piece that the next event goes into. */
  #room(): EventColumns {
    let last = this.#columns.at(-1);
    if (last === undefined || last.length === this.#perPiece) {
      last?.pack();
      this.#columns.push((last = new EventColumns(this.#perPiece)));
      if (this.#columns.length > this.#pieces) {
        this.#columns.shift();
        this.#dropped += this.#perPiece;
      }
    }
    return last;
  }

  /** Number of the first event that is kept: how many older ones were let go. */
  get dropped(): number {
    return this.#dropped;
  }
  /** How many there were in all. */
  get end(): number {
    return this.#end;
  }

  /** Event with a number from `dropped` up to `end`. */
  at(number: number): SimEvent {
    const [columns, i] = this.#place(number);
    return columns.event(i);
  }

  #place(number: number): [EventColumns, number] {
    const at = number - this.#dropped;
    return [this.#columns[Math.floor(at / this.#perPiece)] as EventColumns, at % this.#perPiece];
  }

  /** Calls back with the columns that hold each event from a number on, its place there and its number, until told to stop. */
  each(from: number, to: number, visit: (columns: EventColumns, i: number, number: number) => boolean | void): void {
    for (let number = Math.max(from, this.#dropped); number < Math.min(to, this.#end); number++) {
      const [columns, i] = this.#place(number);
      if (visit(columns, i, number) === false) return;
    }
  }

  /** All events, the newest first, until told to stop. */
  #eachBack(visit: (columns: EventColumns, i: number) => boolean): void {
    for (const columns of this.#columns.toReversed())
      for (let i = columns.length - 1; i >= 0; i--) if (!visit(columns, i)) return;
  }

  /** The last `count` steps of one block's statechart, newest first. */
  transitionsOf(block: number, count: number): Extract<SimEvent, { type: "block" }>[] {
    const found: Extract<SimEvent, { type: "block" }>[] = [];
    this.#eachBack((columns, i) => {
      if (columns.kind[i] !== EventKind.block || columns.field(i, 0) !== block) return true;
      found.push(columns.event(i) as Extract<SimEvent, { type: "block" }>);
      return found.length < count;
    });
    return found;
  }

  /** The block whose statechart moved last. */
  lastBlock(): number | undefined {
    let last: number | undefined;
    this.#eachBack((columns, i) => {
      if (columns.kind[i] === EventKind.block) last = columns.field(i, 0);
      return last === undefined;
    });
    return last;
  }

  /** The last refusal that names a block, unless the block came through a change since. */
  lastRefusalOf(block: number): Extract<SimEvent, { type: "refusal" }> | undefined {
    let found: Extract<SimEvent, { type: "refusal" }> | undefined;
    this.#eachBack((columns, i) => {
      const kind = columns.kind[i];
      if (kind === EventKind.memoryUevent) return columns.field(i, 1) !== block;
      if (kind !== EventKind.other) return true;
      const event = columns.event(i);
      if (event.type !== "refusal" || event.refusal.block !== block) return true;
      found = event;
      return false;
    });
    return found;
  }
}
