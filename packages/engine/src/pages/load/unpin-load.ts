import type { PageStore } from "../page-store.ts";
import { type Load, loadOwner } from "./load.ts";
import { eachPageOf } from "./owned-pages.ts";

/** The pins of a load's pages end, where it has any in this store. */
export function unpinOwner(store: PageStore, id: string): void {
  const owner = store.owners.indexOf(loadOwner(id));
  if (owner >= 0) unpinPages(store, owner);
}

/** The pins of a load's pages end: what held up a migration moves next time. */
export function unpinLoad(store: PageStore, load: Load): void {
  unpinPages(store, load.owner);
}

function unpinPages(store: PageStore, owner: number): void {
  // No page of a block that is a row has references.
  eachPageOf(store, owner, { whole() {}, page: (index) => (store.linkB[index] = 0) });
}
