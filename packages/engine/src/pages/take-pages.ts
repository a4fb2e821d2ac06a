import { allocateFrom, type Floors } from "./allocate.ts";
import { NIL, rowOfChunk } from "./block-rows.ts";
import { leadingChunk } from "./buddy.ts";
import { ringOf } from "./free-lists.ts";
import { zoneOfIndex } from "./page-index.ts";
import { KINDS } from "./page-kind.ts";
import { ownerWord, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { AHEAD, readPages } from "./read-ahead.ts";
import { isShared } from "./row-form.ts";
import { mayBeWhole, settleRow, takeWhole, wholePages } from "./whole-block.ts";

/** Pages that somebody wants, all alike. */
export interface Wanted {
  readonly order: number;
  /** Migratetype of the lists that they come from. */
  readonly mobility: number;
  readonly kind: number;
  readonly owner: number;
  /** References beyond the owner's own that each of them has. */
  readonly pins: number;
}

/**
 * Allocates up to `count` pages alike: as many calls of `allocateFrom`, but a chunk is taken as a whole where its pages
 * would have been taken one after another, and a free block as a row.
 * @param zones zone slots, best first (`zonelist`).
 * @returns how many pages of the order there were.
 */
export function takePagesAlike(
  store: PageStore,
  zones: ArrayLike<number>,
  wanted: Wanted,
  count: number,
  floors?: Floors,
): number {
  if (zones.length === 0) return 0;
  const { order, mobility, kind, owner, pins } = wanted;
  const first = zones[0] as number;
  let taken = takeOwn(store, first, wanted, count, floors?.[first] ?? 0);
  while (taken < count) {
    const index = allocateFrom(store, zones, order, mobility, kind, owner, floors);
    if (index === NIL) break;
    store.linkB[index] = pins;
    taken++;
    // What the zones before it could not give, they cannot give now either.
    const zone = zoneOfIndex(store, index);
    taken += takeOwn(store, zone, wanted, count - taken, floors?.[zone] ?? 0);
  }
  return taken;
}

/** Takes pages off a zone's own lists of the migratetype, down to the floor. @returns how many. */
function takeOwn(store: PageStore, zone: number, wanted: Wanted, count: number, floor: number): number {
  const { order, mobility, kind, owner } = wanted;
  const { lists } = store;
  const above = (store.freePages[zone] as number) - 2 ** order + 1 - floor;
  const most = Math.min(count, Math.ceil(above / 2 ** order));
  const smallest = zone * store.listWords + mobility * LIST_STEP;
  let taken = 0;
  while (taken < most) {
    let current = order;
    let list = smallest + current * ORDER_STEP;
    while (current <= store.maxOrder && lists[list] === NIL) {
      current++;
      list += ORDER_STEP;
    }
    if (current > store.maxOrder) break;
    taken +=
      current === order
        ? takeEach(store, list, wanted, most - taken)
        : takeLeading(store, list, current, wanted, most - taken);
  }
  if (taken <= 0) return 0;
  const pages = taken * 2 ** order;
  const at = zone * KINDS + kind;
  store.freePages[zone] = (store.freePages[zone] as number) - pages;
  store.kindPages[at] = (store.kindPages[at] as number) + pages;
  store.ownerPages[owner] = (store.ownerPages[owner] as number) + pages;
  return taken;
}

/** Words from one migratetype's list to the next, and from one order's to the next. */
const LIST_STEP = 4;
const ORDER_STEP = 20;

const pages = new Int32Array(AHEAD);

/** Takes chunks of just the order from a list's head, up to `most`. The list is not empty. @returns pages of the order. */
function takeEach(store: PageStore, list: number, wanted: Wanted, most: number): number {
  const { lists, state, linkA, linkB, slotOwners, blockShift } = store;
  const { order, kind, owner, pins } = wanted;
  if (order > 0) return takeLeading(store, list, order, wanted, most);
  const word = ownerWord(owner, 0);
  const bit = 1 << (owner & 31);
  const singles = ringOf(store, list, Math.floor(list / store.listWords), wanted.mobility);
  let taken = 0;
  for (let count = -1; taken < most && count !== 0; taken += count) {
    count = singles.takeFirst(Math.min(AHEAD, most - taken), pages);
    readPages(store, pages, count);
    for (let i = 0; i < count; i++) {
      const index = pages[i] as number;
      state[index] = kind;
      linkA[index] = word;
      if (pins !== 0) linkB[index] = pins;
      const slot = index >> blockShift;
      slotOwners[slot] = (slotOwners[slot] as number) | bit;
    }
  }
  lists[list] = singles.first;
  lists[list + 2] = (lists[list + 2] as number) - taken;
  return taken;
}

/** Takes the lowest pages of a list's leading chunk, up to `most` of the order; the rest of it is split. @returns how many. */
function takeLeading(store: PageStore, list: number, current: number, wanted: Wanted, most: number): number {
  const { order, kind, owner } = wanted;
  const head = store.lists[list] as number;
  if (head < NIL) {
    const row = rowOfChunk(head);
    const pages = wholePages(store, row);
    if (order === 0 && wanted.pins === 0 && pages <= most && mayBeWhole(kind) && !isShared(store, row)) {
      takeWhole(store, row, kind, owner);
      return pages;
    }
  }
  const index = leadingChunk(store, list);
  const { lists, linkA, linkB } = store;
  const next = linkA[index] as number;
  lists[list] = next;
  lists[list + 2] = (lists[list + 2] as number) - 1;
  if (next >= 0) linkB[next] = NIL;
  else if (next === NIL) lists[list + 1] = NIL;
  else store.rows.prev[rowOfChunk(next)] = NIL;
  const all = 1 << (current - order);
  const taken = Math.min(all, most);
  fillUsed(store, index, taken, wanted);
  // expand: what is left, a chunk of each order at most, and lists below this one are empty.
  let rest = taken;
  for (let half = order, code = 0x80 + order * 5 + wanted.mobility; half < current; half++, code += 5) {
    if ((rest & (1 << (half - order))) === 0) continue;
    const at = index + (rest << order);
    rest += 1 << (half - order);
    const below = list - (current - half) * ORDER_STEP;
    store.state[at] = code;
    linkA[at] = NIL;
    linkB[at] = half === 0 ? 0 : NIL;
    lists[below] = at;
    lists[below + 1] = at;
    lists[below + 2] = 1;
  }
  // Blocks are taken upwards for the most part, so the last chunk of one is often its last free one.
  const end = index + (taken << order);
  if (order === 0 && wanted.pins === 0 && taken >= LEAST_SETTLED && (end & (store.blockPages - 1)) === 0)
    settleRow(store, index);
  return taken;
}

/** Fewer pages than this at a block's end are not worth a look at the whole block. */
const LEAST_SETTLED = 256;

/** Writes pages of an order that stand one after another. */
function fillUsed(store: PageStore, index: number, count: number, { order, kind, owner, pins }: Wanted): void {
  const end = index + (count << order);
  if (order === 0) {
    store.state.fill(kind, index, end);
    store.linkB.fill(pins, index, end);
  } else {
    store.state.fill(kind | TAIL, index, end);
    for (let head = index; head < end; head += 1 << order) {
      store.state[head] = kind;
      store.linkB[head] = pins;
    }
  }
  store.linkA.fill(ownerWord(owner, order), index, end);
  const slot = index >> store.blockShift;
  store.slotOwners[slot] = (store.slotOwners[slot] as number) | (1 << (owner & 31));
}
