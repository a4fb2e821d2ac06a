import { BytePieces } from "./byte-pieces.ts";
import { EventBytes } from "./event-bytes.ts";
import { JsonBytes } from "./json-bytes.ts";
import { recordedEvents } from "./step-recorder.ts";
import type { Trace, TraceStep } from "./trace.ts";

/**
 * Writes a trace as `JSON.stringify(trace, undefined, 2)` would print it, and a newline, piece by piece: each step when it is
 * done. It holds no step back.
 */
export class TraceWriter {
  readonly #out: BytePieces;
  readonly #events: EventBytes;
  readonly #json: JsonBytes;
  #steps = 0;
  #isOpen = false;

  /** @param write is given bytes of UTF-8, which are written over when it has returned */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#out = new BytePieces(write);
    this.#events = new EventBytes(this.#out, " ".repeat(8));
    this.#json = new JsonBytes(this.#out);
  }

  /** What stands before the steps. */
  begin(head: Omit<Trace, "steps" | "unfinished" | "final">): void {
    this.#isOpen = true;
    this.#write("{\n");
    for (const [key, value] of Object.entries(head))
      if (value !== undefined) {
        this.#write(`  ${JSON.stringify(key)}: `);
        this.#json.write(value, 2);
        this.#write(",\n");
      }
    this.#write('  "steps": [');
  }

  step(done: TraceStep): void {
    this.#write(`${this.#steps++ === 0 ? "" : ","}\n    {`);
    const events = recordedEvents(done);
    let separator = "\n";
    for (const key of Object.keys(done)) {
      const isLong = (key === "uevents" || key === "notifications") && events !== undefined;
      const value = isLong ? [] : (done as unknown as Record<string, unknown>)[key];
      if (value === undefined) continue;
      this.#write(`${separator}      ${JSON.stringify(key)}: `);
      separator = ",\n";
      if (!isLong) {
        this.#json.write(value, 6);
        continue;
      }
      this.#write("[\n        ");
      this.#events.write(events, key);
      this.#write("\n      ]");
    }
    this.#write("\n    }");
    this.#out.flush();
  }

  /** What stands behind the steps. */
  end({ unfinished, final }: Pick<Trace, "unfinished" | "final">): void {
    this.#endSteps();
    if (unfinished !== undefined) {
      this.#write(',\n  "unfinished": ');
      this.#json.write(unfinished, 2);
    }
    this.#write(',\n  "final": ');
    this.#json.write(final, 2);
    this.#close();
  }

  /** Ends a trace that has no end: what was written is a document. Nothing where it has ended, or not begun. */
  abandon(): void {
    if (!this.#isOpen) return;
    this.#endSteps();
    this.#close();
  }

  #endSteps(): void {
    this.#write(this.#steps === 0 ? "]" : "\n  ]");
  }

  #close(): void {
    this.#isOpen = false;
    this.#write("\n}\n");
    this.#out.flush();
  }

  #write(text: string): void {
    this.#out.text(text);
  }
}
