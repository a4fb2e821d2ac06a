import type { OnlineType } from "@memhp/abi";
import type { BlockRow, BlockState } from "@memhp/engine";
import { type BatchAnswer, type BlockOutcome, EventColumns, type EventData, type RequestResult } from "@memhp/hotplug";

/**
 * A batch's answer as it crosses between threads: the many small objects of a bulk change
 * (rows, outcomes) as numbers in few large arrays, as its events are already.
 */
export interface PackedAnswer {
  readonly rest: Omit<BatchAnswer, "events" | "delta" | "results">;
  readonly results: readonly PackedResult[];
  readonly parts: BatchAnswer["delta"]["parts"];
  readonly nodes: BatchAnswer["delta"]["nodes"];
  readonly pages: BatchAnswer["delta"]["pages"];
  readonly rows: Float64Array;
  readonly events: EventData;
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

const ROW_FIELDS = 9;
const onlineTypes: readonly (OnlineType | undefined)[] = [undefined, "online", "kernel", "movable"];

class Numbers {
  #array = new Float64Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#array.length) {
      const larger = new Float64Array(this.#array.length * 2);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.#length++] = value;
  }

  take(): Float64Array {
    return this.#array.slice(0, this.#length);
  }
}

export function packAnswer(answer: BatchAnswer): PackedAnswer {
  const { events, delta, results, ...rest } = answer;
  const rows = new Numbers();
  for (const row of delta.rows) {
    rows.push(row.id);
    rows.push(row.state);
    rows.push(row.zone);
    rows.push(row.flags);
    rows.push(row.node);
    rows.push(row.presentPages);
    rows.push(row.altmapPages);
    rows.push(row.group);
    rows.push(onlineTypes.indexOf(row.onlineType));
  }
  return {
    rest,
    results: results.map(packResult),
    parts: delta.parts,
    nodes: delta.nodes,
    pages: delta.pages,
    rows: rows.take(),
    events: events.data(),
  };
}

/** The buffers of a packed answer, which move to the other thread instead of being copied. */
export function buffersOf(packed: PackedAnswer): ArrayBuffer[] {
  const done = packed.results.flatMap((result) => (result !== undefined && "done" in result ? [result.done] : []));
  const { kind, atNs, node, seq, start, fields } = packed.events;
  return [packed.rows, kind, atNs, node, seq, start, fields, ...done].map((column) => column.buffer as ArrayBuffer);
}

function packResult(result: RequestResult): PackedResult {
  // A batch that is not finished leaves holes for the requests that still run.
  if (result === undefined || !("outcomes" in result)) return result;
  const done = new Numbers();
  const refused: [number, BlockOutcome][] = [];
  for (const [index, outcome] of result.outcomes.entries()) {
    if (!outcome.ok) {
      refused.push([index, outcome]);
      continue;
    }
    done.push(index);
    done.push(outcome.block);
    done.push(outcome.changed ? 1 : 0);
  }
  return { op: result.op, done: done.take(), refused, total: result.outcomes.length };
}

export function unpackAnswer(packed: PackedAnswer): BatchAnswer {
  return {
    ...packed.rest,
    results: packed.results.map(unpackResult) as RequestResult[],
    events: EventColumns.from(packed.events),
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
