import type { SimEvent } from "@memhp/abi";
import { type ZoneChange, type ZoneNumbers, zoneSumText, zoneText } from "./words.ts";

type ZoneEvent = Extract<SimEvent, { type: "zone" }>;

/** More zones than this are added up. */
const MAX_LINES = 4;

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
    const changes = [...newest].map(([key, after]): ZoneChange => {
      const before = this.#known.get(key);
      this.#known.set(key, after);
      return { zone: after.zone, node: after.node, before, after };
    });
    if (changes.length <= MAX_LINES) return changes.flatMap((change) => zoneText(change, this.#pageSize) ?? []);
    return [...new Set(changes.map(({ zone }) => zone))].map((name) =>
      zoneSumText(
        changes.filter(({ zone }) => zone === name),
        this.#pageSize,
      ),
    );
  }
}
