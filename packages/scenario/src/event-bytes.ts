import { type EventColumns, EventKind } from "@memhp/hotplug";
import { type BytePieces, bytesOf } from "./byte-pieces.ts";
import type { StepEvents } from "./step-events.ts";
import { eventField, isNotification, isUevent } from "./step-recorder.ts";

const FIELDS = ["status_change_nid_normal", "status_change_nid_high", "status_change_nid"];
const QUOTE = bytesOf('"');

/** A call of `early`: what stands before its first page, and what stood behind it the last time. */
interface Call {
  readonly head: Uint8Array;
  /** The four numbers that `tail` is of. */
  readonly of: Float64Array;
  tail: Uint8Array;
}

/** What is the same in all events of some columns, by the number of a text there. */
interface Templates {
  readonly uevents: (Uint8Array | undefined)[];
  readonly early: (Call | undefined)[];
  readonly late: (Uint8Array | undefined)[];
}

/**
 * The uevents or notifications of a step as a list of JSON, each as `JSON.stringify(field, undefined, 2)` prints it, with lines but its
 * first `indent` further in. Those that bulk work makes many of are written from their numbers.
 */
export class EventBytes {
  readonly #out: BytePieces;
  readonly #line: string;
  /** What stands between two of them: every head begins with it. */
  readonly #between: string;
  #isFirst = true;
  /** By what the templates are of. */
  readonly #heads = new Map<string, Uint8Array>();
  readonly #calls = new Map<string, Call>();

  constructor(out: BytePieces, indent: string) {
    this.#out = out;
    this.#line = `\n${indent}`;
    this.#between = `,${this.#line}`;
  }

  /** Writes them all, with commas and new lines between them. */
  write(events: StepEvents, name: "uevents" | "notifications"): void {
    const isChosen = name === "uevents" ? isUevent : isNotification;
    this.#isFirst = true;
    // Other columns have their texts in another order.
    const ofColumns = new Map<EventColumns, Templates>();
    let last: EventColumns | undefined;
    let templates: Templates | undefined;
    events.each((columns, i) => {
      if (!isChosen(columns, i)) return;
      if (templates === undefined || columns !== last) templates = templatesOf(ofColumns, (last = columns));
      this.#one(columns, i, name, templates);
    });
  }

  #one(columns: EventColumns, i: number, name: "uevents" | "notifications", templates: Templates): void {
    const kind = columns.kind[i];
    if (kind === EventKind.memoryUevent) this.#uevent(columns, i, templates);
    else if (kind === EventKind.notifier) this.#notifier(columns, i, templates);
    else {
      const text = JSON.stringify(eventField(columns, i, name), undefined, 2).replaceAll("\n", this.#line);
      this.#begin(bytesOf(this.#between + text));
    }
  }

  #begin(head: Uint8Array): void {
    this.#out.bytes(this.#isFirst ? head.subarray(this.#between.length) : head);
    this.#isFirst = false;
  }

  #uevent(columns: EventColumns, i: number, { uevents }: Templates): void {
    const head = (uevents[columns.field(i, 0)] ??= remembered(this.#heads, columns.text(i, 0), (action) =>
      bytesOf(this.#between + JSON.stringify(`${action}@/devices/system/memory/memory`).slice(0, -1)),
    ));
    this.#begin(head);
    this.#out.number(columns.field(i, 1));
    this.#out.bytes(QUOTE);
  }

  #notifier(columns: EventColumns, i: number, { early, late }: Templates): void {
    const action = columns.field(i, 1);
    if (columns.text(i, 0) === "late") {
      this.#begin(
        (late[action] ??= remembered(this.#heads, `late ${columns.text(i, 1)}`, () =>
          bytesOf(`${this.#head(columns, i)}${this.#line}}`),
        )),
      );
      return;
    }
    const call = (early[action] ??= remembered(this.#calls, columns.text(i, 1), () => ({
      head: bytesOf(`${this.#head(columns, i)},${this.#line}  "start_pfn": `),
      of: new Float64Array(4).fill(-1),
      tail: QUOTE,
    })));
    if (!isOf(call, columns, i)) {
      for (let at = 0; at < call.of.length; at++) call.of[at] = columns.field(i, 4 + at);
      call.tail = this.#tail(columns, i);
    }
    this.#begin(call.head);
    this.#out.number(columns.field(i, 3));
    this.#out.bytes(call.tail);
  }

  #head(columns: EventColumns, i: number): string {
    const between = `${this.#line}  `;
    const [notifier, action] = [columns.text(i, 0), columns.text(i, 1)].map((text) => JSON.stringify(text));
    return `${this.#between}{${between}"notifier": ${notifier},${between}"action": ${action}`;
  }

  #tail(columns: EventColumns, i: number): Uint8Array {
    const between = `,${this.#line}  `;
    let text = `${between}"nr_pages": ${columns.field(i, 4)}`;
    for (const [at, name] of FIELDS.entries()) {
      const node = columns.field(i, 5 + at);
      if (!Number.isNaN(node)) text += `${between}"${name}": ${node}`;
    }
    return bytesOf(`${text}${this.#line}}`);
  }
}

function isOf({ of }: Call, columns: EventColumns, i: number): boolean {
  for (let at = 0; at < of.length; at++) if (!Object.is(of[at], columns.field(i, 4 + at))) return false;
  return true;
}

function templatesOf(known: Map<EventColumns, Templates>, columns: EventColumns): Templates {
  let templates = known.get(columns);
  if (templates === undefined) known.set(columns, (templates = { uevents: [], early: [], late: [] }));
  return templates;
}

function remembered<T>(kept: Map<string, T>, key: string, make: (key: string) => T): T {
  let value = kept.get(key);
  if (value === undefined) kept.set(key, (value = make(key)));
  return value;
}
