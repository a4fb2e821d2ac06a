import { compareEvents, type EventBody, type SimEvent } from "@memhp/abi";

/** Which kinds of events a reader wants; what nobody wants is never made. */
export interface EventWants {
  /** Every step of a block's statechart. */
  readonly block: boolean;
  readonly notifier: boolean;
  readonly zone: boolean;
}

export const allEvents: EventWants = { block: true, notifier: true, zone: true };

/** Where each node's events have come to: the last moment, and how many it had. */
export type EventPlaces = Map<number, { readonly atNs: number; readonly seq: number }>;

/** Collects the events of one batch, numbered within (time, node). */
export class EventLog {
  readonly wants: EventWants;
  #events: SimEvent[] = [];
  readonly #places: EventPlaces;

  /** @param places goes on from batch to batch: one may begin at the moment at which the last one ended. */
  constructor(wants: EventWants, places: EventPlaces = new Map()) {
    this.wants = wants;
    this.#places = places;
  }

  /** True if there are events that `take` held back. */
  get holds(): boolean {
    return this.#events.length > 0;
  }

  emit(atNs: number, node: number, body: EventBody): void {
    const last = this.#places.get(node);
    const seq = last !== undefined && last.atNs === atNs ? last.seq + 1 : 0;
    this.#places.set(node, { atNs, seq });
    this.#events.push({ ...body, atNs, node, seq });
  }

  /** The events before `untilNs`, in the order of the stream. Later ones wait: another node may still be before them. */
  take(untilNs: number): SimEvent[] {
    const taken = this.#events.sort(compareEvents);
    const held = untilNs === Number.POSITIVE_INFINITY ? -1 : taken.findIndex(({ atNs }) => atNs >= untilNs);
    this.#events = held === -1 ? [] : taken.splice(held);
    return taken;
  }
}
