import type { Floors } from "../allocate.ts";
import { MigrateClass } from "../migrate-class.ts";
import { PageKind, gfpOfKind } from "../page-kind.ts";
import type { PageStore } from "../page-store.ts";
import { allocatePages } from "./allocate-load.ts";
import { SLAB_ORDER, pageKindOf } from "./load-kinds.ts";
import { type Load, type LoadRequest, loadOwner, pagesOfLoad } from "./load.ts";
import { COMPOUND_SLAB_PAGES, SLAB_EVERY, keepSlab, leavesSlabBehind, ofProcess, slabOfLoad } from "./slab-of-load.ts";

/**
 * Adds up to so many base pages to a load, on the nodes given, best first. Where the nodes of a machine are stores of
 * their own, its memory policy asks them one after another.
 * @returns base pages taken; a hugepage counts whole, so the last one may exceed what was asked for.
 */
export function growLoad(
  store: PageStore,
  load: Pick<LoadRequest, "id" | "kind" | "pin">,
  nodes: readonly number[],
  pages: number,
  floors?: Floors,
): number {
  const owner = store.ownerOf(loadOwner(load.id));
  const request: Load = { ...load, bytes: 0, policy: { mode: "bind", nodes }, owner };
  const context = { nodeOrder: () => nodes, ...(floors === undefined ? {} : { floors }) };
  const isReclaimable = gfpOfKind(PageKind[pageKindOf[load.kind]]).mobility === MigrateClass.reclaimable;
  const behind = isReclaimable ? PageKind.slab_reclaimable : PageKind.slab;
  const portion = leavesSlabBehind.has(load.kind) ? SLAB_EVERY : pages;
  const leaves = store.rules.slabOfPrograms === "leaves-unless-shared" && ofProcess.has(load.kind);
  const slabOwner = leaves ? store.ownerOf(slabOfLoad(load.id)) : 0;
  const before = pagesOfLoad(store, load.id);
  let left = pages;
  // A module's pages are no program's (6.12-ppc64el: p_eject_busy goes once they are dropped).
  if (load.kind !== "kernel") keepSlab(store, nodes, PageKind.slab, floors);
  while (left > 0) {
    const isCompound = load.kind === "dentry" || (leaves && pages - left + before < COMPOUND_SLAB_PAGES);
    if (leavesSlabBehind.has(load.kind)) keepSlab(store, nodes, behind, floors, slabOwner, isCompound ? SLAB_ORDER : 0);
    const asked = Math.min(left, portion);
    const missing = allocatePages(store, request, asked, context);
    left -= asked - missing;
    if (missing > 0) break;
  }
  return pages - left;
}
