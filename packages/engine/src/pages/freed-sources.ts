import { freeChunk } from "./buddy.ts";
import { freeAligned, freePagesAlike } from "./free-pages.ts";
import { removeFree, removeSingles } from "./free-lists.ts";
import { MigrateClass } from "./migrate-class.ts";
import { PageRuns } from "./page-runs.ts";
import { FREE_INSIDE, headOrder, headType, KIND_MASK, MAX_OWNER, OWNER_MASK, POISONED } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { AHEAD } from "./read-ahead.ts";
import { countKind, countOwner } from "./used-pages.ts";

const NONE = -1;

/**
 * Frees the sources of a migration, upwards: as many calls of `freeUsed`. Those of an isolated pageblock wait for its last one. Where all of it
 * is free then, the chunks in it need not find each other: each would leave its list to merge, what they merge to in between leaves no trace,
 * and the pageblock goes on as one chunk.
 */
export class FreedSources {
  readonly #store: PageStore;
  /** Pages of one pageblock that are counted as free, and stand on no list yet. */
  readonly #pending = new PageRuns();
  #pageblock = NONE;
  /** Pages of one kind and owner that are not yet told to the counters: those of a pageblock mostly are. */
  #uncounted = 0;
  #code = 0;
  #word = 0;

  constructor(store: PageStore) {
    this.#store = store;
  }

  /** Frees pages alike that stand one after another. */
  add(index: number, count: number): void {
    const store = this.#store;
    const { state, pageblockOrder } = store;
    const pageblock = index >> pageblockOrder;
    if (pageblock !== this.#pageblock) this.end();
    const code = state[index] as number;
    const word = store.linkA[index] as number;
    const fits = (index + count - 1) >> pageblockOrder === pageblock && word <= MAX_OWNER && (code & POISONED) === 0;
    if (!fits || store.pageblockType[pageblock] !== MigrateClass.isolate) {
      this.end();
      freePagesAlike(store, index, count);
      return;
    }
    this.#pageblock = pageblock;
    this.#pending.push(index, count);
    if (code !== this.#code || word !== this.#word) {
      this.#count();
      this.#code = code;
      this.#word = word;
    }
    this.#uncounted += count;
    if (count === 1) state[index] = FREE_INSIDE;
    else state.fill(FREE_INSIDE, index, index + count);
  }

  /** All that has been freed stands on the lists. */
  end(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#count();
    if (!freePageblock(this.#store, this.#pageblock)) {
      for (let run = 0; run < pending.length; run++) {
        const index = pending.index(run);
        freeAligned(this.#store, index, index + pending.count(run));
      }
    }
    pending.length = 0;
    this.#pageblock = NONE;
  }

  #count(): void {
    if (this.#uncounted === 0) return;
    const store = this.#store;
    countOwner(store, this.#word & OWNER_MASK, -this.#uncounted);
    countKind(store, store.pageblockZone[this.#pageblock] as number, this.#code & KIND_MASK, -this.#uncounted);
    this.#uncounted = 0;
  }
}

const singles = new Int32Array(AHEAD);

/** Frees what of an isolated pageblock is on no list. @returns false, with nothing changed, where a page of it is in use. */
function freePageblock(store: PageStore, pageblock: number): boolean {
  const { state, pageblockOrder } = store;
  const first = pageblock << pageblockOrder;
  const end = first + (1 << pageblockOrder);
  for (let at = first; at < end;) {
    const code = state[at] as number;
    if (code !== FREE_INSIDE && headType[code] !== MigrateClass.isolate) return false;
    at += code === FREE_INSIDE ? 1 : 1 << (headOrder[code] as number);
  }
  const zone = store.pageblockZone[pageblock] as number;
  let count = 0;
  for (let at = first; at < end;) {
    const code = state[at] as number;
    const order = code === FREE_INSIDE ? 0 : (headOrder[code] as number);
    if (order > 0) removeFree(store, at, zone);
    else if (code !== FREE_INSIDE) {
      singles[count++] = at;
      if (count === AHEAD) {
        removeSingles(store, singles, count, zone, MigrateClass.isolate);
        count = 0;
      }
    }
    at += 1 << order;
  }
  removeSingles(store, singles, count, zone, MigrateClass.isolate);
  state.fill(FREE_INSIDE, first, end);
  freeChunk(store, first, pageblockOrder);
  return true;
}
