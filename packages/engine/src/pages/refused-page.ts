import { type RefusedPage, type ZoneName, zoneName } from "@memhp/abi";
import { pageblockOfPfn, pfnOf, zoneOfIndex } from "./page-index.ts";
import { kindName } from "./page-kind.ts";
import { KIND_MASK } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { ownerName, ownerOfUsed } from "./used-pages.ts";

/** How many offenders a refusal names; `total` counts all of them. */
export const NAMED = 8;

/** Pages that stand in the way, the first few by name. */
export class Offenders {
  readonly pages: RefusedPage[] = [];
  /** Kinds of all of them. */
  readonly kinds: Set<string> = new Set();
  total = 0;
  readonly #store: PageStore;
  #lastKind = -1;

  constructor(store: PageStore) {
    this.#store = store;
  }

  /** Adds a used page, or the part of one that counts as so many pages. */
  add(index: number, pages = 1): void {
    this.total += pages;
    const kind = (this.#store.state[index] as number) & KIND_MASK;
    if (kind !== this.#lastKind) this.kinds.add(kindName(kind));
    this.#lastKind = kind;
    if (this.pages.length < NAMED) this.pages.push(refusedPage(this.#store, index));
  }
}

/** A used page as a refusal names it. */
export function refusedPage(store: PageStore, index: number): RefusedPage {
  const pfn = pfnOf(store, index);
  return {
    pfn,
    kind: kindName((store.state[index] as number) & KIND_MASK),
    pageblock: pageblockOfPfn(store, pfn),
    owner: ownerName(store, ownerOfUsed(store, index)),
  };
}

/** Node and zone of a page, for the head of a refusal. */
export function placeOf(store: PageStore, index: number): { readonly node: number; readonly zone: ZoneName } {
  const zone = zoneOfIndex(store, index);
  return { node: store.nodeOfZone(zone), zone: zoneName(store.zoneIndexOf(zone)) };
}

/** What an administrator can do about pages of the kinds found. */
export function remediesFor(kinds: ReadonlySet<string>): string[] {
  const remedies: string[] = [];
  if (kinds.has("slab_reclaimable")) remedies.push("drop_caches frees reclaimable slab");
  if (kinds.has("hugetlb_1g")) remedies.push("release the gigantic hugepages, or move them to another node's pool");
  if (kinds.has("balloon")) remedies.push("deflate the balloon");
  if (kinds.has("reserved") || kinds.has("boot_allocation") || kinds.has("memmap") || kinds.has("hole")) {
    remedies.push("choose another block: boot put these pages here, where they stay until the next boot");
  } else {
    remedies.push("online this range as movable before the kernel allocates from it");
  }
  return remedies;
}
