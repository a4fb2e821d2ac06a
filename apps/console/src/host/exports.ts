import type { SimEvent } from "@memhp/abi";
import { PerfettoTrace } from "@memhp/scenario";
import type { EventLog } from "../session/event-log.ts";

/** Lines that become one piece of a file. */
const LINES = 4096;

export type ExportKind = "perfetto" | "jsonl";

function* kept(log: EventLog): Generator<SimEvent> {
  for (let number = log.dropped; number < log.end; number++) yield log.at(number);
}

/** Texts one after another, joined as they come. */
function blobOf(texts: Iterable<string>, type: string): Blob {
  const pieces: Blob[] = [];
  let lines: string[] = [];
  const flush = (): void => {
    pieces.push(new Blob([lines.join("")]));
    lines = [];
  };
  for (const text of texts) if (lines.push(text) >= LINES) flush();
  flush();
  return new Blob(pieces, { type });
}

function* jsonLines(log: EventLog): Generator<string> {
  for (const event of kept(log)) yield `${JSON.stringify(event)}\n`;
}

function* perfettoText(log: EventLog): Generator<string> {
  const trace = new PerfettoTrace();
  for (const event of kept(log)) trace.add(event);
  const { traceEvents, ...rest } = trace.finish();
  yield `${JSON.stringify(rest).slice(0, -1)},"traceEvents":[`;
  for (const [i, event] of traceEvents.entries()) yield `${i === 0 ? "" : ","}\n${JSON.stringify(event)}`;
  yield "]}\n";
}

/** The events that are kept, as `memhp run --jsonl` or `--perfetto` writes them. */
export function exported(log: EventLog, kind: ExportKind): Blob {
  return kind === "jsonl"
    ? blobOf(jsonLines(log), "application/x-ndjson")
    : blobOf(perfettoText(log), "application/json");
}
