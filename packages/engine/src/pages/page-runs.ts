const FEWEST = 64;

/**
 * Pages as runs: the first page's index, and how many pages alike, of one order, stand there one after another. In the order in which they
 * were collected. Of memory that was used for long, a block has thousands.
 */
export class PageRuns {
  #words = new Int32Array(0);
  /** Runs. */
  length = 0;

  push(index: number, count: number): void {
    const at = 2 * this.length;
    if (at === this.#words.length) this.#makeRoom();
    this.#words[at] = index;
    this.#words[at + 1] = count;
    this.length++;
  }

  /** First page of a run. */
  index(run: number): number {
    return this.#words[2 * run] as number;
  }
  /** Pages of a run. */
  count(run: number): number {
    return this.#words[2 * run + 1] as number;
  }

  #makeRoom(): void {
    const longer = new Int32Array(Math.max(2 * FEWEST, 4 * this.#words.length));
    longer.set(this.#words);
    this.#words = longer;
  }
}
