import { notifierFromErrno, NOTIFY_OK, type ZoneIndex } from "@memhp/abi";
import {
  isBlockOnline,
  managedPages,
  type MemoryMap,
  nodeOf,
  type NodeStores,
  releaseFrames,
  type WithheldRange,
} from "@memhp/engine";
import type { PagesCallback } from "./callback-pages.ts";

/** An offline block's frames become a driver's: they stay out of the allocator when the block goes online. */
export function keepWithheld(map: MemoryMap, block: number, { startPfn, nrPages, owner }: WithheldRange): void {
  const others = (map.withheld.get(block) ?? []).flatMap((range) => without(range, startPfn, startPfn + nrPages));
  map.withheld.set(block, joined([...others, { startPfn, nrPages, owner }]));
}

/** A driver gives frames back to the allocator; of an offline block they are its memory when it goes online. */
export function releaseWithheld(map: MemoryMap, stores: NodeStores, node: number, range: WithheldRange): void {
  const block = Math.floor(range.startPfn / map.blockPages);
  if (isBlockOnline(map, block)) {
    releaseFrames(stores.of(node), range);
    return;
  }
  const endPfn = range.startPfn + range.nrPages;
  const left = (map.withheld.get(block) ?? []).flatMap((each) => without(each, range.startPfn, endPfn));
  if (left.length === 0) map.withheld.delete(block);
  else map.withheld.set(block, left);
}

/** adjust_managed_page_count: the zone of an online block, as its pages say. */
export function syncManagedOf(
  { map, stores }: { readonly map: MemoryMap; readonly stores: NodeStores },
  id: number,
  block: number,
): void {
  if (!isBlockOnline(map, block)) return;
  const store = stores.of(id);
  const zone = nodeOf(map, id).zones[map.blocks.zone(block) as ZoneIndex];
  zone.managedPages = managedPages(store, store.zoneSlot(id, zone.index));
}

/**
 * The same of all zones of a node, whose balloon pages came, went or moved to another zone.
 * @returns whether a zone has another number now.
 */
export function syncManagedOfNode(
  { map, stores }: { readonly map: MemoryMap; readonly stores: NodeStores },
  id: number,
): boolean {
  const store = stores.of(id);
  let hasChanged = false;
  for (const zone of nodeOf(map, id).zones) {
    if (zone.spannedPages === 0) continue;
    const managed = managedPages(store, store.zoneSlot(id, zone.index));
    hasChanged ||= managed !== zone.managedPages;
    zone.managedPages = managed;
  }
  return hasChanged;
}

function without(range: WithheldRange, startPfn: number, endPfn: number): WithheldRange[] {
  const rangeEnd = range.startPfn + range.nrPages;
  return [
    { ...range, nrPages: Math.min(rangeEnd, startPfn) - range.startPfn },
    { ...range, startPfn: Math.max(range.startPfn, endPfn), nrPages: rangeEnd - Math.max(range.startPfn, endPfn) },
  ].filter(({ nrPages }) => nrPages > 0);
}

/** Ascending, neighbours of one owner together. */
function joined(ranges: readonly WithheldRange[]): WithheldRange[] {
  const sorted = ranges.toSorted((a, b) => a.startPfn - b.startPfn);
  const runs: WithheldRange[] = [];
  for (const range of sorted) {
    const last = runs.at(-1);
    if (last?.owner === range.owner && last.startPfn + last.nrPages === range.startPfn)
      runs[runs.length - 1] = { ...last, nrPages: last.nrPages + range.nrPages };
    else runs.push(range);
  }
  return runs;
}

/** A driver of memory devices as the notifier chain knows it. */
export interface MemoryDriver {
  /** Its name there; what it keeps is under `NAME` or `NAME DEVICE`. */
  readonly name: string;
  readonly priority: number;
}

/**
 * What a driver with PageOffline pages does on the chain: it lets go of its references when their block is to go offline, and takes
 * them again where that is cancelled. It looks at the pages alone: a callback before it may have refused, so that it never heard of the attempt.
 */
export function letGoCallback({ name, priority }: MemoryDriver): PagesCallback {
  return {
    name,
    priority,
    call(action, { startPfn, nrPages }, pages) {
      const references = { MEM_GOING_OFFLINE: 0, MEM_CANCEL_OFFLINE: 1 } as const;
      if (action !== "MEM_GOING_OFFLINE" && action !== "MEM_CANCEL_OFFLINE") return NOTIFY_OK;
      for (const { startPfn: pfn, count, page } of pages.runs(startPfn, nrPages)) {
        if (page?.kind !== "offline" || page.owner === undefined || !isOf(name, page.owner)) continue;
        if (page.pins > 1) return notifierFromErrno("EBUSY");
        pages.refer({ startPfn: pfn, nrPages: count, owner: page.owner }, references[action]);
      }
      return NOTIFY_OK;
    },
  };
}

function isOf(driver: string, owner: string): boolean {
  return owner === driver || owner.startsWith(`${driver} `);
}
