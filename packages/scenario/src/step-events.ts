import type { SimEvent } from "@memhp/abi";
import { type EventColumns, EventKind, type EventStream } from "@memhp/hotplug";

/** What happened in one step, in the order of the stream. Events of bulk work stay columns until somebody reads them. */
export class StepEvents implements Iterable<SimEvent> {
  readonly #streams: EventStream[] = [];

  hear(events: EventStream): void {
    this.#streams.push(events);
  }

  /** As it is now: what is heard later is no part of it. */
  copy(): StepEvents {
    const copy = new StepEvents();
    for (const stream of this.#streams) copy.hear(stream);
    return copy;
  }

  /** Calls back with the columns that hold each event, and its number there. */
  each(visit: (columns: EventColumns, i: number) => void): void {
    for (const stream of this.#streams) stream.each(visit);
  }

  /** Whether there is one that is chosen. */
  some(isChosen: (columns: EventColumns, i: number) => boolean): boolean {
    return this.#streams.some((stream) => stream.some(isChosen));
  }

  /** Events of the kinds that no bulk work makes many of. */
  others(): SimEvent[] {
    const others: SimEvent[] = [];
    this.each((columns, i) => {
      if (columns.kind[i] === EventKind.other) others.push(columns.event(i));
    });
    return others;
  }

  *[Symbol.iterator](): Iterator<SimEvent> {
    for (const stream of this.#streams) yield* stream;
  }
}
