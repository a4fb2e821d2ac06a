import { MIGRATE_CLASSES } from "./migrate-class.ts";

/**
 * One byte says what a page is. A used page: its kind, whether it is a tail of a larger page, whether it
 * is poisoned. The first page of a free chunk: `FREE_HEAD` and, coded, the chunk's order and the list
 * it stands on (in 4.1 that list need not be its pageblock's). Other pages of a free chunk: 0.
 */
export const KIND_MASK = 0x1f;
export const POISONED = 0x20;
export const TAIL = 0x40;
export const FREE_HEAD = 0x80;
export const FREE_INSIDE = 0;

/** Orders that the coding has room for: 0..16, ia64's largest (facts §1.2). */
const MAX_ORDER = 16;

/** Order and migratetype of a free head, by state byte; small enough to stay in the first cache. */
export const headOrder: Uint8Array = new Uint8Array(256).fill(0xff);
export const headType: Uint8Array = new Uint8Array(256).fill(0xff);
for (let order = 0; order <= MAX_ORDER; order++) {
  for (let type = 0; type < MIGRATE_CLASSES; type++) {
    headOrder[freeHead(order, type)] = order;
    headType[freeHead(order, type)] = type;
  }
}

export function freeHead(order: number, type: number): number {
  return FREE_HEAD + order * MIGRATE_CLASSES + type;
}

/** Link A of a used page: who owns it, and the order of the page it is part of. */
export const OWNER_MASK = 0xffff;
export const ORDER_SHIFT = 16;
/** Owner ids are 16 bits wide. */
export const MAX_OWNER = 0xffff;

export function ownerWord(owner: number, order: number): number {
  return owner | (order << ORDER_SHIFT);
}
