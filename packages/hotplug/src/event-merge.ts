import type { SimEvent } from "@memhp/abi";
import type { EventColumns } from "./event-columns.ts";

/** Events of one origin that stand in order. */
interface Run {
  readonly columns: EventColumns;
  at: number;
  readonly end: number;
  /** Of the event at `at`. */
  atNs: number;
  node: number;
  seq: number;
}

function runOf(columns: EventColumns, at: number, end: number): Run {
  return stoodAt({ columns, at, end, atNs: 0, node: 0, seq: 0 }, at);
}

function stoodAt(run: Run, at: number): Run {
  run.at = at;
  run.atNs = run.columns.atNs[at] as number;
  run.node = run.columns.node[at] as number;
  run.seq = run.columns.seq[at] as number;
  return run;
}

/** Events in the order of the stream, still in their columns. */
export class EventStream implements Iterable<SimEvent> {
  readonly #columns: readonly EventColumns[];
  readonly #source: Uint32Array;
  readonly #index: Uint32Array;

  constructor(columns: readonly EventColumns[], source: Uint32Array, index: Uint32Array) {
    this.#columns = columns;
    this.#source = source;
    this.#index = index;
  }

  get length(): number {
    return this.#index.length;
  }

  /** Calls back with the columns that hold each event, and its number there. */
  each(visit: (columns: EventColumns, i: number) => void): void {
    for (let at = 0; at < this.#index.length; at++)
      visit(this.#columns[this.#source[at] as number] as EventColumns, this.#index[at] as number);
  }

  /** Whether there is one that is chosen. */
  some(isChosen: (columns: EventColumns, i: number) => boolean): boolean {
    for (let at = 0; at < this.#index.length; at++)
      if (isChosen(this.#columns[this.#source[at] as number] as EventColumns, this.#index[at] as number)) return true;
    return false;
  }

  *[Symbol.iterator](): Iterator<SimEvent> {
    for (let at = 0; at < this.#index.length; at++)
      yield (this.#columns[this.#source[at] as number] as EventColumns).event(this.#index[at] as number);
  }
}

/** Brings events of several origins into the order of the stream: time, then node, then sequence, whoever came first. */
export class EventMerge {
  /** A heap: the run whose next event is first stands at its top. */
  readonly #runs: Run[] = [];

  /** True while events wait. */
  get holds(): boolean {
    return this.#runs.length > 0;
  }

  /** Time of the next event; Infinity where none waits. */
  get nextNs(): number {
    const [run] = this.#runs;
    return run === undefined ? Number.POSITIVE_INFINITY : run.atNs;
  }

  add(columns: EventColumns): this {
    for (let at = 0; at < columns.length;) {
      let end = at + 1;
      while (end < columns.length && isBefore(columns, end - 1, columns, end)) end++;
      this.#push(runOf(columns, at, end));
      at = end;
    }
    return this;
  }

  /** The events before a time; later ones wait. */
  takeBefore(atNs: number): EventStream {
    const columns: EventColumns[] = [];
    const sources = new Map<EventColumns, number>();
    const most = this.#runs.reduce((sum, run) => sum + run.end - run.at, 0);
    const source = new Uint32Array(most);
    const index = new Uint32Array(most);
    let length = 0;
    for (let run = this.#runs[0]; run !== undefined; run = this.#runs[0]) {
      if (run.atNs >= atNs) break;
      let number = sources.get(run.columns);
      if (number === undefined) sources.set(run.columns, (number = columns.push(run.columns) - 1));
      const end = this.#endOfLead(run, atNs);
      for (let at = run.at; at < end; at++) {
        source[length] = number;
        index[length++] = at;
      }
      if (end === run.end) this.#removeFirst();
      else {
        stoodAt(run, end);
        this.#sink(0);
      }
    }
    return new EventStream(columns, source.subarray(0, length), index.subarray(0, length));
  }

  /** The same where nobody reads them: they need no order. */
  dropBefore(atNs: number): void {
    for (const run of this.#runs.splice(0)) {
      while (run.at < run.end && (run.columns.atNs[run.at] as number) < atNs) run.at++;
      if (run.at < run.end) this.#push(stoodAt(run, run.at));
    }
  }

  /** The first run goes on without the heap as long as its events stand before those of the next one. */
  #endOfLead({ columns, at, end }: Run, atNs: number): number {
    const next = this.#second();
    let lead = at + 1;
    while (lead < end && (columns.atNs[lead] as number) < atNs) {
      if (next !== undefined && !isEventBefore(columns, lead, next)) break;
      lead++;
    }
    return lead;
  }

  #second(): Run | undefined {
    const [, left, right] = this.#runs;
    if (left === undefined || right === undefined) return left;
    return isFirst(right, left) ? right : left;
  }

  #push(run: Run): void {
    const runs = this.#runs;
    let at = runs.push(run) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = runs[parent] as Run;
      if (!isFirst(run, above)) break;
      runs[at] = above;
      runs[parent] = run;
      at = parent;
    }
  }

  #removeFirst(): void {
    const last = this.#runs.pop() as Run;
    if (this.#runs.length === 0) return;
    this.#runs[0] = last;
    this.#sink(0);
  }

  #sink(from: number): void {
    const runs = this.#runs;
    const run = runs[from] as Run;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= runs.length) break;
      let least = runs[child] as Run;
      const right = runs[child + 1];
      if (right !== undefined && isFirst(right, least)) {
        least = right;
        child++;
      }
      if (!isFirst(least, run)) break;
      runs[at] = least;
      runs[child] = run;
      at = child;
    }
  }
}

/** Events of columns in the order of the stream. */
export function inOrder(columns: EventColumns): EventStream {
  return new EventMerge().add(columns).takeBefore(Number.POSITIVE_INFINITY);
}

/** compareEvents of where two runs stand. */
function isFirst(a: Run, b: Run): boolean {
  if (a.atNs !== b.atNs) return a.atNs < b.atNs;
  return a.node === b.node ? a.seq < b.seq : a.node < b.node;
}

function isEventBefore(columns: EventColumns, i: number, { atNs, node, seq }: Run): boolean {
  const own = columns.atNs[i] as number;
  if (own !== atNs) return own < atNs;
  const ownNode = columns.node[i] as number;
  return ownNode === node ? (columns.seq[i] as number) < seq : ownNode < node;
}

/** compareEvents of two events in columns. */
function isBefore(a: EventColumns, i: number, b: EventColumns, j: number): boolean {
  const time = (a.atNs[i] as number) - (b.atNs[j] as number);
  if (time !== 0) return time < 0;
  const node = (a.node[i] as number) - (b.node[j] as number);
  return node === 0 ? (a.seq[i] as number) < (b.seq[j] as number) : node < 0;
}
