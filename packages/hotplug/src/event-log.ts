import type { EventBody, MemoryAction, MemoryNotify } from "@memhp/abi";
import { EventColumns } from "./event-columns.ts";

/** Which kinds of events a reader wants; what nobody wants is never made. */
export interface EventWants {
  /** Every step of a block's statechart. */
  readonly block: boolean;
  readonly notifier: boolean;
  readonly zone: boolean;
}

/** Every kind of event is wanted. */
export const allEvents: EventWants = { block: true, notifier: true, zone: true };

/** Where each node's events have come to: the last moment, and how many it had. */
export type EventPlaces = Map<number, EventPlace>;

interface EventPlace {
  atNs: number;
  seq: number;
}

const ROOM = 16;

/** What a block tells that goes on- or offline: a uevent, three calls of two callbacks, its zone, each step of its statechart. */
function usualEvents({ block, notifier, zone }: EventWants): number {
  return 1 + (notifier ? 6 : 0) + (zone ? 1 : 0) + (block ? 8 : 0);
}

/** Collects the events of one batch, numbered within (time, node). */
export class EventLog {
  readonly wants: EventWants;
  #events: EventColumns;
  readonly #places: EventPlaces;

  /**
   * @param places goes on from batch to batch: one may begin at the moment at which the last one ended.
   * @param blocks how many change their state, as far as one knows: there is room for what they usually tell.
   */
  constructor(wants: EventWants, places: EventPlaces = new Map(), blocks = 0) {
    this.wants = wants;
    this.#places = places;
    this.#events = blocks === 0 ? new EventColumns() : new EventColumns(ROOM + blocks * usualEvents(wants));
  }

  /** True if there are events that `take` held back. */
  get holds(): boolean {
    return this.#events.length > 0;
  }

  /** How many events wait to be taken. */
  get waiting(): number {
    return this.#events.length;
  }

  emit(atNs: number, node: number, body: EventBody): void {
    this.#events.add(atNs, node, this.#next(atNs, node), body);
  }
  emitBlock(atNs: number, node: number, block: number, from: string, to: string): void {
    this.#events.addBlock(atNs, node, this.#next(atNs, node), block, from, to);
  }
  emitMemoryUevent(atNs: number, node: number, action: string, block: number): void {
    this.#events.addMemoryUevent(atNs, node, this.#next(atNs, node), action, block);
  }
  emitNotifier(
    atNs: number,
    node: number,
    call: { readonly name: string; readonly ret: number },
    action: MemoryAction,
    data: MemoryNotify,
  ): void {
    this.#events.addNotifier(atNs, node, this.#next(atNs, node), call, action, data);
  }

  /** From here on are the events that `repeat` repeats. */
  begin(): void {
    this.#mark = this.#events.length;
  }
  #mark = 0;

  /**
   * What was emitted since `begin`, of one node and one block, happens to each of its next neighbours too.
   * @param everyNs how much later than to the one before it; no two blocks share a moment.
   */
  repeat(node: number, times: number, everyNs: number, blockPages: number): void {
    this.#events.repeat(this.#mark, times, everyNs, blockPages);
    const last = this.#places.get(node);
    if (last !== undefined) last.atNs += times * everyNs;
  }

  #next(atNs: number, node: number): number {
    const last = this.#places.get(node);
    if (last === undefined) {
      this.#places.set(node, { atNs, seq: 0 });
      return 0;
    }
    last.seq = last.atNs === atNs ? last.seq + 1 : 0;
    last.atNs = atNs;
    return last.seq;
  }

  /** The events before `untilNs`. Later ones wait: another node may still be before them. */
  take(untilNs: number): EventColumns {
    const events = this.#events;
    // Mostly the batch is over, and nobody writes any more.
    this.#events = new EventColumns(0);
    if (untilNs === Number.POSITIVE_INFINITY) return events;
    const taken = new EventColumns();
    for (let i = 0; i < events.length; i++)
      ((events.atNs[i] as number) < untilNs ? taken : this.#events).copy(events, i);
    return taken;
  }
}
