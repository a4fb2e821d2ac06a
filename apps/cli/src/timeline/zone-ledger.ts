import type { SimEvent } from "@memhp/abi";
import { type ZoneNumbers, zoneText } from "./words.ts";

type ZoneEvent = Extract<SimEvent, { type: "zone" }>;

/** Remembers every zone's numbers, because an event tells only the new ones. */
export class ZoneLedger {
  readonly #pageSize: number;
  readonly #known: Map<string, ZoneNumbers> = new Map();

  constructor(pageSize: number) {
    this.#pageSize = pageSize;
  }

  set(node: number, zone: string, numbers: ZoneNumbers): void {
    this.#known.set(`${node} ${zone}`, numbers);
  }

  /** What some events of zones changed altogether: a line for each zone that is another than before. */
  take(events: readonly ZoneEvent[]): string[] {
    const newest = new Map(events.map((event) => [`${event.node} ${event.zone}`, event]));
    return [...newest].flatMap(([key, event]) => {
      const text = zoneText(event.zone, event.node, this.#known.get(key), event, this.#pageSize);
      this.#known.set(key, event);
      return text === undefined ? [] : [text];
    });
  }
}
