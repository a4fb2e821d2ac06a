import { compareEvents, type EventBody, type SimEvent } from "@memhp/abi";

export type EventListener = (event: SimEvent) => void;

/** Where the clock stands. Plain data. */
export interface ClockImage {
  readonly nowNs: number;
  /** Work stops here; null where nothing stops it. */
  readonly limitNs: number | null;
  /** The last moment at which the machine itself told an event, and how many it told there. */
  readonly toldAtNs: number;
  readonly told: number;
}

export const clockAtBoot: ClockImage = { nowNs: 0, limitNs: null, toldAtNs: -1, told: 0 };

/** The machine's simulated clock and its one ordered stream of events. */
export class Timeline {
  #nowNs: number;
  #limitNs: number;
  #seq: number;
  #seqAtNs: number;
  readonly #listeners = new Set<EventListener>();
  #limitMoved: (() => void)[] = [];

  constructor({ nowNs, limitNs, toldAtNs, told }: ClockImage = clockAtBoot) {
    this.#nowNs = nowNs;
    this.#limitNs = limitNs ?? Number.POSITIVE_INFINITY;
    this.#seqAtNs = toldAtNs;
    this.#seq = told;
  }

  snapshot(): ClockImage {
    const limitNs = this.#limitNs === Number.POSITIVE_INFINITY ? null : this.#limitNs;
    return { nowNs: this.#nowNs, limitNs, toldAtNs: this.#seqAtNs, told: this.#seq };
  }

  get nowNs(): number {
    return this.#nowNs;
  }

  /** Work stops where the clock would pass this time, until the limit moves. */
  get limitNs(): number {
    return this.#limitNs;
  }

  setLimit(limitNs: number): void {
    this.#limitNs = limitNs;
    const waiting = this.#limitMoved;
    this.#limitMoved = [];
    for (const wake of waiting) wake();
  }

  /** Settles when the limit moves. */
  limitMoved(): Promise<void> {
    return new Promise((resolve) => this.#limitMoved.push(resolve));
  }

  advanceTo(atNs: number): void {
    if (atNs < this.#nowNs) throw new Error(`memhp bug: the clock would go back from ${this.#nowNs} to ${atNs}`);
    this.#nowNs = atNs;
  }

  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** An event of the machine itself, now. */
  emit(body: EventBody): void {
    this.#seq = this.#seqAtNs === this.#nowNs ? this.#seq + 1 : 0;
    this.#seqAtNs = this.#nowNs;
    this.#deliver({ ...body, atNs: this.#nowNs, node: -1, seq: this.#seq });
  }

  /** Events of shards, in any order of arrival: time, node and sequence decide. */
  merge(batches: readonly (readonly SimEvent[])[]): void {
    for (const event of batches.flat().sort(compareEvents)) this.#deliver(event);
  }

  #deliver(event: SimEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
