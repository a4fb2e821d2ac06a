import { expandToFrames } from "./expand-to-frames.ts";
import { PageKind } from "./page-kind.ts";
import { FREE_HEAD, headOrder, KIND_MASK, POISONED, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { freeUsed, orderOfUsed, ownerOfUsed, pinsOf } from "./used-pages.ts";
import { isWholeUsed } from "./row-form.ts";
import { freesAsRow, freeWhole, wholePages } from "./whole-block.ts";

/**
 * drop_caches: page cache (1), reclaimable slab (2) or both (3) that nobody has pinned is free.
 * @returns base pages freed.
 */
export function dropCaches(store: PageStore, what: 1 | 2 | 3): number {
  const dropsFile = (what & 1) !== 0;
  const dropsSlab = (what & 2) !== 0;
  let freed = 0;
  for (let turn = 0; turn < store.turns; turn++) {
    const row = store.rowOfTurn(turn);
    if (row === -1) continue;
    if (isWholeUsed(store, row)) {
      if (store.rows.kind[row] !== PageKind.file || !dropsFile || store.rows.owner[row] === 0) continue;
      if (freesAsRow(store, row)) {
        freed += wholePages(store, row);
        freeWhole(store, row);
        continue;
      }
      expandToFrames(store, row);
    }
    const slot = store.rows.slot[row] as number;
    if (slot < 0) continue;
    const end = (slot + 1) * store.blockPages;
    for (let index = slot * store.blockPages; index < end;) {
      const code = store.state[index] as number;
      if (code >= FREE_HEAD) {
        index += 1 << (headOrder[code] as number);
        continue;
      }
      const kind = code & KIND_MASK;
      const isDropped = (kind === PageKind.file && dropsFile) || (kind === PageKind.slab_reclaimable && dropsSlab);
      const isWhole = code !== 0 && (code & (TAIL | POISONED)) === 0;
      const size = isWhole ? 2 ** orderOfUsed(store, index) : 1;
      // The kernel's own half-empty slabs stay (c_load_dentry_kernel).
      const isKernels = isWhole && ownerOfUsed(store, index) === 0;
      if (isDropped && isWhole && !isKernels && pinsOf(store, index) === 0) {
        freeUsed(store, index);
        freed += size;
      }
      index += size;
    }
  }
  return freed;
}
