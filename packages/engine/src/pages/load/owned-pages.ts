import { NO_SLOT, SEVERAL_ZONES } from "../block-rows.ts";
import { expandToFrames } from "../expand-to-frames.ts";
import { countAlike } from "../free-pages.ts";
import { FREE_HEAD, OWNER_MASK, TAIL, headOrder } from "../page-state.ts";
import type { PageStore } from "../page-store.ts";
import { isWholeUsed } from "../row-form.ts";
import { orderOfUsed } from "../used-pages.ts";
import { freesAsRow, wholePages } from "../whole-block.ts";

/** What visits the pages that an owner holds. It may free them. */
interface OwnedPages {
  /** A block all of whose pages are the owner's. Without it the block gets its pages as columns. */
  readonly whole?: (row: number) => void;
  /** The first page of each page. */
  readonly page: (index: number) => void;
  /** The same for pages alike that stand one after another. */
  readonly alike?: (index: number, count: number) => void;
}

/** Visits the pages that an owner holds, in the order in which their blocks were touched, and in each upwards. */
export function eachPageOf(store: PageStore, owner: number, { whole, page, alike }: OwnedPages): void {
  const bit = 1 << (owner & 31);
  // When all are visited, what lies behind is somebody else's: most owners hold a small part of memory.
  let left = store.ownerPages[owner] as number;
  for (let turn = 0; turn < store.turns && left > 0; turn++) {
    const row = store.rowOfTurn(turn);
    if (row === -1) continue;
    if (isWholeUsed(store, row)) {
      if (store.rows.owner[row] !== owner) continue;
      if (whole !== undefined && freesAsRow(store, row)) {
        left -= wholePages(store, row);
        whole(row);
        continue;
      }
      expandToFrames(store, row);
    }
    const slot = store.rows.slot[row] as number;
    if (slot === NO_SLOT || ((store.slotOwners[slot] as number) & bit) === 0) continue;
    const { state, linkA } = store;
    const end = (slot + 1) * store.blockPages;
    for (let index = slot * store.blockPages; index < end && left > 0;) {
      const code = state[index] as number;
      if (code >= FREE_HEAD) {
        index += 1 << (headOrder[code] as number);
        continue;
      }
      // A page that the visit frees may merge, so its own size says where the next one starts.
      const isHead = code !== 0 && (code & TAIL) === 0 && ((linkA[index] as number) & OWNER_MASK) === owner;
      const size = isHead ? 2 ** orderOfUsed(store, index) : 1;
      const count = isHead && alike !== undefined ? countAlike(store, index, runEnd(store, row, index, end)) : 1;
      if (isHead && alike !== undefined) alike(index, count);
      else if (isHead) page(index);
      if (isHead) left -= size * count;
      index = Math.min(end, index + size * count);
    }
  }
}

/** Pages alike are of one zone: of a block that zones share, a pageblock at a time. */
function runEnd(store: PageStore, row: number, index: number, end: number): number {
  if (store.rows.zone[row] !== SEVERAL_ZONES) return end;
  return Math.min(end, ((index >> store.pageblockOrder) + 1) << store.pageblockOrder);
}
