import { EventText } from "./event-text.ts";
import { recordedEvents } from "./step-recorder.ts";
import type { Trace, TraceStep } from "./trace.ts";

/** Pieces of this length are worth a write. */
const PIECE = 1 << 18;

/**
 * Writes a trace as `JSON.stringify(trace, undefined, 2)` would print it, and a newline, piece by piece: each step when it is
 * done. It holds no step back.
 */
export class TraceWriter {
  readonly #out: (text: string) => void;
  #text = "";
  readonly #events = new EventText(" ".repeat(8));
  #steps = 0;
  #isOpen = false;

  constructor(write: (text: string) => void) {
    this.#out = write;
  }

  /** What stands before the steps. */
  begin(head: Omit<Trace, "steps" | "unfinished" | "final">): void {
    this.#isOpen = true;
    this.#write("{\n");
    for (const [key, value] of Object.entries(head))
      if (value !== undefined) this.#write(`  ${JSON.stringify(key)}: ${indented(value, 2)},\n`);
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
        this.#write(indented(value, 6));
        continue;
      }
      let before = "[\n        ";
      this.#events.each(events, key, (field) => {
        this.#write(before + field);
        before = ",\n        ";
      });
      this.#write("\n      ]");
    }
    this.#write("\n    }");
    this.#flush();
  }

  /** What stands behind the steps. */
  end({ unfinished, final }: Pick<Trace, "unfinished" | "final">): void {
    this.#endSteps();
    if (unfinished !== undefined) this.#write(`,\n  "unfinished": ${indented(unfinished, 2)}`);
    this.#write(`,\n  "final": ${indented(final, 2)}`);
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
    this.#flush();
  }

  #write(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE) this.#flush();
  }

  #flush(): void {
    const text = this.#text;
    this.#text = "";
    if (text !== "") this.#out(text);
  }
}

function indented(value: unknown, columns: number): string {
  const text = JSON.stringify(value, undefined, 2);
  return text.includes("\n") ? text.replaceAll("\n", `\n${" ".repeat(columns)}`) : text;
}
