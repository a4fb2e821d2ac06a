/** Words of a barrier: how many have arrived, how often all have, and whether nobody waits any more. */
const ARRIVED = 0;
const GENERATION = 1;
const BROKEN = 2;
export const BARRIER_WORDS = 4;

const { pause } = Atomics as { readonly pause?: () => void };
/**
 * To be woken takes longer than most waits last, where each thread has a processor of its own: 50 to 400 µs. So a thread looks again
 * and again first, for some milliseconds, in which a round of many nodes is over too; and less, where it has had to sleep all the same: then
 * somebody else wants the processor. But no less than to be woken takes: who comes late from its sleep lets the next one wait as long, which
 * would sleep in its turn, and so on for ever.
 */
const OWN_PROCESSOR = { most: pause === undefined ? 300_000 : 100_000, least: pause === undefined ? 20_000 : 6_000 };
/** Where threads share processors, who looks again and again keeps the others from what it waits for. */
const SHARED_PROCESSOR = { most: OWN_PROCESSOR.most / 5, least: OWN_PROCESSOR.least / 30 };

/** Whether there is a processor for each of so many threads, as far as one is told. */
function areCrowded(threads: number): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number } };
  return threads > (navigator?.hardwareConcurrency ?? 0);
}

/** Where threads wait for each other, on words that they share. */
export class Barrier {
  readonly #words: Int32Array;
  readonly #parties: number;
  readonly #patience: typeof OWN_PROCESSOR;
  #spins: number;

  constructor(words: Int32Array, parties: number) {
    this.#words = words;
    this.#parties = parties;
    this.#patience = areCrowded(parties) ? SHARED_PROCESSOR : OWN_PROCESSOR;
    this.#spins = this.#patience.most;
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
        this.#spins = Math.min(this.#patience.most, this.#spins * 2);
        return Atomics.load(words, BROKEN) === 0;
      }
      pause?.();
    }
    this.#spins = Math.max(this.#patience.least, this.#spins / 4);
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
