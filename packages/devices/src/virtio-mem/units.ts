/** Which units of a device are plugged: sub-blocks or big blocks, by number from the device's first. */
export class Units {
  readonly #plugged: Uint8Array;
  #count = 0;

  /** @param runs as `runs()` gives them. */
  constructor(units: number, runs: readonly (readonly [first: number, count: number])[] = []) {
    this.#plugged = new Uint8Array(units);
    for (const [first, count] of runs) this.plug(first, count);
  }

  get length(): number {
    return this.#plugged.length;
  }
  /** Units that are plugged. */
  get count(): number {
    return this.#count;
  }

  isPlugged(unit: number): boolean {
    return this.#plugged[unit] === 1;
  }

  plug(first: number, count: number): void {
    this.#set(first, count, 1);
  }
  unplug(first: number, count: number): void {
    this.#set(first, count, 0);
  }

  /** Plugged units from one to another. */
  countIn(begin: number, end: number): number {
    let count = 0;
    for (let unit = begin; unit < end; unit++) count += this.#plugged[unit] as number;
    return count;
  }

  /** Neighbours that are plugged, or that are not, from one to another; ascending. */
  runs(isPlugged = true, begin = 0, end: number = this.length): [first: number, count: number][] {
    const runs: [number, number][] = [];
    const wanted = isPlugged ? 1 : 0;
    for (let unit = begin; unit < end; unit++) {
      if (this.#plugged[unit] !== wanted) continue;
      const last = runs.at(-1);
      if (last !== undefined && last[0] + last[1] === unit) last[1]++;
      else runs.push([unit, 1]);
    }
    return runs;
  }

  #set(first: number, count: number, value: 0 | 1): void {
    for (let unit = first; unit < first + count; unit++) {
      this.#count += value - (this.#plugged[unit] as number);
      this.#plugged[unit] = value;
    }
  }
}
