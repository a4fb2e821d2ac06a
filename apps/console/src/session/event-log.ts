import type { SimEvent } from "@memhp/abi";

/** How many events a session keeps at least, and half of what it keeps at most; a machine of 32,768 blocks makes about half a million when all are onlined. */
const EVENT_LIMIT = 200_000;

/** The newest events of a machine, in the order of its stream. The oldest make room when it is full. */
export class EventLog {
  readonly #limit: number;
  #events: SimEvent[] = [];
  #dropped = 0;

  constructor(limit: number = EVENT_LIMIT) {
    this.#limit = limit;
  }

  push(event: SimEvent): void {
    this.#events.push(event);
    // Making room by halves costs one copy in many pushes.
    if (this.#events.length < this.#limit * 2) return;
    this.#dropped += this.#limit;
    this.#events = this.#events.slice(this.#limit);
  }

  /** Events kept, oldest first. The array is the log's own: read it at once. */
  get events(): readonly SimEvent[] {
    return this.#events;
  }
  /** How many older ones were let go. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The last `count` steps of one block's statechart, newest first. */
  transitionsOf(block: number, count: number): Extract<SimEvent, { type: "block" }>[] {
    const found: Extract<SimEvent, { type: "block" }>[] = [];
    for (let i = this.#events.length - 1; i >= 0 && found.length < count; i--) {
      const event = this.#events[i] as SimEvent;
      if (event.type === "block" && event.block === block) found.push(event);
    }
    return found;
  }

  /** The block whose statechart moved last. */
  lastBlock(): number | undefined {
    return this.#events.findLast((event) => event.type === "block")?.block;
  }

  /** The last refusal that names a block, unless the block came through a change since. */
  lastRefusalOf(block: number): Extract<SimEvent, { type: "refusal" }> | undefined {
    for (let i = this.#events.length - 1; i >= 0; i--) {
      const event = this.#events[i] as SimEvent;
      if (event.type === "refusal" && event.refusal.block === block) return event;
      if (event.type === "uevent" && event.devpath.endsWith(`/memory${block}`)) return undefined;
    }
    return undefined;
  }
}
