import { freeChunksOfBlock, listOf } from "./free-lists.ts";
import { MIGRATE_CLASSES, MigrateClass } from "./migrate-class.ts";
import { isFreeHugetlb, KINDS, PageKind } from "./page-kind.ts";
import { FREE_HEAD, FREE_INSIDE, headOrder, headType, KIND_MASK } from "./page-state.ts";
import { LIST_WORDS, type PageStore } from "./page-store.ts";
import { isWholeUsed } from "./row-form.ts";
import { wholePages } from "./whole-block.ts";

/** What the pages themselves say, in the shape of the store's counters. Columns by zone slot, as there. */
export interface PageRecount {
  /** Chunks by list. */
  readonly listCount: Int32Array;
  readonly freePages: Float64Array;
  readonly presentPages: Float64Array;
  readonly kindPages: Float64Array;
  readonly pageblocks: Int32Array;
  /** Base pages by owner id. */
  readonly ownerPages: Float64Array;
  /** Pages of blocks online, holes included; every one of them was counted exactly once. */
  readonly pages: number;
}

/** Counts every page of the store anew, from the page map alone (DESIGN law 3). */
export function recountPages(store: PageStore): PageRecount {
  const count: PageRecount & { pages: number } = {
    listCount: new Int32Array(store.lists.length / LIST_WORDS),
    freePages: new Float64Array(store.freePages.length),
    presentPages: new Float64Array(store.presentPages.length),
    kindPages: new Float64Array(store.kindPages.length),
    pageblocks: new Int32Array(store.pageblocks.length),
    ownerPages: new Float64Array(store.ownerPages.length),
    pages: 0,
  };
  const perPageblock = new Int32Array(256);
  for (const row of store.rows.ascending()) {
    count.pages += store.blockPages;
    const slot = store.rows.slot[row] as number;
    if (slot < 0) countRow(store, row, count);
    else countSlot(store, slot, count, perPageblock);
  }
  for (let zone = 0; zone < store.zoneSlots; zone++) sumZone(store, zone, count);
  return count;
}

function countRow(store: PageStore, row: number, count: PageRecount): void {
  const zone = store.rows.zone[row] as number;
  const type = store.rows.type[row] as number;
  const list = listOf(store, zone, store.maxOrder, type) / LIST_WORDS;
  const chunks = freeChunksOfBlock(store, row);
  if (isWholeUsed(store, row)) {
    const kindAt = zone * KINDS + (store.rows.kind[row] as number);
    const owner = store.rows.owner[row] as number;
    count.kindPages[kindAt] = (count.kindPages[kindAt] as number) + wholePages(store, row);
    count.ownerPages[owner] = (count.ownerPages[owner] as number) + wholePages(store, row);
  } else {
    count.listCount[list] = (count.listCount[list] as number) + chunks;
  }
  const foreign = ((store.rows.before[row] as number) + (store.rows.behind[row] as number)) << store.maxOrder;
  const pageblocks = (chunks << (store.maxOrder - store.pageblockOrder)) + (foreign >> store.pageblockOrder);
  const all = store.blockPages >> store.pageblockOrder;
  const at = zone * MIGRATE_CLASSES;
  count.pageblocks[at + type] = (count.pageblocks[at + type] as number) + pageblocks;
  count.pageblocks[at + MigrateClass.unmovable] =
    (count.pageblocks[at + MigrateClass.unmovable] as number) + all - pageblocks;
  const held = (all - pageblocks) << store.pageblockOrder;
  const memmap = (store.rows.memmap[row] as number) << store.maxOrder;
  const kernel = (store.rows.kernel[row] as number) << store.maxOrder;
  const reservedAt = zone * KINDS + PageKind.reserved;
  const kernelAt = zone * KINDS + PageKind.kernel;
  const memmapAt = zone * KINDS + PageKind.memmap;
  count.kindPages[reservedAt] = (count.kindPages[reservedAt] as number) + held - kernel - memmap;
  count.kindPages[kernelAt] = (count.kindPages[kernelAt] as number) + kernel;
  count.kindPages[memmapAt] = (count.kindPages[memmapAt] as number) + memmap;
  const holeAt = zone * KINDS + PageKind.hole;
  count.kindPages[holeAt] = (count.kindPages[holeAt] as number) + foreign;
  count.ownerPages[0] = (count.ownerPages[0] as number) + held + foreign;
}

/**
 * One block's pages: a histogram of state bytes, flushed where the zone changes. A chunk that
 * crosses pageblocks is counted where it starts, since its zone is one.
 */
function countSlot(store: PageStore, slot: number, count: PageRecount, histogram: Int32Array): void {
  const { state, linkA, pageblockZone, pageblockType, pageblockOrder } = store;
  const { ownerPages } = count;
  const first = slot << store.blockShift;
  const end = first + store.blockPages;
  let zone = pageblockZone[first >> pageblockOrder] as number;
  for (let pb = first >> pageblockOrder; pb < end >> pageblockOrder; pb++) {
    const at = (pageblockZone[pb] as number) * MIGRATE_CLASSES + (pageblockType[pb] as number);
    count.pageblocks[at] = (count.pageblocks[at] as number) + 1;
  }
  for (let index = first; index < end;) {
    if (pageblockZone[index >> pageblockOrder] !== zone) {
      flush(store, zone, histogram, count);
      zone = pageblockZone[index >> pageblockOrder] as number;
    }
    const stop = Math.min(end, ((index >> pageblockOrder) + 1) << pageblockOrder);
    while (index < stop) {
      const code = state[index] as number;
      (histogram[code] as number)++;
      if (code >= FREE_HEAD) {
        index += 1 << (headOrder[code] as number);
      } else {
        const owner = (linkA[index] as number) & 0xffff;
        ownerPages[owner] = (ownerPages[owner] as number) + 1;
        index++;
      }
    }
  }
  flush(store, zone, histogram, count);
}

function flush(store: PageStore, zone: number, histogram: Int32Array, count: PageRecount): void {
  if ((histogram[FREE_INSIDE] as number) > 0) throw new Error("memhp bug: a page is free but in no chunk");
  for (let code = 1; code < histogram.length; code++) {
    const seen = histogram[code] as number;
    if (seen === 0) continue;
    const isFree = code >= FREE_HEAD;
    const column = isFree ? count.listCount : count.kindPages;
    const at = isFree
      ? listOf(store, zone, headOrder[code] as number, headType[code] as number) / LIST_WORDS
      : zone * KINDS + (code & KIND_MASK);
    column[at] = (column[at] as number) + seen;
    histogram[code] = 0;
  }
}

/** Free and present pages of a zone follow from its chunks and kinds. */
function sumZone(store: PageStore, zone: number, count: PageRecount): void {
  let free = 0;
  let isolated = 0;
  for (let order = 0; order <= store.maxOrder; order++) {
    for (let type = 0; type < MIGRATE_CLASSES; type++) {
      const chunks = count.listCount[listOf(store, zone, order, type) / LIST_WORDS] as number;
      if (type === MigrateClass.isolate) isolated += chunks * 2 ** order;
      else free += chunks * 2 ** order;
    }
  }
  let used = 0;
  for (let kind = 1; kind < KINDS; kind++) {
    if (kind !== PageKind.hole) used += count.kindPages[zone * KINDS + kind] as number;
  }
  count.freePages[zone] = free;
  count.presentPages[zone] = free + isolated + used;
}

/** A counter that differs from the recount. */
export interface CounterError {
  readonly counter: string;
  /** What is counted by: a zone, an order, a type. */
  readonly at: number;
  /** What the counter says, in pages or chunks. */
  readonly counted: number;
  /** What a recount gave, in the same unit. */
  readonly found: number;
}

/** Every counter of the store against the pages, and every free list against its chunks. Empty where all agree. */
export function counterErrors(store: PageStore): CounterError[] {
  const recount = recountPages(store);
  const errors: CounterError[] = [];
  const compare = (counter: string, counted: ArrayLike<number>, found: ArrayLike<number>): void => {
    for (let at = 0; at < found.length; at++) {
      if (counted[at] !== found[at]) {
        errors.push({ counter, at, counted: counted[at] as number, found: found[at] as number });
      }
    }
  };
  compare(
    "listCount",
    recount.listCount.map((_, list) => store.lists[list * LIST_WORDS + 2] as number),
    recount.listCount,
  );
  compare("freePages", store.freePages, recount.freePages);
  compare("presentPages", store.presentPages, recount.presentPages);
  compare("kindPages", store.kindPages, recount.kindPages);
  compare("pageblocks", store.pageblocks, recount.pageblocks);
  compare("ownerPages", store.ownerPages, recount.ownerPages);
  compare("listed", walkLists(store), recount.listCount);
  for (const [key, pool] of store.pools) {
    const wrong = pool.free.filter((index) => isFreeHugetlb[(store.state[index] as number) & KIND_MASK] !== 1).length;
    if (wrong > 0) errors.push({ counter: `pool ${key}`, at: 0, counted: pool.free.length, found: wrong });
  }
  return errors;
}

/** Single pages of a list, each at the place that it knows. */
function walkSingles(store: PageStore, zone: number, type: number): number {
  const list = listOf(store, zone, 0, type);
  const alone = store.lists[list + 1] as number;
  if (alone !== -1) {
    const isAlone =
      store.lists[list] === alone && store.singlePages(zone, type).first === -1 && store.linkB[alone] === 0;
    if (!isAlone) throw new Error(`memhp bug: page ${alone} is not alone on its list`);
    return 1;
  }
  const singles = store.singlePages(zone, type);
  let found = 0;
  for (const index of singles) {
    const isThere = singles.at(store.linkA[index] as number) === index && store.linkB[index] === 0;
    if (!isThere) throw new Error(`memhp bug: page ${index} of a list of single pages`);
    found++;
  }
  if (store.lists[list] !== singles.first) throw new Error("memhp bug: head of a list of single pages");
  return found;
}

/** Chunks by list as a walk along the links finds them. */
function walkLists(store: PageStore): Int32Array {
  const found = new Int32Array(store.lists.length / LIST_WORDS);
  for (let list = 0; list < found.length; list++) {
    const zone = Math.floor((list * LIST_WORDS) / store.listWords);
    const type = list - (zone * store.listWords) / LIST_WORDS;
    if (zone < store.zoneSlots && type < MIGRATE_CLASSES) {
      found[list] = walkSingles(store, zone, type);
      continue;
    }
    let before = -1;
    for (let id = store.lists[list * LIST_WORDS] as number; id !== -1;) {
      const isRow = id < 0;
      if ((isRow ? store.rows.prev[-2 - id] : store.linkB[id]) !== before) throw new Error(`memhp bug: list ${list}`);
      found[list] = (found[list] as number) + (isRow ? freeChunksOfBlock(store, -2 - id) : 1);
      before = id;
      id = (isRow ? store.rows.next[-2 - id] : store.linkA[id]) as number;
    }
    if (store.lists[list * LIST_WORDS + 1] !== before) throw new Error(`memhp bug: tail of list ${list}`);
  }
  return found;
}
