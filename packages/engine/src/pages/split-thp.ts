import { zoneOfIndex } from "./page-index.ts";
import { PageKind } from "./page-kind.ts";
import { ownerWord, POISONED } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { countKind, orderOfUsed, ownerOfUsed } from "./used-pages.ts";

/** split_huge_page: the frames stay where they are and become anonymous pages of their own; a pin stays with the first. */
export function splitThp(store: PageStore, index: number): void {
  const order = orderOfUsed(store, index);
  const word = ownerWord(ownerOfUsed(store, index), 0);
  const pages = 1 << order;
  const zone = zoneOfIndex(store, index);
  const pins = store.linkB[index] as number;
  for (let i = index; i < index + pages; i++) {
    store.state[i] = ((store.state[i] as number) & POISONED) | PageKind.anonymous;
  }
  store.linkA.fill(word, index, index + pages);
  store.linkB.fill(0, index, index + pages);
  store.linkB[index] = pins;
  countKind(store, zone, PageKind.thp, -pages);
  countKind(store, zone, PageKind.anonymous, pages);
}
