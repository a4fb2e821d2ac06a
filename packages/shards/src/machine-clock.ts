import type { EventBody, SimEvent } from "@memhp/abi";
import { EventColumns, type EventMerge, type EventStream, inOrder } from "@memhp/hotplug";

/** Hears one event. */
export type EventListener = (event: SimEvent) => void;
/** Hears many events at once, in the order of the stream; those of bulk work are numbers until somebody reads them. */
export type StreamListener = (events: EventStream) => void;

/** Where the clock stands. Plain data. */
export interface ClockImage {
  readonly nowNs: number;
  /** Work stops here; null where nothing stops it. */
  readonly limitNs: number | null;
  /** The last moment at which the machine itself told an event, and how many it told there. */
  readonly toldAtNs: number;
  /** How many events the stream has told. */
  readonly told: number;
}

/** The clock of a machine that has just booted. */
export const clockAtBoot: ClockImage = { nowNs: 0, limitNs: null, toldAtNs: -1, told: 0 };

/** The machine's simulated clock and its one ordered stream of events. */
export class MachineClock {
  #nowNs: number;
  #seq: number;
  #seqAtNs: number;
  readonly #listeners = new Set<EventListener>();
  readonly #streamListeners = new Set<StreamListener>();

  constructor({ nowNs, toldAtNs, told }: ClockImage = clockAtBoot) {
    this.#nowNs = nowNs;
    this.#seqAtNs = toldAtNs;
    this.#seq = told;
  }

  /** @param limitNs how far time may pass. */
  snapshot(limitNs: number): ClockImage {
    const limit = limitNs === Number.POSITIVE_INFINITY ? null : limitNs;
    return { nowNs: this.#nowNs, limitNs: limit, toldAtNs: this.#seqAtNs, told: this.#seq };
  }

  get nowNs(): number {
    return this.#nowNs;
  }

  advanceTo(atNs: number): void {
    if (atNs < this.#nowNs) throw new Error(`memhp bug: the clock would go back from ${this.#nowNs} to ${atNs}`);
    this.#nowNs = atNs;
  }

  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  listenToStream(listener: StreamListener): () => void {
    this.#streamListeners.add(listener);
    return () => this.#streamListeners.delete(listener);
  }

  /** An event of the machine itself, now. */
  emit(body: EventBody): void {
    this.#seq = this.#seqAtNs === this.#nowNs ? this.#seq + 1 : 0;
    this.#seqAtNs = this.#nowNs;
    const event: SimEvent = { ...body, atNs: this.#nowNs, node: -1, seq: this.#seq };
    for (const listener of this.#listeners) listener(event);
    if (this.#streamListeners.size === 0) return;
    const alone = inOrder(EventColumns.of([event]));
    for (const listener of this.#streamListeners) listener(alone);
  }

  /** What shards tell before a time; nobody puts into order what nobody hears. */
  tellBefore(atNs: number, merge: EventMerge): void {
    if (this.#listeners.size === 0 && this.#streamListeners.size === 0) return merge.dropBefore(atNs);
    const events = merge.takeBefore(atNs);
    if (events.length === 0) return;
    if (this.#listeners.size > 0) for (const event of events) for (const listener of this.#listeners) listener(event);
    for (const listener of this.#streamListeners) listener(events);
  }
}
