import { freeChunk } from "./buddy.ts";
import { KINDS, PageKind } from "./page-kind.ts";
import { indexOf, pfnOf } from "./page-index.ts";
import { FREE_HEAD, FREE_INSIDE, ORDER_SHIFT, OWNER_MASK, POISONED, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";

/** Order of the page that a used page is part of. */
export function orderOfUsed(store: PageStore, index: number): number {
  return (store.linkA[index] as number) >> ORDER_SHIFT;
}
/** Owner id of a used page; 0 is the kernel itself. */
export function ownerOfUsed(store: PageStore, index: number): number {
  return (store.linkA[index] as number) & OWNER_MASK;
}
export function ownerName(store: PageStore, owner: number): string {
  const name = store.owners[owner];
  if (name === undefined) throw new Error(`memhp bug: no page owner ${owner}`);
  return name;
}
export function countOwner(store: PageStore, owner: number, pages: number): void {
  store.ownerPages[owner] = (store.ownerPages[owner] as number) + pages;
}
/** First page of the page that a used page is part of. A gigantic one may lie in several blocks, so its frames say. */
export function headOfUsed(store: PageStore, index: number): number {
  if (((store.state[index] as number) & TAIL) === 0) return index;
  const order = orderOfUsed(store, index);
  if (order <= store.maxOrder) return index & ~((1 << order) - 1);
  return indexOf(store, Math.floor(pfnOf(store, index) / 2 ** order) * 2 ** order);
}

/** Used frames from `index` on that are as this one is. Those of tails end with their page: the next begins with its first frame. */
export function countUsedAlike({ state, linkA, linkB }: PageStore, index: number, end: number): number {
  const code = state[index] as number;
  const word = linkA[index] as number;
  const pins = linkB[index] as number;
  const isTail = (code & TAIL) !== 0;
  let at = index + 1;
  for (; at < end && state[at] === code && linkA[at] === word; at++) if (!isTail && linkB[at] !== pins) break;
  return at - index;
}

export function countKind(store: PageStore, zone: number, kind: number, pages: number): void {
  const at = zone * KINDS + kind;
  store.kindPages[at] = (store.kindPages[at] as number) + pages;
}

// `markUsed` and `freeUsed` hold the coding of page-state.ts as literals: see buddy.ts.

/** Writes pages that just left the free lists as one page of a kind. */
export function markUsed(
  store: PageStore,
  index: number,
  zone: number,
  order: number,
  kind: number,
  owner: number,
): void {
  const { kindPages, ownerPages, linkA } = store;
  const at = ((zone << 5) + kind) | 0;
  const pages = 1 << order;
  const word = owner | (order << 16);
  kindPages[at] = (kindPages[at] as number) + pages;
  ownerPages[owner] = (ownerPages[owner] as number) + pages;
  store.state[index] = kind;
  linkA[index] = word;
  store.linkB[index] = 0;
  if (order > 0) {
    store.state.fill(kind | 0x40, index + 1, index + pages);
    linkA.fill(word, index + 1, index + pages);
  }
  if (owner === 0) return;
  const slot = index >> store.blockShift;
  store.slotOwners[slot] = (store.slotOwners[slot] as number) | (1 << (owner & 31));
}

/**
 * Frees a used page of any order. Poisoned frames do not return to the lists.
 * @throws RangeError for a page that is free, or no first frame of one.
 */
export function freeUsed(store: PageStore, index: number): void {
  const { state, kindPages, ownerPages } = store;
  const code = state[index] as number;
  if (!(code > 0 && code < 0x40)) throw notUsed(index, code);
  const word = store.linkA[index] as number;
  const order = word >> 16;
  const owner = word & 0xffff;
  const pages = 1 << order;
  const zone = store.pageblockZone[index >> store.pageblockOrder] as number;
  const at = ((zone << 5) + ((state[index] as number) & 0x1f)) | 0;
  kindPages[at] = (kindPages[at] as number) - pages;
  ownerPages[owner] = (ownerPages[owner] as number) - pages;
  if (store.corruptedPages > 0 && keepPoisoned(store, index, zone, pages)) return;
  if (order === 0) state[index] = 0;
  else state.fill(0, index, index + pages);
  freeChunk(store, index, order);
}

function notUsed(index: number, code: number | undefined): RangeError {
  const found = code === undefined ? "no page" : code >= FREE_HEAD || code === FREE_INSIDE ? "a free page" : "a tail";
  return new RangeError(`page ${index}: expected the first frame of a used page, found ${found}`);
}

/** Frees page by page around poisoned frames, which stay off the lists. False where there are none. */
function keepPoisoned(store: PageStore, index: number, zone: number, pages: number): boolean {
  const { state } = store;
  let any = false;
  for (let i = index; i < index + pages; i++) any ||= ((state[i] as number) & POISONED) !== 0;
  if (!any) return false;
  for (let i = index; i < index + pages; i++) {
    if (((state[i] as number) & POISONED) !== 0) {
      markUsed(store, i, zone, 0, PageKind.hwpoison, 0);
      store.state[i] = PageKind.hwpoison | POISONED;
    } else {
      state[i] = FREE_INSIDE;
    }
  }
  for (let i = index; i < index + pages; i++) if (state[i] === FREE_INSIDE) freeChunk(store, i, 0);
  return true;
}

/** Marks a frame as poisoned; what it is used for stays. */
export function poisonFrame(store: PageStore, index: number): void {
  store.state[index] = (store.state[index] as number) | POISONED;
  store.poisonedPfns.add(pfnOf(store, index));
  store.corruptedPages++;
}

export function isPoisoned(store: PageStore, index: number): boolean {
  const code = store.state[index] as number;
  return code < 0x80 && (code & POISONED) !== 0;
}

/** Pins of a used page: references beyond the owner's own, kept at its first page. */
export function pinsOf(store: PageStore, index: number): number {
  return store.linkB[headOfUsed(store, index)] as number;
}
/** Adds or takes a reference to a page in use, by its index in the store, as get_page and put_page do. */
export function pin(store: PageStore, index: number, change: 1 | -1): void {
  const head = headOfUsed(store, index);
  const left = Math.max(0, (store.linkB[head] as number) + change);
  store.linkB[head] = left;
  if (left === 0 && store.owners[ownerOfUsed(store, head)] === UNMAPPED) freeUsed(store, head);
}

/** Who has pages that no load has any more, while references to them last. */
const UNMAPPED = "unmapped";

/** A used page loses its owner, but not its references. */
export function keepUnmapped(store: PageStore, index: number): void {
  giveTo(store, index, store.ownerOf(UNMAPPED));
}

/** A used page is the kernel's own from here on. */
export function giveToKernel(store: PageStore, index: number): void {
  giveTo(store, index, 0);
}

function giveTo(store: PageStore, index: number, owner: number): void {
  const order = orderOfUsed(store, index);
  countOwner(store, ownerOfUsed(store, index), -(2 ** order));
  countOwner(store, owner, 2 ** order);
  store.linkA.fill(owner | (order << ORDER_SHIFT), index, index + 2 ** order);
  const slot = index >> store.blockShift;
  store.slotOwners[slot] = (store.slotOwners[slot] as number) | (1 << (owner & 31));
}
