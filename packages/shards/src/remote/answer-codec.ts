import type { OnlineType } from "@memhp/abi";
import type { BlockRun, BlockState } from "@memhp/engine";
import {
  type BatchAnswer,
  type BlockOutcome,
  type BlockRefused,
  EventColumns,
  type EventData,
  type RequestResult,
} from "@memhp/hotplug";

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

/** Outcomes of an online or offline, as pairs of a code and how many in a row have it; the refused ones whole, in their order. */
type PackedResult =
  | {
      readonly op: "online" | "offline";
      readonly codes: Uint32Array;
      readonly refused: readonly BlockRefused[];
    }
  | Exclude<RequestResult, { op: "online" | "offline" }>
  | undefined;

const outcomeCodes: readonly Exclude<BlockOutcome, BlockRefused>[] = ["unchanged", "changed"];
const REFUSED = outcomeCodes.length;
const ROW_FIELDS = 10;
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
  for (const { row, count } of delta.rows) {
    rows.push(count);
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
    events: events.moveOut(),
  };
}

/** The buffers of a packed answer, which move to the other thread instead of being copied. */
export function buffersOf(packed: PackedAnswer): ArrayBuffer[] {
  const codes = packed.results.flatMap((result) => (result !== undefined && "codes" in result ? [result.codes] : []));
  const { kind, atNs, node, seq, start, fields } = packed.events;
  return [packed.rows, kind, atNs, node, seq, start, fields, ...codes].map((column) => column.buffer as ArrayBuffer);
}

function packResult(result: RequestResult): PackedResult {
  // A batch that is not finished leaves holes for the requests that still run.
  if (result === undefined || !("outcomes" in result)) return result;
  const { op, outcomes } = result;
  const refused: BlockRefused[] = [];
  const codes: number[] = [];
  for (let i = 0; i < outcomes.length;) {
    const outcome = outcomes[i] as BlockOutcome;
    let count = 1;
    if (typeof outcome === "string") while (outcomes[i + count] === outcome) count++;
    else refused.push(outcome);
    codes.push(typeof outcome === "string" ? outcomeCodes.indexOf(outcome) : REFUSED, count);
    i += count;
  }
  return { op, codes: Uint32Array.from(codes), refused };
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
  if (result === undefined || !("codes" in result)) return result;
  const { op, codes, refused } = result;
  const outcomes: BlockOutcome[] = [];
  let next = 0;
  for (let i = 0; i < codes.length; i += 2) {
    const outcome = outcomeCodes[codes[i] as number] ?? (refused[next++] as BlockRefused);
    for (let left = codes[i + 1] as number; left > 0; left--) outcomes.push(outcome);
  }
  return { op, outcomes };
}

function unpackRows(numbers: Float64Array): BlockRun[] {
  const rows: BlockRun[] = [];
  for (let i = 0; i < numbers.length; i += ROW_FIELDS) {
    const field = (offset: number): number => numbers[i + offset] as number;
    const row = {
      id: field(1),
      state: field(2) as BlockState,
      zone: field(3),
      flags: field(4),
      node: field(5),
      presentPages: field(6),
      altmapPages: field(7),
      group: field(8),
      onlineType: onlineTypes[field(9)],
    };
    rows.push({ row, count: field(0) });
  }
  return rows;
}
