/** How many are in each state. */
export type StateCounts = Readonly<Record<string, number>>;

/** Counts by group and state, of all who are not looked at one by one. */
export class RollUp {
  private readonly counted = new Map<string, Map<string, number>>();
  private readonly told = new Map<string, StateCounts>();
  private readonly changed = new Set<string>();
  private readonly onChange: () => void;

  constructor(onChange: () => void) {
    this.onChange = onChange;
  }

  /** One of a group goes from one state to another; it comes from, or goes to, nowhere where a state is absent. */
  move(group: string, from: string | undefined, to: string | undefined): void {
    if (from === to) return;
    let counts = this.counted.get(group);
    if (counts === undefined) this.counted.set(group, (counts = new Map()));
    if (from !== undefined) counts.set(from, (counts.get(from) ?? 0) - 1);
    if (to !== undefined) counts.set(to, (counts.get(to) ?? 0) + 1);
    this.touch(group);
  }

  /** Sets the counts of those of a group that are no actors at all. */
  tally(group: string, counts: StateCounts): void {
    this.told.set(group, { ...counts });
    this.touch(group);
  }

  /** The groups that changed since this was last asked. */
  takeChanged(): string[] {
    const groups = [...this.changed];
    this.changed.clear();
    return groups;
  }

  groups(): string[] {
    return [...new Set([...this.told.keys(), ...this.counted.keys()])];
  }

  /** States in alphabetical order, without those in which nobody is. */
  counts(group: string): StateCounts {
    const sums = new Map(Object.entries(this.told.get(group) ?? {}));
    for (const [state, count] of this.counted.get(group) ?? []) sums.set(state, (sums.get(state) ?? 0) + count);
    const states = [...sums].filter(([, count]) => count !== 0);
    return Object.fromEntries(states.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private touch(group: string): void {
    if (this.changed.has(group)) return;
    this.changed.add(group);
    this.onChange();
  }
}
