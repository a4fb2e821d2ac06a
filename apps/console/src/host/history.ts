import type { Machine } from "@memhp/machine";
import type { StepRequest } from "@memhp/scenario";

/** Bytes of images that are kept in all; a machine of half a million blocks is about 200 kB. */
const MOST_BYTES = 64 * 2 ** 20;

/** Who goes back waits for so much to be done again: deeds, and events of them. An image of 98,304 blocks takes 170 ms of the processor. */
const MOST_AGAIN = 16;
const MOST_EVENTS_AGAIN = 20_000;

/** A machine as it was, written down. */
export interface Checkpoint {
  readonly bytes: Uint8Array;
  /** How many events there had been. */
  readonly events: number;
  /** How many steps had been done by hand. */
  readonly steps: number;
  readonly atNs: number;
}

/** Something that was done by hand, with the machine before it where that could be written down. */
interface Deed {
  readonly steps: readonly StepRequest[];
  readonly text: string;
  readonly failed: boolean;
  readonly atNs: number;
  before: Checkpoint | undefined;
}

/** For the page: what was done, and how many of it the machine has behind it. */
export interface HistoryView {
  readonly deeds: readonly {
    readonly text: string;
    readonly atNs: number;
    readonly failed: boolean;
    readonly canGoBack: boolean;
  }[];
  readonly done: number;
}

/**
 * What was done by hand since boot or since a document's step. Going back starts from an image; going forward does it again, which
 * gives the same bytes.
 */
export class History {
  #deeds: Deed[] = [];
  #done = 0;

  get view(): HistoryView {
    return {
      deeds: this.#deeds.map(({ text, atNs, failed }, i) => ({
        text,
        atNs,
        failed,
        canGoBack: this.#checkpointBefore(i) !== undefined,
      })),
      done: this.#done,
    };
  }

  /** What came after the point where somebody went back to is forgotten. */
  add(
    steps: readonly StepRequest[],
    text: string,
    failed: boolean,
    before: Checkpoint | undefined,
    { nowNs }: Machine,
  ): void {
    this.#deeds.length = this.#done;
    this.#deeds.push({ steps, text, failed, atNs: nowNs, before });
    this.#done += 1;
    this.#makeRoom();
  }

  /** Where to start from, and what to do again from there, so that so many deeds are done. */
  wayTo(done: number): { readonly from: Checkpoint; readonly again: readonly (readonly StepRequest[])[] } | undefined {
    const start = this.#checkpointBefore(Math.min(done, this.#deeds.length - 1));
    if (start === undefined) return undefined;
    return {
      from: this.#deeds[start]?.before as Checkpoint,
      again: this.#deeds.slice(start, done).map(({ steps }) => steps),
    };
  }
  /** What to do again to go on from where the machine is. */
  onwardTo(done: number): readonly (readonly StepRequest[])[] {
    return this.#deeds.slice(this.#done, done).map(({ steps }) => steps);
  }

  /** Whether so few and so small things were done since the last image that they are soon done again. */
  isNear(events: number): boolean {
    const start = this.#done === 0 ? undefined : this.#checkpointBefore(this.#done - 1);
    const image = start === undefined ? undefined : this.#deeds[start]?.before;
    if (start === undefined || image === undefined) return false;
    return this.#done - start < MOST_AGAIN && events - image.events < MOST_EVENTS_AGAIN;
  }

  get done(): number {
    return this.#done;
  }
  arrivedAt(done: number): void {
    this.#done = done;
  }

  /** The last deed at or before one that has an image of what was before it. */
  #checkpointBefore(deed: number): number | undefined {
    for (let i = deed; i >= 0; i--) if (this.#deeds[i]?.before !== undefined) return i;
    return undefined;
  }

  /** Every other image goes, but for the first: what lies between is done again. */
  #makeRoom(): void {
    const kept = this.#deeds.filter(({ before }) => before !== undefined);
    if (kept.reduce((sum, { before }) => sum + (before?.bytes.length ?? 0), 0) <= MOST_BYTES) return;
    for (const [i, deed] of kept.entries()) if (i % 2 === 1) deed.before = undefined;
  }
}
