import { Barrier, BARRIER_WORDS } from "../../src/rounds/barrier.ts";

/** What threads share that meet often: words of a barrier, a word of each thread, and one for what was wrong. */
export interface Meeting {
  readonly words: Int32Array;
  readonly parties: number;
  readonly party: number;
  readonly times: number;
}

/** Comes to a barrier, each time after another while: at once, or long after the others have begun to sleep. */
export function meetOften({ words, parties, party, times }: Meeting): void {
  const barrier = new Barrier(words.subarray(0, BARRIER_WORDS), parties);
  const counts = words.subarray(BARRIER_WORDS, BARRIER_WORDS + parties);
  const wrong = BARRIER_WORDS + parties;
  let draw = party + 1;
  for (let time = 1; time <= times; time++) {
    draw = (Math.imul(draw, 1103515245) + 12345) >>> 0;
    const late = draw >>> 24;
    if (late > 250) Atomics.wait(words, wrong + 1, 0, 3);
    else for (let i = 0; i < late * 20; i++) Atomics.load(words, wrong);
    Atomics.store(counts, party, time);
    if (!barrier.arrive()) Atomics.add(words, wrong, 1);
    // Nobody is more than one meeting ahead, and nobody behind.
    for (let other = 0; other < parties; other++) {
      const count = Atomics.load(counts, other);
      if (count < time || count > time + 1) Atomics.add(words, wrong, 1);
    }
  }
}
