import { compareEvents, type EventBody, type SimEvent } from "@memhp/abi";

export type EventListener = (event: SimEvent) => void;

/** The machine's simulated clock and its one ordered stream of events. */
export class Timeline {
  #nowNs = 0;
  #seq = 0;
  #seqAtNs = -1;
  readonly #listeners = new Set<EventListener>();

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
