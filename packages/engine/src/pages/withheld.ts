import { touch, takeRange } from "./split-free-chunk.ts";
import { SEVERAL_ZONES } from "./block-rows.ts";
import { KINDS, PageKind } from "./page-kind.ts";
import { FREE_HEAD, KIND_MASK } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { loadOwner } from "./load/load.ts";
import { freeUsed, ownerName, ownerOfUsed, pinsOf } from "./used-pages.ts";
import type { WithheldRange } from "../memory-map.ts";

// Frames that a driver keeps from the allocator because a hypervisor has taken them back, or not yet given them: PageOffline, each
// with the driver's reference, and no part of the zone's managed pages.

/**
 * A driver takes frames of an online block, all of which are free.
 * @returns false, with nothing changed, where one is not.
 */
export function withholdFrames(store: PageStore, { startPfn, nrPages, owner }: WithheldRange): boolean {
  if (!takeRange(store, startPfn, nrPages, PageKind.offline, store.ownerOf(owner))) return false;
  const first = touch(store, startPfn);
  store.linkB.fill(1, first, first + nrPages);
  return true;
}

/** The driver gives frames of an online block to the allocator; frames that are not its own stay as they are. */
export function releaseFrames(store: PageStore, { startPfn, nrPages, owner }: WithheldRange): void {
  const first = touch(store, startPfn);
  const id = store.owners.indexOf(owner);
  for (let index = first; index < first + nrPages; index++) if (isWithheld(store, index, id)) freeUsed(store, index);
}

/** The driver's references to its frames: without them their block may go offline. */
export function referWithheld(store: PageStore, { startPfn, nrPages, owner }: WithheldRange, references: 0 | 1): void {
  const first = touch(store, startPfn);
  const id = store.owners.indexOf(owner);
  for (let index = first; index < first + nrPages; index++)
    if (isWithheld(store, index, id)) store.linkB[index] = references;
}

/**
 * Nobody but its driver refers to this PageOffline page: the driver lets go of it on the notifier chain when its block goes offline. What
 * a load says of itself is no driver's.
 */
export function isLetGo(store: PageStore, index: number): boolean {
  return pinsOf(store, index) === 1 && !ownerName(store, ownerOfUsed(store, index)).startsWith(loadOwner(""));
}

/** What drivers keep of an online block, ascending. */
export function withheldOf(store: PageStore, block: number): WithheldRange[] {
  const { rows } = store;
  const row = rows.find(block);
  const slot = rows.slot[row] as number;
  if (slot < 0) return [];
  const zone = rows.zone[row] as number;
  if (zone !== SEVERAL_ZONES && store.kindPages[zone * KINDS + PageKind.offline] === 0) return [];
  const ranges: { startPfn: number; nrPages: number; readonly owner: string }[] = [];
  const first = slot * store.blockPages;
  let last: { startPfn: number; nrPages: number; readonly owner: string } | undefined;
  for (let at = 0; at < store.blockPages; at++) {
    const code = store.state[first + at] as number;
    if (code >= FREE_HEAD || (code & KIND_MASK) !== PageKind.offline) {
      last = undefined;
      continue;
    }
    const owner = ownerName(store, ownerOfUsed(store, first + at));
    if (last?.owner === owner) last.nrPages++;
    else ranges.push((last = { startPfn: block * store.blockPages + at, nrPages: 1, owner }));
  }
  return ranges;
}

function isWithheld(store: PageStore, index: number, owner: number): boolean {
  const code = store.state[index] as number;
  return code < FREE_HEAD && (code & KIND_MASK) === PageKind.offline && ownerOfUsed(store, index) === owner;
}
