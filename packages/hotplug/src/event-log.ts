import type { EventBody, SimEvent } from "@memhp/abi";

/** Which kinds of events a reader wants; what nobody wants is never made. */
export interface EventWants {
  /** Every step of a block's statechart. */
  readonly block: boolean;
  readonly notifier: boolean;
  readonly zone: boolean;
}

export const allEvents: EventWants = { block: true, notifier: true, zone: true };

/** Collects the events of one batch, numbered within (time, node). */
export class EventLog {
  readonly wants: EventWants;
  #events: SimEvent[] = [];
  readonly #lastAtNs = new Map<number, { atNs: number; seq: number }>();

  constructor(wants: EventWants) {
    this.wants = wants;
  }

  emit(atNs: number, node: number, body: EventBody): void {
    const last = this.#lastAtNs.get(node);
    const seq = last !== undefined && last.atNs === atNs ? last.seq + 1 : 0;
    this.#lastAtNs.set(node, { atNs, seq });
    this.#events.push({ ...body, atNs, node, seq });
  }

  take(): SimEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
