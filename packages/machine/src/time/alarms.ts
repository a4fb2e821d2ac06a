/** Something that happens at a simulated time. */
export interface Alarm {
  readonly atNs: number;
  readonly name: string;
  readonly ring: () => Promise<unknown>;
  /** It was cancelled: it does not ring, and nobody's time ends with it. */
  readonly isOver?: (() => boolean) | undefined;
}

interface Entry extends Alarm {
  readonly order: number;
}

/** Alarms by time; those of one moment in the order in which they were set. A binary heap. */
export class Alarms {
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Infinity where none is set. */
  get nextNs(): number {
    while (this.#heap[0]?.isOver?.() === true) this.#drop();
    return this.#heap[0]?.atNs ?? Number.POSITIVE_INFINITY;
  }

  set(alarm: Alarm): void {
    this.#heap.push({ ...alarm, order: this.#order++ });
    this.#rise(this.#heap.length - 1);
  }

  /** Takes the first alarm out, where its time has come. */
  take(nowNs: number): Alarm | undefined {
    if (this.nextNs > nowNs) return undefined;
    return this.#drop();
  }

  #drop(): Alarm | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop() as Entry;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #rise(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    for (let at = from; ;) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.#heap.length && this.#isBefore(child, first)) first = child;
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a] as Entry, this.#heap[b] as Entry];
    return x.atNs < y.atNs || (x.atNs === y.atNs && x.order < y.order);
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b] as Entry, this.#heap[a] as Entry];
  }
}
