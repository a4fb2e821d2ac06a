import { indexOf, pfnOf } from "../pages/page-index.ts";
import { KINDS, kindName, PageKind, type PageKindName } from "../pages/page-kind.ts";
import {
  FREE_HEAD,
  headOrder,
  KIND_MASK,
  ORDER_SHIFT,
  OWNER_MASK,
  ownerWord,
  POISONED,
  TAIL,
} from "../pages/page-state.ts";
import { pudOrder } from "../pages/hugepages.ts";
import type { PageStore } from "../pages/page-store.ts";
import { countUsedAlike, headOfUsed } from "../pages/used-pages.ts";
import { ImageError } from "./image-error.ts";
import { type ValueRuns, ValueRunWriter } from "./value-runs.ts";

/** What pages in use are. */
export interface PageUse {
  readonly kind: PageKindName;
  /** Number of the owner in the image's `owners`. */
  readonly owner: number;
  /** Of the page that a frame is part of. */
  readonly order: number;
  /** References beyond the owner's own (pins). */
  readonly references: number;
  readonly poisoned: boolean;
}

/** Number of the use of frames that are free. */
export const FREE = -1;

/** Frames of blocks that have slots, one after another: the number of the use, or -1. */
export function snapshotFrames(store: PageStore, slots: readonly number[], uses: UseTable): ValueRuns {
  const { state, linkA } = store;
  const frames = new ValueRunWriter();
  for (const slot of slots) {
    const end = (slot + 1) * store.blockPages;
    for (let index = slot * store.blockPages; index < end;) {
      const code = state[index] as number;
      if (code >= FREE_HEAD) {
        const pages = 1 << (headOrder[code] as number);
        frames.add(FREE, pages);
        index += pages;
        continue;
      }
      if (code === 0) throw new Error("memhp bug: a page is free but in no chunk while an image is taken");
      const word = linkA[index] as number;
      const pages = countUsedAlike(store, index, end);
      frames.add(uses.numberOf(code & ~TAIL, word, referencesOf(store, index, word >> ORDER_SHIFT)), pages);
      index += pages;
    }
  }
  return frames.finish();
}

/** Of a gigantic page's parts only the one with its first frame tells of references. */
function referencesOf(store: PageStore, index: number, order: number): number {
  if (((store.state[index] as number) & TAIL) === 0) return store.linkB[index] as number;
  return order > store.maxOrder ? 0 : (store.linkB[headOfUsed(store, index)] as number);
}

/** The uses that an image has seen, each once. */
export class UseTable {
  readonly list: PageUse[] = [];
  readonly #numbers = new Map<string, number>();
  #last = { code: -1, word: -1, references: -1, number: -1 };

  /** @param code kind and whether poisoned, as the state column has them. */
  numberOf(code: number, word: number, references: number): number {
    const last = this.#last;
    if (last.code === code && last.word === word && last.references === references) return last.number;
    const key = `${code}/${word}/${references}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.list.length;
      this.#numbers.set(key, number);
      const kind = kindName(code & KIND_MASK);
      const poisoned = (code & POISONED) !== 0;
      this.list.push({ kind, owner: word & OWNER_MASK, order: word >> ORDER_SHIFT, references, poisoned });
    }
    this.#last = { code, word, references, number };
    return number;
  }
}

/** Writes frames in use into slots that hold nothing yet. @throws ImageError */
export function restoreFrames(
  store: PageStore,
  slots: readonly number[],
  coded: readonly CodedUse[],
  frames: ValueRuns,
): void {
  let place = 0;
  let index = (slots[0] ?? 0) * store.blockPages;
  let left = slots.length === 0 ? 0 : store.blockPages;
  for (let at = 0; at < frames.length; at += 2) {
    const number = frames[at] as number;
    let pages = frames[at + 1] as number;
    const use = coded[number];
    if (use === undefined && number !== FREE) throw new ImageError("frames", `no use ${number}`);
    while (pages > 0) {
      if (left === 0) {
        place++;
        if (place >= slots.length) throw new ImageError("frames", "more frames than blocks have");
        index = (slots[place] as number) * store.blockPages;
        left = store.blockPages;
      }
      const here = Math.min(pages, left);
      if (use !== undefined) fillUse(store, index, here, use);
      index += here;
      left -= here;
      pages -= here;
    }
  }
  if (left !== 0 || place < slots.length - 1) throw new ImageError("frames", "fewer frames than blocks have");
}

/** A use as the columns hold it. */
export interface CodedUse {
  readonly code: number;
  readonly word: number;
  readonly order: number;
  readonly references: number;
  readonly owner: number;
}

/** @throws ImageError */
export function codedUse(store: PageStore, { kind, owner, order, references, poisoned }: PageUse, i: number): CodedUse {
  const number = PageKind[kind] as number | undefined;
  if (number === undefined || number === 0 || number >= KINDS) throw new ImageError(`uses[${i}].kind`, kind);
  if (store.owners[owner] === undefined) throw new ImageError(`uses[${i}].owner`, `no owner ${owner}`);
  if (!(order >= 0 && order <= pudOrder(store))) throw new ImageError(`uses[${i}].order`, String(order));
  const code = number | (poisoned ? POISONED : 0);
  return { code, word: ownerWord(owner, order), order, references, owner };
}

function fillUse(store: PageStore, index: number, pages: number, use: CodedUse): void {
  const { code, word, order, references, owner } = use;
  store.linkA.fill(word, index, index + pages);
  store.linkB.fill(references, index, index + pages);
  if (order === 0) {
    store.state.fill(code, index, index + pages);
  } else {
    store.state.fill(code | TAIL, index, index + pages);
    const size = 2 ** order;
    const pfn = pfnOf(store, index);
    // A page of several frames lies at a multiple of its size.
    for (let at = (size - (pfn % size)) % size; at < pages; at += size) store.state[index + at] = code;
  }
  if (owner === 0) return;
  const slot = index >> store.blockShift;
  store.slotOwners[slot] = (store.slotOwners[slot] as number) | (1 << (owner & 31));
}

/** Index of a frame of a touched block. @throws ImageError */
export function mappedIndex(store: PageStore, pfn: number, where: string): number {
  const index = Number.isInteger(pfn) ? indexOf(store, pfn) : -1;
  if (index < 0) throw new ImageError(where, `frame ${pfn} is in no block that has frames`);
  return index;
}
