/** Words of a barrier: how many have arrived, how often all have, and whether nobody waits any more. */
const ARRIVED = 0;
const GENERATION = 1;
const BROKEN = 2;
export const BARRIER_WORDS = 4;

const { pause } = Atomics as { readonly pause?: () => void };
/**
 * To be woken takes longer than most waits last, where each thread has a processor of its own: 50 to 100 µs. So a thread looks again
 * and again first, up to a millisecond; and briefly, where it has had to sleep all the same: then somebody else wants the processor.
 */
const MOST_SPINS = pause === undefined ? 250_000 : 20_000;
const LEAST_SPINS = MOST_SPINS / 100;

/** Where threads wait for each other, on words that they share. */
export class Barrier {
  readonly #words: Int32Array;
  readonly #parties: number;
  #spins = MOST_SPINS;

  constructor(words: Int32Array, parties: number) {
    this.#words = words;
    this.#parties = parties;
  }

  /** Waits until all have arrived. @returns false where that may never be: one of them is gone. */
  arrive(): boolean {
    const words = this.#words;
    const generation = Atomics.load(words, GENERATION);
    if (Atomics.load(words, BROKEN) !== 0) return false;
    if (Atomics.add(words, ARRIVED, 1) + 1 === this.#parties) {
      Atomics.store(words, ARRIVED, 0);
      Atomics.add(words, GENERATION, 1);
      Atomics.notify(words, GENERATION);
      return true;
    }
    for (let spin = 0; spin < this.#spins; spin++) {
      if (Atomics.load(words, GENERATION) !== generation) {
        this.#spins = Math.min(MOST_SPINS, this.#spins * 2);
        return Atomics.load(words, BROKEN) === 0;
      }
      pause?.();
    }
    this.#spins = Math.max(LEAST_SPINS, this.#spins / 4);
    while (Atomics.load(words, GENERATION) === generation) Atomics.wait(words, GENERATION, generation);
    return Atomics.load(words, BROKEN) === 0;
  }

  /** Lets go all who wait, and who will. */
  break(): void {
    Atomics.store(this.#words, BROKEN, 1);
    // Another generation lets go who waits.
    Atomics.add(this.#words, GENERATION, 1);
    Atomics.notify(this.#words, GENERATION);
  }
}
