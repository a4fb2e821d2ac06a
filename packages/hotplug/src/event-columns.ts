import type { EventBody, MemoryAction, MemoryNotify, SimEvent, ZoneName } from "@memhp/abi";

/** How an event stands in columns: kinds that bulk work has many of as numbers, the others whole. */
export const EventKind = { other: 0, memoryUevent: 1, block: 2, notifier: 3, zone: 4, migrate: 5 } as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/** Numbers of each kind. */
const FIELDS = [1, 2, 3, 8, 5, 3] as const;
/** Columns grow by half: room that nobody uses counts where many steps' events are kept. */
const GROWTH = 1.5;
const ROOM = 16;
/** Numbers of the longest kind. */
const MOST_FIELDS: number = Math.max(...FIELDS);
const MEMORY_DEVICE = "/devices/system/memory/memory";
/** In place of a number that an event does not have. */
const ABSENT = -(2 ** 31);

/** Numbers of events one behind the other; as integers of 32 bits where they were packed and are small enough. */
type Fields = Float64Array | Int32Array;

/** Columns of events as they cross between threads. */
export interface EventData {
  /** How many events there are. */
  readonly length: number;
  readonly kind: Uint8Array;
  readonly atNs: Float64Array;
  readonly node: Int32Array;
  readonly seq: Int32Array;
  /** Where the numbers of each event begin in `fields`. */
  readonly start: Int32Array;
  readonly fields: Fields;
  readonly texts: readonly string[];
  readonly others: readonly EventBody[];
}

/**
 * Many events as a few arrays of numbers: an object comes into being when somebody reads it. They stand in the order in which
 * they were added, which is that of the stream only within a node.
 */
export class EventColumns {
  length = 0;
  kind: Uint8Array;
  atNs: Float64Array;
  node: Int32Array;
  seq: Int32Array;
  start: Int32Array;
  fields: Fields;
  #fieldsEnd = 0;
  readonly texts: string[] = [];
  readonly others: EventBody[] = [];
  readonly #textIds = new Map<string, number>();

  /** @param room for how many events at first: what nobody writes to costs no memory, and what has room is not copied. */
  constructor(room: number = ROOM) {
    this.kind = new Uint8Array(room);
    this.atNs = new Float64Array(room);
    this.node = new Int32Array(room);
    this.seq = new Int32Array(room);
    this.start = new Int32Array(room);
    this.fields = new Float64Array(room * MOST_FIELDS);
  }

  static of(events: Iterable<SimEvent>): EventColumns {
    const columns = new EventColumns(1);
    for (const { atNs, node, seq, ...body } of events) columns.add(atNs, node, seq, body);
    return columns;
  }

  /** Columns that came from another thread. Nothing may be added to them. */
  static from(data: EventData): EventColumns {
    return Object.assign(new EventColumns(0), data);
  }

  add(atNs: number, node: number, seq: number, body: EventBody): void {
    if (body.type === "block") this.addBlock(atNs, node, seq, body.block, body.from, body.to);
    else if (body.type === "notifier") this.addNotifier(atNs, node, seq, body, body.action, body);
    else if (body.type === "zone") this.#addZone(atNs, node, seq, body);
    else if (body.type === "migrate") this.#addMigrate(atNs, node, seq, body);
    else if (isMemoryUevent(body))
      this.addMemoryUevent(atNs, node, seq, body.action, Number(body.devpath.slice(MEMORY_DEVICE.length)));
    else {
      const at = this.#place(EventKind.other, atNs, node, seq);
      this.fields[at] = this.others.push(body) - 1;
    }
  }

  addBlock(atNs: number, node: number, seq: number, block: number, from: string, to: string): void {
    const at = this.#place(EventKind.block, atNs, node, seq);
    this.fields[at] = block;
    this.fields[at + 1] = this.#textId(from);
    this.fields[at + 2] = this.#textId(to);
  }

  /** A uevent of a memory block without variables. */
  addMemoryUevent(atNs: number, node: number, seq: number, action: string, block: number): void {
    const at = this.#place(EventKind.memoryUevent, atNs, node, seq);
    this.fields[at] = this.#textId(action);
    this.fields[at + 1] = block;
  }

  addNotifier(
    atNs: number,
    node: number,
    seq: number,
    { name, ret }: { readonly name: string; readonly ret: number },
    action: MemoryAction,
    data: MemoryNotify,
  ): void {
    const at = this.#place(EventKind.notifier, atNs, node, seq);
    const { fields } = this;
    fields[at] = this.#textId(name);
    fields[at + 1] = this.#textId(action);
    fields[at + 2] = ret;
    fields[at + 3] = data.startPfn;
    fields[at + 4] = data.nrPages;
    fields[at + 5] = data.statusChangeNidNormal ?? ABSENT;
    fields[at + 6] = data.statusChangeNidHigh ?? ABSENT;
    fields[at + 7] = data.statusChangeNid ?? ABSENT;
  }

  #addZone(atNs: number, node: number, seq: number, body: Extract<EventBody, { type: "zone" }>): void {
    const at = this.#place(EventKind.zone, atNs, node, seq);
    this.fields[at] = this.#textId(body.zone);
    this.fields[at + 1] = body.startPfn;
    this.fields[at + 2] = body.spannedPages;
    this.fields[at + 3] = body.presentPages;
    this.fields[at + 4] = body.managedPages;
  }

  #addMigrate(atNs: number, node: number, seq: number, body: Extract<EventBody, { type: "migrate" }>): void {
    const at = this.#place(EventKind.migrate, atNs, node, seq);
    this.fields[at] = body.block;
    this.fields[at + 1] = body.pages;
    this.fields[at + 2] = body.targetNode;
  }

  /** Adds event number `i` of other columns. */
  copy(other: EventColumns, i: number): void {
    const kind = other.kind[i] as EventKind;
    const [atNs, node, seq] = [other.atNs[i] as number, other.node[i] as number, other.seq[i] as number];
    if (kind === EventKind.other) return this.add(atNs, node, seq, other.body(i));
    const from = other.start[i] as number;
    const at = this.#place(kind, atNs, node, seq);
    for (let field = 0; field < (FIELDS[kind] as number); field++)
      this.fields[at + field] = isText(kind, field)
        ? this.#textId(other.texts[other.fields[from + field] as number] as string)
        : (other.fields[from + field] as number);
  }

  /**
   * Adds the events from number `from` on again, `times` over: uevents and notifier calls of one block, each time those of its next
   * neighbour, `everyNs` later.
   */
  repeat(from: number, times: number, everyNs: number, blockPages: number): void {
    const count = this.length - from;
    if (count === 0 || times === 0) return;
    const fieldsFrom = this.start[from] as number;
    const perBlock = this.#fieldsEnd - fieldsFrom;
    const end = this.length + count * times;
    const fieldsEnd = this.#fieldsEnd + perBlock * times;
    if (end > this.kind.length) this.#grow(Math.ceil(GROWTH * end));
    if (fieldsEnd > this.fields.length) this.fields = resized(this.fields, Math.ceil(GROWTH * fieldsEnd));
    const { kind, atNs, node, seq, start, fields } = this;
    repeated(kind, from, this.length, end);
    repeated(node, from, this.length, end);
    repeated(seq, from, this.length, end);
    repeated(fields, fieldsFrom, this.#fieldsEnd, fieldsEnd);
    for (let i = this.length; i < end; i++) {
      atNs[i] = (atNs[i - count] as number) + everyNs;
      const at = (start[i - count] as number) + perBlock;
      start[i] = at;
      if (kind[i] === EventKind.memoryUevent) fields[at + 1] = (fields[at + 1 - perBlock] as number) + 1;
      else fields[at + 3] = (fields[at + 3 - perBlock] as number) + blockPages;
    }
    this.length = end;
    this.#fieldsEnd = fieldsEnd;
  }

  /** @returns where its numbers begin. */
  #place(kind: EventKind, atNs: number, node: number, seq: number): number {
    const i = this.length++;
    if (i === this.kind.length) this.#grow(Math.max(ROOM, Math.ceil(GROWTH * i)));
    const at = this.#fieldsEnd;
    this.#fieldsEnd += FIELDS[kind];
    if (this.#fieldsEnd > this.fields.length) this.fields = resized(this.fields, Math.ceil(GROWTH * this.#fieldsEnd));
    this.kind[i] = kind;
    this.atNs[i] = atNs;
    this.node[i] = node;
    this.seq[i] = seq;
    this.start[i] = at;
    return at;
  }

  #grow(length: number): void {
    this.kind = resized(this.kind, length);
    this.atNs = resized(this.atNs, length);
    this.node = resized(this.node, length);
    this.seq = resized(this.seq, length);
    this.start = resized(this.start, length);
  }

  #textId(text: string): number {
    let id = this.#textIds.get(text);
    if (id === undefined) {
      id = this.texts.push(text) - 1;
      this.#textIds.set(text, id);
    }
    return id;
  }

  /** A number of an event; which one is a matter of its kind. NaN for one that it does not have. */
  field(i: number, field: number): number {
    const value = this.fields[(this.start[i] as number) + field] as number;
    return value === ABSENT ? Number.NaN : value;
  }
  text(i: number, field: number): string {
    return this.texts[this.field(i, field)] as string;
  }

  /** Event number `i` in the order in which they were added. */
  event(i: number): SimEvent {
    const body = this.body(i) as { atNs?: number; node?: number; seq?: number } & EventBody;
    if (this.kind[i] === EventKind.other)
      return { ...body, atNs: this.atNs[i] as number, node: this.node[i] as number, seq: this.seq[i] as number };
    body.atNs = this.atNs[i] as number;
    body.node = this.node[i] as number;
    body.seq = this.seq[i] as number;
    return body as SimEvent;
  }

  body(i: number): EventBody {
    const kind = this.kind[i] as EventKind;
    if (kind === EventKind.other) return this.others[this.field(i, 0)] as EventBody;
    if (kind === EventKind.memoryUevent) {
      const devpath = `${MEMORY_DEVICE}${this.field(i, 1)}`;
      return { type: "uevent", action: this.text(i, 0), devpath, subsystem: "memory" };
    }
    if (kind === EventKind.block)
      return { type: "block", block: this.field(i, 0), from: this.text(i, 1), to: this.text(i, 2) };
    if (kind === EventKind.notifier) return this.#notifier(i);
    if (kind === EventKind.migrate)
      return { type: "migrate", block: this.field(i, 0), pages: this.field(i, 1), targetNode: this.field(i, 2) };
    return {
      type: "zone",
      zone: this.text(i, 0) as ZoneName,
      startPfn: this.field(i, 1),
      spannedPages: this.field(i, 2),
      presentPages: this.field(i, 3),
      managedPages: this.field(i, 4),
    };
  }

  #notifier(i: number): EventBody {
    const [normal, high, any] = [this.field(i, 5), this.field(i, 6), this.field(i, 7)];
    return {
      type: "notifier",
      name: this.text(i, 0),
      ret: this.field(i, 2),
      action: this.text(i, 1) as MemoryAction,
      startPfn: this.field(i, 3),
      nrPages: this.field(i, 4),
      ...(Number.isNaN(normal) ? {} : { statusChangeNidNormal: normal }),
      ...(Number.isNaN(high) ? {} : { statusChangeNidHigh: high }),
      ...(Number.isNaN(any) ? {} : { statusChangeNid: any }),
    };
  }

  /** Packs events that are kept for long: without room that nobody uses, and in half of it where all numbers are small. Nothing may be added then. */
  pack(): void {
    this.#grow(this.length);
    const last = this.length - 1;
    const end = last < 0 ? 0 : (this.start[last] as number) + FIELDS[this.kind[last] as EventKind];
    const used = this.fields.subarray(0, end);
    const small = Int32Array.from(used);
    this.fields = used.every((value, i) => value === small[i]) ? small : used.slice();
  }

  /** As they cross to another thread: their buffers go as they are, with the room that nobody used. Nothing is left of them here. */
  moveOut(): EventData {
    const { length, kind, atNs, node, seq, start, fields, texts, others } = this;
    return { length, kind, atNs, node, seq, start, fields, texts, others };
  }
}

function isMemoryUevent(body: EventBody): body is Extract<EventBody, { type: "uevent" }> {
  return (
    body.type === "uevent" &&
    body.subsystem === "memory" &&
    body.env === undefined &&
    /^\/devices\/system\/memory\/memory\d+$/.test(body.devpath)
  );
}

/** Which numbers of a kind stand for texts. */
function isText(kind: EventKind, field: number): boolean {
  if (kind === EventKind.block) return field > 0;
  if (kind === EventKind.notifier) return field < 2;
  return (kind === EventKind.memoryUevent || kind === EventKind.zone) && field === 0;
}

type Column = Uint8Array | Int32Array | Float64Array;

/**
 * The same numbers in a column of another length, in which what is new is 0. The old column is no more, where the engine can move a
 * buffer: else many megabytes would wait to be collected.
 */
function resized<T extends Column>(old: T, length: number): T {
  const Kind = old.constructor as new (of: ArrayBuffer | number) => T;
  const buffer = old.buffer as ArrayBuffer & { readonly transfer?: (bytes: number) => ArrayBuffer };
  if (buffer.transfer !== undefined) return new Kind(buffer.transfer(length * old.BYTES_PER_ELEMENT));
  const other = new Kind(length);
  other.set(old.subarray(0, length));
  return other;
}

/** What stands from `from` up to `filled` once more, over and over, up to `end`. */
function repeated(column: Column, from: number, filled: number, end: number): void {
  for (let at = filled; at < end; at += at - from) column.copyWithin(at, from, Math.min(at, from + end - at));
}
