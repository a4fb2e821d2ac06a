import { NO_SLOT, UNTOUCHED } from "./block-rows.ts";
import { MigrateClass } from "./migrate-class.ts";
import { PageKind } from "./page-kind.ts";
import type { PageStore } from "./page-store.ts";

/** True where somebody uses all pages of a block, but for those that the kernel holds, and they stand in no columns. */
export function isWholeUsed({ rows }: PageStore, row: number): boolean {
  return rows.slot[row] === NO_SLOT && rows.kind[row] !== PageKind.free;
}

/** True where a part of the block is other nodes' RAM, and the block stands in no columns. */
export function isShared({ rows }: PageStore, row: number): boolean {
  return rows.slot[row] === NO_SLOT && (rows.before[row] !== 0 || rows.behind[row] !== 0);
}

/** True where all pages of a block, but for those that the kernel holds, are free as onlining left them. */
export function isUntouched({ rows }: PageStore, row: number): boolean {
  return rows.turn[row] === UNTOUCHED;
}

/** True where nobody has touched a page of an online block, and all of it is free RAM of one zone: it goes offline without a refusal or a move. */
export function isIdleBlock(store: PageStore, block: number): boolean {
  const { rows } = store;
  const row = rows.find(block);
  return (
    row >= 0 &&
    rows.slot[row] === NO_SLOT &&
    rows.turn[row] === UNTOUCHED &&
    rows.kind[row] === PageKind.free &&
    rows.held[row] === 0 &&
    !isShared(store, row) &&
    rows.type[row] !== MigrateClass.isolate
  );
}
