import { type Result, done, refused } from "@memhp/abi";
import { type Floors, allocateFrom, noMemory } from "../allocate.ts";
import { NIL } from "../block-rows.ts";
import { freeHugepages, takeHugepage } from "../hugepages.ts";
import { PageKind, isHugetlb } from "../page-kind.ts";
import type { PageStore } from "../page-store.ts";
import { takePagesAlike } from "../take-pages.ts";
import { type Recipe, type Turn, recipeOf } from "./load-recipe.ts";
import { type Load, type LoadContext, type LoadRequest, loadOwner } from "./load.ts";
import { releaseLoad } from "./release-load.ts";

/**
 * Allocates a load through the allocator that everybody uses. All of it or, with ENOMEM, none.
 * Hugepages come from the pools; a THP that finds no chunk of its size becomes base pages.
 */
export function allocateLoad(store: PageStore, request: LoadRequest, context: LoadContext): Result<Load> {
  const owner = store.addOwner(loadOwner(request.id));
  const load: Load = { ...request, owner };
  const pages = Math.ceil(request.bytes / 2 ** store.arch.pageShift);
  const missing = allocatePages(store, load, pages, context);
  if (missing === 0) return done(load);
  releaseLoad(store, load);
  return refused(
    noMemory(request.policy.nodes, `${missing} of ${pages} pages of ${request.id} (${request.kind}) found no room`),
  );
}

/** @returns base pages that found no room. */
export function allocatePages(store: PageStore, load: Load, pages: number, context: LoadContext): number {
  const recipe = recipeOf(store, load, context);
  const [only] = recipe.turns;
  if (only !== undefined && recipe.turns.length === 1 && isHugetlb[recipe.kind] !== 1)
    return allocateAlike(store, load.owner, recipe, only, pages, context.floors);
  let left = pages;
  for (let turn = 0; left > 0; turn = (turn + 1) % recipe.turns.length) {
    const at = recipe.turns[turn];
    if (at === undefined) return left;
    const taken = allocateOne(store, load.owner, recipe, at, context.floors);
    if (taken === 0) return left;
    left -= taken;
  }
  return 0;
}

/** All of it from one place. What found no chunk of a THP's size never will, and is base pages. @returns base pages that found no room. */
function allocateAlike(
  store: PageStore,
  owner: number,
  { kind, order, mobility, pins }: Recipe,
  { zones }: Turn,
  pages: number,
  floors?: Floors,
): number {
  const wanted = { order, mobility, kind, owner, pins };
  const count = Math.ceil(pages / 2 ** order);
  const left = pages - takePagesAlike(store, zones, wanted, count, floors) * 2 ** order;
  if (left <= 0 || kind !== PageKind.thp) return Math.max(0, left);
  const base = { order: 0, mobility, kind: PageKind.anonymous, owner, pins: 0 };
  return left - takePagesAlike(store, zones, base, left, floors);
}

/** @returns base pages taken. */
export function allocateOne(store: PageStore, owner: number, recipe: Recipe, turn: Turn, floors?: Floors): number {
  const { kind, order, mobility, pins } = recipe;
  if (isHugetlb[kind] === 1) {
    if (freeHugepages(store, order) === 0) return 0;
    return takeHugepage(store, turn.nodes, order, owner) === NIL ? 0 : 2 ** order;
  }
  const index = allocateFrom(store, turn.zones, order, mobility, kind, owner, floors);
  if (index !== NIL) {
    store.linkB[index] = pins;
    return 1 << order;
  }
  if (kind !== PageKind.thp) return 0;
  const base = allocateFrom(store, turn.zones, 0, mobility, PageKind.anonymous, owner, floors);
  return base === NIL ? 0 : 1;
}
