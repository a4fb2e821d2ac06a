import { type EventColumns, EventKind } from "@memhp/hotplug";
import type { EventType } from "../words/event-types.ts";
import { blockOf, eventWords } from "../words/event-words.ts";
import type { EventLog } from "./event-log.ts";

export interface EventFilter {
  readonly hidden: readonly EventType[];
  /** Only events about this block. */
  readonly block?: number;
  readonly text: string;
}

/** Events looked at before somebody else gets a turn. */
const AT_A_TIME = 20_000;

const kindTypes: readonly (EventType | undefined)[] = [undefined, "uevent", "block", "notifier", "zone", "migrate"];

function typeOf(columns: EventColumns, i: number): EventType {
  return kindTypes[columns.kind[i] as number] ?? columns.body(i).type;
}

function blockAt(columns: EventColumns, i: number): number | undefined {
  const kind = columns.kind[i];
  if (kind === EventKind.block || kind === EventKind.migrate) return columns.field(i, 0);
  if (kind === EventKind.memoryUevent) return columns.field(i, 1);
  return kind === EventKind.other ? blockOf(columns.event(i)) : undefined;
}

/** The numbers of the events that a filter lets through. It goes on where it ended when more has happened. */
export class FilteredEvents {
  readonly #log: EventLog;
  readonly #hidden: ReadonlySet<EventType>;
  readonly #block: number | undefined;
  readonly #text: string;
  #numbers: number[] = [];
  #seen: number;

  constructor(log: EventLog, { hidden, block, text }: EventFilter) {
    this.#log = log;
    this.#hidden = new Set(hidden);
    this.#block = block;
    this.#text = text.trim().toLowerCase();
    this.#seen = log.dropped;
  }

  /** Looks at what it has not seen, piece by piece. @returns false for one that was not wanted any more. */
  async advance(isWanted: () => boolean = () => true): Promise<boolean> {
    while (this.#seen < this.#log.end) {
      const to = Math.min(this.#log.end, this.#seen + AT_A_TIME);
      this.#log.each(this.#seen, to, (columns, i, number) => {
        if (this.#lets(columns, i)) this.#numbers.push(number);
      });
      this.#seen = to;
      if (to === this.#log.end) break;
      await new Promise((turn) => setTimeout(turn));
      if (!isWanted()) return false;
    }
    const gone = this.#numbers.findIndex((number) => number >= this.#log.dropped);
    if (gone !== 0 && this.#numbers.length > 0) this.#numbers = gone < 0 ? [] : this.#numbers.slice(gone);
    return true;
  }

  get numbers(): readonly number[] {
    return this.#numbers;
  }

  #lets(columns: EventColumns, i: number): boolean {
    if (this.#hidden.has(typeOf(columns, i))) return false;
    if (this.#block !== undefined && blockAt(columns, i) !== this.#block) return false;
    return this.#text === "" || eventWords(columns.event(i)).toLowerCase().includes(this.#text);
  }
}
