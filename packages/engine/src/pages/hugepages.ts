import { alignUp, hugepageOrders, type Refusal, ZONE_DMA, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import { allocateFrom } from "./allocate.ts";
import { NIL } from "./block-rows.ts";
import { freeChunk } from "./buddy.ts";
import { splitFreeChunk, isRangeFree, touch } from "./split-free-chunk.ts";
import { indexOf, pfnOf, zoneOfIndex } from "./page-index.ts";
import { gfpOfKind, PageKind } from "./page-kind.ts";
import { FREE_INSIDE, KIND_MASK, ownerWord, POISONED, TAIL } from "./page-state.ts";
import type { HugepagePool, PageStore } from "./page-store.ts";
import { placeOf, refusedPage } from "./refused-page.ts";
import { countKind, freeUsed, countOwner, orderOfUsed, ownerOfUsed } from "./used-pages.ts";
import { zonelist } from "./zonelist.ts";

/** Orders of the two hugepage sizes: a PMD's (2 MiB on x86) and a PUD's (1 GiB). */
export function pmdOrder(store: PageStore): number {
  return store.pageblockOrder;
}
/** Order of the largest hugepage of an architecture (1 GiB on x86_64, 2 GiB on s390x). */
export function pudOrder(store: PageStore): number {
  return Math.max(...hugepageOrders(store.arch));
}

/** The pool of hugepages of one order on a node. */
export function hugepagePool(store: PageStore, node: number, order: number): HugepagePool {
  const key = `${node}/${order}`;
  let pool = store.pools.get(key);
  if (pool === undefined) store.pools.set(key, (pool = { free: [], total: 0 }));
  return pool;
}

function kindOf(store: PageStore, order: number, isFree: boolean): number {
  const is2m = order === pmdOrder(store);
  if (isFree) return is2m ? PageKind.hugetlb_2m_free : PageKind.hugetlb_1g_free;
  return is2m ? PageKind.hugetlb_2m : PageKind.hugetlb_1g;
}

/** Free hugepages of a size on all nodes. */
export function freeHugepages(store: PageStore, order: number): number {
  let free = 0;
  for (const [key, pool] of store.pools) if (key.endsWith(`/${order}`)) free += pool.free.length;
  return free;
}

/** Adds free hugepages to a node's pool. @returns how many there was room for. */
export function growHugepagePool(store: PageStore, node: number, order: number, count: number): number {
  const pool = hugepagePool(store, node, order);
  let added = 0;
  for (; added < count; added++) {
    const index =
      order <= store.maxOrder ? newHugepage(store, [node], order, 0, true) : newGigantic(store, node, order);
    if (index === NIL) break;
    pool.free.push(index);
    pool.total++;
  }
  store.targetHugepages.set(order, (store.targetHugepages.get(order) ?? 0) + added);
  return added;
}

/** Gives free hugepages of a node's pool back. @returns how many there were. */
export function shrinkHugepagePool(store: PageStore, node: number, order: number, count: number): number {
  const pool = hugepagePool(store, node, order);
  let removed = 0;
  for (; removed < count && pool.free.length > 0; removed++) releaseHugepage(store, pool.free.pop() as number, pool);
  store.targetHugepages.set(order, Math.max(0, (store.targetHugepages.get(order) ?? 0) - removed));
  return removed;
}

/** A hugepage straight from the lists of some nodes, for the pool or (6.x) as a temporary migration target. */
export function newHugepage(
  store: PageStore,
  nodes: readonly number[],
  order: number,
  owner: number,
  isFree: boolean,
): number {
  const kind = kindOf(store, order, isFree);
  const { mobility, highestZone } = gfpOfKind(kind);
  return allocateFrom(store, zonelist(store, nodes, highestZone), order, mobility, kind, owner);
}

/** alloc_contig_pages: the lowest aligned range of free frames in one kernel zone of the node. */
function newGigantic(store: PageStore, node: number, order: number): number {
  const pages = 2 ** order;
  for (let zone = ZONE_NORMAL as number; zone >= ZONE_DMA; zone--) {
    const slot = store.zoneSlot(node, zone as ZoneIndex);
    for (const row of store.rows.ascending()) {
      if (store.rows.zone[row] !== slot) continue;
      const pfn = (store.rows.block[row] as number) * store.blockPages;
      for (let start = alignUp(pfn, pages); start < pfn + store.blockPages; start += pages) {
        if (!isOneZone(store, start, pages, slot) || !isRangeFree(store, start, pages)) continue;
        takeGigantic(store, start, order, slot);
        return indexOf(store, start);
      }
    }
  }
  return NIL;
}

function isOneZone(store: PageStore, pfn: number, pages: number, zone: number): boolean {
  for (let at = pfn; at < pfn + pages; at += store.blockPages) {
    const row = store.rows.find(Math.floor(at / store.blockPages));
    if (row < 0 || store.rows.zone[row] !== zone) return false;
  }
  return true;
}

function takeGigantic(store: PageStore, pfn: number, order: number, zone: number): void {
  const kind = PageKind.hugetlb_1g_free;
  const step = 1 << store.pageblockOrder;
  for (let at = pfn; at < pfn + 2 ** order; at += step) {
    const index = touch(store, at);
    splitFreeChunk(store, index, store.pageblockOrder);
    store.state.fill(kind | TAIL, index, index + step);
    store.linkA.fill(ownerWord(0, order), index, index + step);
  }
  const head = indexOf(store, pfn);
  store.state[head] = kind;
  store.linkB[head] = 0;
  countKind(store, zone, kind, 2 ** order);
  countOwner(store, 0, 2 ** order);
}

/** Changes kind and owner of a hugepage in place. */
function retag(store: PageStore, head: number, kind: number, owner: number): void {
  const order = orderOfUsed(store, head);
  const pages = 2 ** order;
  const zone = zoneOfIndex(store, head);
  countKind(store, zone, (store.state[head] as number) & KIND_MASK, -pages);
  countKind(store, zone, kind, pages);
  countOwner(store, ownerOfUsed(store, head), -pages);
  countOwner(store, owner, pages);
  const start = pfnOf(store, head);
  const step = Math.min(pages, 1 << store.pageblockOrder);
  for (let at = 0; at < pages; at += step) {
    const index = indexOf(store, start + at);
    for (let i = index; i < index + step; i++) {
      store.state[i] = ((store.state[i] as number) & ~KIND_MASK) | kind;
      store.linkA[i] = ownerWord(owner, order);
    }
    const slot = index >> store.blockShift;
    store.slotOwners[slot] = (store.slotOwners[slot] as number) | (1 << (owner & 31));
  }
}

/**
 * dequeue_huge_page: takes a free hugepage of the first node that has one. NIL if none has.
 * @param owner number of the owner in the store
 */
export function takeHugepage(store: PageStore, nodes: readonly number[], order: number, owner: number): number {
  for (const node of nodes) {
    const index = hugepagePool(store, node, order).free.pop();
    if (index === undefined) continue;
    retag(store, index, kindOf(store, order, false), owner);
    return index;
  }
  return NIL;
}

/**
 * A hugepage that its user gave up goes back to its node's pool.
 * @param head index of the hugepage's first page in the store
 */
export function putHugepage(store: PageStore, head: number): void {
  const order = orderOfUsed(store, head);
  store.linkB[head] = 0;
  retag(store, head, kindOf(store, order, true), 0);
  hugepagePool(store, store.nodeOfZone(zoneOfIndex(store, head)), order).free.push(head);
}

/** update_and_free_page: the frames of a hugepage that has left the pool's list return to the allocator. */
export function releaseHugepage(store: PageStore, head: number, pool: HugepagePool): void {
  pool.total--;
  const order = orderOfUsed(store, head);
  if (order <= store.maxOrder) return freeUsed(store, head);
  const pages = 2 ** order;
  countKind(store, zoneOfIndex(store, head), (store.state[head] as number) & KIND_MASK, -pages);
  countOwner(store, ownerOfUsed(store, head), -pages);
  const start = pfnOf(store, head);
  for (let at = 0; at < pages; at += 1 << store.pageblockOrder) freeGiganticPart(store, indexOf(store, start + at));
}

function freeGiganticPart(store: PageStore, index: number): void {
  const pages = 1 << store.pageblockOrder;
  const zone = zoneOfIndex(store, index);
  let poisoned = 0;
  for (let i = index; i < index + pages; i++) poisoned += Number(((store.state[i] as number) & POISONED) !== 0);
  if (poisoned === 0) {
    store.state.fill(FREE_INSIDE, index, index + pages);
    return freeChunk(store, index, store.pageblockOrder);
  }
  for (let i = index; i < index + pages; i++) {
    if (((store.state[i] as number) & POISONED) !== 0) {
      store.state[i] = PageKind.hwpoison | POISONED;
      store.linkA[i] = 0;
      store.linkB[i] = 0;
      countKind(store, zone, PageKind.hwpoison, 1);
      countOwner(store, 0, 1);
    } else {
      store.state[i] = FREE_INSIDE;
    }
  }
  for (let i = index; i < index + pages; i++) if (store.state[i] === FREE_INSIDE) freeChunk(store, i, 0);
}

/** Free hugepages whose frames lie in a block, lowest first. */
function freeHugepagesIn(store: PageStore, block: number): { head: number; pool: HugepagePool; order: number }[] {
  const begin = block * store.blockPages;
  const end = begin + store.blockPages;
  const found: { head: number; pool: HugepagePool; order: number; pfn: number }[] = [];
  for (const pool of store.pools.values()) {
    for (const head of pool.free) {
      const pfn = pfnOf(store, head);
      const order = orderOfUsed(store, head);
      if (pfn < end && pfn + 2 ** order > begin) found.push({ head, pool, order, pfn });
    }
  }
  return found.sort((a, b) => a.pfn - b.pfn);
}

/**
 * dissolve_free_huge_pages over a block. 4.1 gives every free one back and nothing fails; 6.x refuses where
 * all free ones of the size are reserved, and lowers the pool's target too (facts §4.5).
 */
export function dissolveHugepages(store: PageStore, block: number): Refusal | undefined {
  for (const { head, pool, order } of freeHugepagesIn(store, block)) {
    const strict = store.rules.dissolve === "unless-reserved";
    if (strict && freeHugepages(store, order) <= (store.reservedHugepages.get(order) ?? 0)) {
      return {
        errno: "EBUSY",
        code: "no_target_memory",
        rule: "facts §4.5: every free hugepage of this size is reserved",
        block,
        ...placeOf(store, head),
        pages: [refusedPage(store, head)],
        total: 1,
        retry: "maybe",
        remedy: ["add hugepages to another node's pool (nr_hugepages)", "end the program that reserved them"],
      };
    }
    pool.free.splice(pool.free.indexOf(head), 1);
    releaseHugepage(store, head, pool);
    if (strict) store.targetHugepages.set(order, Math.max(0, (store.targetHugepages.get(order) ?? 0) - 1));
  }
  return undefined;
}
