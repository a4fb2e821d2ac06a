import type { EventBody, MemoryAction, OnlineType, SimEvent, ZoneName } from "@memhp/abi";
import type { BlockRow, BlockState } from "@memhp/engine";
import type { BatchAnswer, BlockOutcome, RequestResult } from "@memhp/hotplug";

/**
 * A batch's answer as it crosses between threads: the many small objects of a bulk change
 * (rows, outcomes, the four common kinds of events) as numbers in few large arrays.
 */
export interface PackedAnswer {
  readonly rest: Omit<BatchAnswer, "events" | "delta" | "results">;
  readonly results: readonly PackedResult[];
  readonly parts: BatchAnswer["delta"]["parts"];
  readonly nodes: BatchAnswer["delta"]["nodes"];
  readonly pages: BatchAnswer["delta"]["pages"];
  readonly rows: Float64Array;
  /** Every event in order: its kind, then its fields. */
  readonly events: Float64Array;
  readonly strings: readonly string[];
  /** Events of the rare kinds, whole. */
  readonly others: readonly SimEvent[];
}

/** Outcomes of an online or offline: blocks that came out well as numbers, the refused ones whole. */
type PackedResult =
  | {
      readonly op: "online" | "offline";
      readonly done: Float64Array;
      readonly refused: readonly [index: number, outcome: BlockOutcome][];
      readonly total: number;
    }
  | Exclude<RequestResult, { op: "online" | "offline" }>
  | undefined;

const OTHER = 0;
const MEMORY_UEVENT = 1;
const BLOCK = 2;
const NOTIFIER = 3;
const ZONE = 4;
/** Fields of each kind after kind, atNs, node and seq. */
const FIELDS = [1, 2, 3, 8, 5] as const;
const HEAD = 4;
const ROW_FIELDS = 9;
const MEMORY_DEVICE = "/devices/system/memory/memory";
const onlineTypes: readonly (OnlineType | undefined)[] = [undefined, "online", "kernel", "movable"];

class Numbers {
  #array = new Float64Array(1024);
  #length = 0;

  push(...values: readonly number[]): void {
    if (this.#length + values.length > this.#array.length) {
      const larger = new Float64Array(this.#array.length * 2 + values.length);
      larger.set(this.#array);
      this.#array = larger;
    }
    for (const value of values) this.#array[this.#length++] = value;
  }

  take(): Float64Array {
    return this.#array.slice(0, this.#length);
  }
}

/** Numbers for texts that occur again and again. */
class Dictionary {
  readonly strings: string[] = [];
  readonly #index = new Map<string, number>();

  of(text: string): number {
    let index = this.#index.get(text);
    if (index === undefined) {
      index = this.strings.push(text) - 1;
      this.#index.set(text, index);
    }
    return index;
  }
}

export function packAnswer(answer: BatchAnswer): PackedAnswer {
  const { events, delta, results, ...rest } = answer;
  const dictionary = new Dictionary();
  const numbers = new Numbers();
  const others: SimEvent[] = [];
  for (const event of events) packEvent(event, numbers, dictionary, others);
  const rows = new Numbers();
  for (const row of delta.rows) {
    rows.push(
      row.id,
      row.state,
      row.zone,
      row.flags,
      row.node,
      row.presentPages,
      row.altmapPages,
      row.group,
      onlineTypes.indexOf(row.onlineType),
    );
  }
  return {
    rest,
    results: results.map(packResult),
    parts: delta.parts,
    nodes: delta.nodes,
    pages: delta.pages,
    rows: rows.take(),
    events: numbers.take(),
    strings: dictionary.strings,
    others,
  };
}

/** The buffers of a packed answer, which move to the other thread instead of being copied. */
export function buffersOf(packed: PackedAnswer): ArrayBuffer[] {
  const done = packed.results.flatMap((result) =>
    result !== undefined && "done" in result ? [result.done.buffer] : [],
  );
  return [packed.rows.buffer, packed.events.buffer, ...done] as ArrayBuffer[];
}

function packResult(result: RequestResult): PackedResult {
  // A batch that is not finished leaves holes for the requests that still run.
  if (result === undefined || !("outcomes" in result)) return result;
  const done = new Numbers();
  const refused: [number, BlockOutcome][] = [];
  for (const [index, outcome] of result.outcomes.entries()) {
    if (outcome.ok) done.push(index, outcome.block, outcome.changed ? 1 : 0);
    else refused.push([index, outcome]);
  }
  return { op: result.op, done: done.take(), refused, total: result.outcomes.length };
}

function packEvent(event: SimEvent, numbers: Numbers, dictionary: Dictionary, others: SimEvent[]): void {
  const { atNs, node, seq } = event;
  if (
    event.type === "uevent" &&
    event.subsystem === "memory" &&
    event.env === undefined &&
    event.devpath.startsWith(MEMORY_DEVICE)
  ) {
    numbers.push(
      MEMORY_UEVENT,
      atNs,
      node,
      seq,
      dictionary.of(event.action),
      Number(event.devpath.slice(MEMORY_DEVICE.length)),
    );
  } else if (event.type === "block") {
    numbers.push(BLOCK, atNs, node, seq, event.block, dictionary.of(event.from), dictionary.of(event.to));
  } else if (event.type === "notifier") {
    const high = event.statusChangeNidHigh ?? Number.NaN;
    const fields = [event.ret, event.startPfn, event.nrPages, event.statusChangeNidNormal, high, event.statusChangeNid];
    numbers.push(NOTIFIER, atNs, node, seq, dictionary.of(event.name), dictionary.of(event.action), ...fields);
  } else if (event.type === "zone") {
    numbers.push(
      ZONE,
      atNs,
      node,
      seq,
      dictionary.of(event.zone),
      event.startPfn,
      event.spannedPages,
      event.presentPages,
      event.managedPages,
    );
  } else {
    numbers.push(OTHER, atNs, node, seq, others.push(event) - 1);
  }
}

export function unpackAnswer(packed: PackedAnswer): BatchAnswer {
  return {
    ...packed.rest,
    results: packed.results.map(unpackResult) as RequestResult[],
    events: unpackEvents(packed),
    delta: { rows: unpackRows(packed.rows), parts: packed.parts, nodes: packed.nodes, pages: packed.pages },
  };
}

function unpackResult(result: PackedResult): RequestResult | undefined {
  if (result === undefined || !("done" in result)) return result;
  const outcomes: BlockOutcome[] = Array.from({ length: result.total });
  for (let i = 0; i < result.done.length; i += 3) {
    outcomes[result.done[i] as number] = {
      block: result.done[i + 1] as number,
      ok: true,
      changed: result.done[i + 2] === 1,
    };
  }
  for (const [index, outcome] of result.refused) outcomes[index] = outcome;
  return { op: result.op, outcomes };
}

function unpackRows(numbers: Float64Array): BlockRow[] {
  const rows: BlockRow[] = [];
  for (let i = 0; i < numbers.length; i += ROW_FIELDS) {
    const field = (offset: number): number => numbers[i + offset] as number;
    rows.push({
      id: field(0),
      state: field(1) as BlockState,
      zone: field(2),
      flags: field(3),
      node: field(4),
      presentPages: field(5),
      altmapPages: field(6),
      group: field(7),
      onlineType: onlineTypes[field(8)],
    });
  }
  return rows;
}

function unpackEvents({ events: numbers, strings, others }: PackedAnswer): SimEvent[] {
  const events: SimEvent[] = [];
  for (let i = 0; i < numbers.length;) {
    const kind = numbers[i] as 0 | 1 | 2 | 3 | 4;
    const field = (offset: number): number => numbers[i + HEAD + offset] as number;
    const text = (offset: number): string => strings[field(offset)] as string;
    const place = { atNs: numbers[i + 1] as number, node: numbers[i + 2] as number, seq: numbers[i + 3] as number };
    events.push(kind === OTHER ? (others[field(0)] as SimEvent) : { ...bodyOf(kind, field, text), ...place });
    i += HEAD + FIELDS[kind];
  }
  return events;
}

function bodyOf(kind: 1 | 2 | 3 | 4, field: (offset: number) => number, text: (offset: number) => string): EventBody {
  if (kind === MEMORY_UEVENT)
    return { type: "uevent", action: text(0), devpath: `${MEMORY_DEVICE}${field(1)}`, subsystem: "memory" };
  if (kind === BLOCK) return { type: "block", block: field(0), from: text(1), to: text(2) };
  if (kind === NOTIFIER) return notifierBody(field, text);
  return {
    type: "zone",
    zone: text(0) as ZoneName,
    startPfn: field(1),
    spannedPages: field(2),
    presentPages: field(3),
    managedPages: field(4),
  };
}

function notifierBody(field: (offset: number) => number, text: (offset: number) => string): EventBody {
  const high = field(6);
  return {
    type: "notifier",
    name: text(0),
    ret: field(2),
    action: text(1) as MemoryAction,
    startPfn: field(3),
    nrPages: field(4),
    statusChangeNidNormal: field(5),
    ...(Number.isNaN(high) ? {} : { statusChangeNidHigh: high }),
    statusChangeNid: field(7),
  };
}
