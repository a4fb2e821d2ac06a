/** Why somebody who asked a server was turned away, or put off. */
const turnedAway = [
  "host",
  "origin",
  "token",
  "connections",
  "viewers",
  "too_large",
  "malformed",
  "stalled",
  "missed_events",
] as const;
export type TurnedAway = (typeof turnedAway)[number];

/** How many a server turned away, and why; whoever runs it can look. */
export class Tally {
  readonly #counts = new Map<TurnedAway, number>();

  add(why: TurnedAway, count = 1): void {
    this.#counts.set(why, (this.#counts.get(why) ?? 0) + count);
  }

  /** All reasons, those of nobody too. */
  get counts(): Readonly<Record<TurnedAway, number>> {
    return Object.fromEntries(turnedAway.map((why) => [why, this.#counts.get(why) ?? 0])) as Record<TurnedAway, number>;
  }
}
