import { type EventFilter, FilteredEvents } from "../session/event-filter.ts";
import type { EventLog } from "../session/event-log.ts";
import { blockOf, eventWords, isTrouble } from "../words/event-words.ts";
import { groupRefusals } from "../words/refusal-words.ts";
import type { EventsView, EventView } from "./views.ts";

export interface EventWindow {
  readonly filter: EventFilter;
  readonly first: number;
  readonly count: number;
  /** Number of an event whose row is asked for. */
  readonly current?: number;
}

/** Windows of a log as the page asks for them; a filter that is asked for again is not computed again. */
export class EventViews {
  readonly log: EventLog;
  #key = "";
  #filtered: FilteredEvents | undefined;

  constructor(log: EventLog) {
    this.log = log;
  }

  /** @returns undefined where another filter was asked for meanwhile. */
  async window({ filter, first, count, current }: EventWindow): Promise<EventsView | undefined> {
    const key = JSON.stringify(filter);
    if (this.#filtered === undefined || key !== this.#key) {
      this.#key = key;
      this.#filtered = new FilteredEvents(this.log, filter);
    }
    const filtered = this.#filtered;
    if (!(await filtered.advance(() => this.#filtered === filtered))) return undefined;
    const { numbers } = filtered;
    const rows = numbers.slice(first, first + count).map((number) => this.#view(number));
    return { count: numbers.length, first, rows, at: current === undefined ? -1 : placeOf(numbers, current) };
  }

  #view(number: number): EventView {
    const event = this.log.at(number);
    return {
      number,
      atNs: event.atNs,
      node: event.node,
      type: event.type,
      words: eventWords(event),
      isTrouble: isTrouble(event),
      block: blockOf(event),
      refusal: event.type === "refusal" ? groupRefusals([event.refusal])[0] : undefined,
    };
  }
}

function placeOf(numbers: readonly number[], wanted: number): number {
  let [low, high] = [0, numbers.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const number = numbers[middle] as number;
    if (number === wanted) return middle;
    if (number < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
