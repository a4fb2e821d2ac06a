import { done, refused, type Result, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import { allocateFrom, type Floors, noMemory } from "./allocate.ts";
import { NIL, NO_SLOT, SEVERAL_ZONES } from "./block-rows.ts";
import { countAlike, freePagesAlike } from "./free-pages.ts";
import { freeHugepages, pmdOrder, pudOrder, putHugepage, takeHugepage } from "./hugepages.ts";
import { expandToFrames } from "./expand-to-frames.ts";
import { MigrateClass } from "./migrate-class.ts";
import { gfpOfKind, isHugetlb, PageKind, type PageKindName } from "./page-kind.ts";
import { FREE_HEAD, headOrder, KIND_MASK, OWNER_MASK, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import type { Prng } from "./prng.ts";
import { freeUsed, keepUnmapped, orderOfUsed, giveToKernel } from "./used-pages.ts";
import { takePagesAlike } from "./take-pages.ts";
import { isWholeUsed } from "./row-form.ts";
import { freesAsRow, freeWhole, wholePages } from "./whole-block.ts";
import { zonelist } from "./zonelist.ts";

/** What a load's pages may be; the name decides whether they move. */
export const loadKinds = [
  "anon",
  "file",
  "shm",
  "mlock",
  "thp",
  "hugetlb",
  "hugetlb_1g",
  "slab",
  "dentry",
  "pagetable",
  "pipe",
  "pinned",
  "balloon",
  "secret",
  "kernel",
] as const;
/** A name of `loadKinds`. */
export type LoadKind = (typeof loadKinds)[number];

const SLAB_ORDER = 1;
const pageKindOf: Readonly<Record<LoadKind, PageKindName>> = {
  anon: "anonymous",
  file: "file",
  shm: "shmem",
  mlock: "mlocked",
  thp: "thp",
  hugetlb: "hugetlb_2m",
  hugetlb_1g: "hugetlb_1g",
  slab: "slab",
  dentry: "slab_reclaimable",
  pagetable: "page_table",
  pipe: "pipe_buffer",
  pinned: "anonymous",
  balloon: "balloon",
  secret: "secret",
  kernel: "kernel",
};

/** Highest zone that pages of a load may come from. */
export function highestZoneOfLoad(kind: LoadKind): ZoneIndex {
  return gfpOfKind(PageKind[pageKindOf[kind]]).highestZone;
}

/** Memory policy of a load: only these nodes, these first, by turns, or nothing but the node it runs on. */
export interface NodePolicy {
  readonly mode: "bind" | "prefer" | "interleave";
  readonly nodes: readonly number[];
}

/** A load: somebody who holds memory of one kind. */
export interface LoadRequest {
  readonly id: string;
  readonly kind: LoadKind;
  readonly bytes: number;
  readonly policy: NodePolicy;
  /** `pinned` only. 6.x keeps long pins (FOLL_LONGTERM) out of ZONE_MOVABLE. Default short. */
  readonly pin?: "short" | "long";
}

/** A program's memory, or the kernel's, on some nodes: who holds which pages. */
export interface Load extends LoadRequest {
  /** Its owner id in the page map. */
  readonly owner: number;
}

/** What allocations of a load need to know of the machine around it. */
export interface LoadContext {
  readonly nodeOrder: (node: number) => readonly number[];
  readonly floors?: Floors;
}

/** One step of a policy's turn: where to look, in order. */
interface Turn {
  readonly nodes: readonly number[];
  readonly zones: Int32Array;
}

interface Recipe {
  readonly kind: number;
  readonly order: number;
  readonly mobility: number;
  readonly pins: number;
  readonly turns: readonly Turn[];
}

function recipeOf(store: PageStore, load: LoadRequest, context: LoadContext): Recipe {
  const kind = PageKind[pageKindOf[load.kind]];
  const gfp = gfpOfKind(kind);
  const isLongPin = load.kind === "pinned" && load.pin === "long" && store.rules.longPinsLeaveMovable;
  const highest: ZoneIndex = isLongPin ? ZONE_NORMAL : gfp.highestZone;
  const order = { thp: pmdOrder(store), hugetlb: pmdOrder(store), hugetlb_1g: pudOrder(store), slab: SLAB_ORDER };
  return {
    kind,
    order: (order as Partial<Record<LoadKind, number>>)[load.kind] ?? 0,
    mobility: isLongPin ? MigrateClass.unmovable : gfp.mobility,
    pins: load.kind === "pinned" ? 1 : 0,
    turns: turnsOf(load.policy, context).map((nodes) => ({ nodes, zones: zonelist(store, nodes, highest) })),
  };
}

function turnsOf({ mode, nodes }: NodePolicy, { nodeOrder }: LoadContext): (readonly number[])[] {
  const first = nodes[0] ?? 0;
  if (mode === "bind") return [nodeOrder(first).filter((node) => nodes.includes(node))];
  if (mode === "interleave") return nodes.map((node) => nodeOrder(node));
  const others = nodeOrder(first).filter((node) => !nodes.includes(node));
  return [[...nodes, ...others]];
}

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
function allocatePages(store: PageStore, load: Load, pages: number, context: LoadContext): number {
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
function allocateOne(store: PageStore, owner: number, recipe: Recipe, turn: Turn, floors?: Floors): number {
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

/** Kinds that the kernel allocates objects for all along, of which some outlive the load in half-empty slabs. */
const leavesSlabBehind: ReadonlySet<LoadKind> = new Set(["slab", "dentry", "pagetable", "pipe"]);
const SLAB_EVERY = 4096;
/** Those whose objects end with the process. Inodes, which files bring along, are slab of several pages (6.1: c_load_dentry_kernel, `slab|head`). */
const ofProcess: ReadonlySet<LoadKind> = new Set(["pagetable", "pipe"]);

/**
 * Where the slab that a program brings along may leave, caches keep empty slabs of several pages among the first, and single ones all along:
 * after 600 MiB of pipes the first two blocks of 128 MiB refused, the next two never ended (7.3: e_del_kernel_busy_hang, z_slab_order0_hand).
 */
const COMPOUND_SLAB_PAGES = 15 * SLAB_EVERY;

/** The owner of slab that a load brought along. */
function slabOfLoad(id: string): string {
  return `slab of ${loadOwner(id)}`;
}

/**
 * What a program makes the kernel allocate for itself, and what stays when it has ended: a block that an unmovable load has
 * touched is busy ever after, and so is the first block of the zone after any load (6.1, 6.12: c_load_*_kernel, e_del_kernel_busy).
 */
function keepSlab(
  store: PageStore,
  nodes: readonly number[],
  kind: number,
  floors?: Floors,
  owner = 0,
  order = 0,
): void {
  const { mobility, highestZone } = gfpOfKind(kind);
  allocateFrom(store, zonelist(store, nodes, highestZone), order, mobility, kind, owner, floors);
}

/**
 * Frees everything that the load of a name holds in this store.
 * @param isSlabShared others have put objects into the slab that it brought along, which stays.
 * @returns base pages freed.
 */
export function endLoad(store: PageStore, id: string, isSlabShared = true): number {
  const slab = store.owners.indexOf(slabOfLoad(id));
  if (slab >= 0) {
    const page = (index: number): void => (isSlabShared ? giveToKernel(store, index) : freeUsed(store, index));
    eachPageOf(store, slab, { page });
    store.owners[slab] = undefined;
  }
  const owner = store.owners.indexOf(loadOwner(id));
  if (owner < 0) return 0;
  const pages = store.ownerPages[owner] as number;
  releaseLoad(store, { id, kind: "anon", bytes: 0, policy: { mode: "bind", nodes: [] }, owner });
  return pages;
}

/**
 * Frees so many base pages of a load of single pages, the last first: those of the blocks that were touched last, from their end.
 * @returns base pages freed.
 */
export function shrinkLoad(store: PageStore, id: string, pages: number): number {
  const owner = store.owners.indexOf(loadOwner(id));
  if (owner < 0) return 0;
  const found: ({ readonly row: number } | { readonly index: number; readonly count: number })[] = [];
  eachPageOf(store, owner, {
    whole: (row) => void found.push({ row }),
    page: (index) => void found.push({ index, count: 1 }),
    alike: (index, count) => void found.push({ index, count }),
  });
  let left = pages;
  for (let part = found.pop(); part !== undefined && left > 0; part = found.pop()) {
    if ("row" in part && left >= store.blockPages) {
      freeWhole(store, part.row);
      left -= store.blockPages;
      continue;
    }
    if ("row" in part) expandToFrames(store, part.row);
    const index = "row" in part ? (store.rows.slot[part.row] as number) * store.blockPages : part.index;
    const all = "row" in part ? store.blockPages : part.count;
    const count = Math.min(left, all);
    freeAlike(store, index + all - count, count);
    left -= count;
  }
  if (store.ownerPages[owner] === 0) store.owners[owner] = undefined;
  return pages - left;
}

/** Single pages alike. One to which somebody else has a reference stays until that ends. */
function freeAlike(store: PageStore, index: number, count: number): void {
  if (store.linkB[index] === 0) {
    freePagesAlike(store, index, count);
    return;
  }
  for (let i = 0; i < count; i++) keepUnmapped(store, index + i);
}

/** Base pages that the load of a name holds in this store. */
export function pagesOfLoad(store: PageStore, id: string): number {
  const owner = store.owners.indexOf(loadOwner(id));
  return owner < 0 ? 0 : (store.ownerPages[owner] as number);
}

/** The pins of a load's pages end, where it has any in this store. */
export function unpinOwner(store: PageStore, id: string): void {
  const owner = store.owners.indexOf(loadOwner(id));
  if (owner >= 0) unpinPages(store, owner);
}

/** The owner that a load's pages name: `load:db`. */
export function loadOwner(id: string): string {
  return `load:${id}`;
}

/** What visits the pages that an owner holds. It may free them. */
interface OwnedPages {
  /** A block all of whose pages are the owner's. Without it the block gets its pages as columns. */
  readonly whole?: (row: number) => void;
  /** The first page of each page. */
  readonly page: (index: number) => void;
  /** The same for pages alike that stand one after another. */
  readonly alike?: (index: number, count: number) => void;
}

/** Visits the pages that an owner holds, in the order in which their blocks were touched, and in each upwards. */
function eachPageOf(store: PageStore, owner: number, { whole, page, alike }: OwnedPages): void {
  const bit = 1 << (owner & 31);
  // When all are visited, what lies behind is somebody else's: most owners hold a small part of memory.
  let left = store.ownerPages[owner] as number;
  for (let turn = 0; turn < store.turns && left > 0; turn++) {
    const row = store.rowOfTurn(turn);
    if (row === -1) continue;
    if (isWholeUsed(store, row)) {
      if (store.rows.owner[row] !== owner) continue;
      if (whole !== undefined && freesAsRow(store, row)) {
        left -= wholePages(store, row);
        whole(row);
        continue;
      }
      expandToFrames(store, row);
    }
    const slot = store.rows.slot[row] as number;
    if (slot === NO_SLOT || ((store.slotOwners[slot] as number) & bit) === 0) continue;
    const { state, linkA } = store;
    const end = (slot + 1) * store.blockPages;
    for (let index = slot * store.blockPages; index < end && left > 0;) {
      const code = state[index] as number;
      if (code >= FREE_HEAD) {
        index += 1 << (headOrder[code] as number);
        continue;
      }
      // A page that the visit frees may merge, so its own size says where the next one starts.
      const isHead = code !== 0 && (code & TAIL) === 0 && ((linkA[index] as number) & OWNER_MASK) === owner;
      const size = isHead ? 2 ** orderOfUsed(store, index) : 1;
      const count = isHead && alike !== undefined ? countAlike(store, index, runEnd(store, row, index, end)) : 1;
      if (isHead && alike !== undefined) alike(index, count);
      else if (isHead) page(index);
      if (isHead) left -= size * count;
      index = Math.min(end, index + size * count);
    }
  }
}

/** Pages alike are of one zone: of a block that zones share, a pageblock at a time. */
function runEnd(store: PageStore, row: number, index: number, end: number): number {
  if (store.rows.zone[row] !== SEVERAL_ZONES) return end;
  return Math.min(end, ((index >> store.pageblockOrder) + 1) << store.pageblockOrder);
}

function giveBack(store: PageStore, index: number): void {
  if (isHugetlb[(store.state[index] as number) & KIND_MASK] === 1) putHugepage(store, index);
  else freeUsed(store, index);
}

/**
 * Frees everything a load holds; hugepages go back to their pools. Its owner id is free again. A page to which somebody else
 * has a reference stays until that ends, and its block with it (n_unmap_going_offline).
 * @throws Error, a bug of memhp, if the load still holds pages
 */
export function releaseLoad(store: PageStore, load: Load): void {
  if (load.kind === "pinned") unpinLoad(store, load);
  const page = (index: number): void => {
    const isHeld = (store.linkB[index] as number) > 0 && isHugetlb[(store.state[index] as number) & KIND_MASK] === 0;
    if (isHeld) keepUnmapped(store, index);
    else giveBack(store, index);
  };
  eachPageOf(store, load.owner, {
    whole: (row) => freeWhole(store, row),
    page,
    alike(index, count) {
      const isPlain = store.linkB[index] === 0 && isHugetlb[(store.state[index] as number) & KIND_MASK] === 0;
      if (isPlain) return freePagesAlike(store, index, count);
      const size = 2 ** orderOfUsed(store, index);
      for (let i = 0; i < count; i++) page(index + i * size);
    },
  });
  if (store.ownerPages[load.owner] !== 0) throw new Error(`memhp bug: ${load.id} still holds pages`);
  store.owners[load.owner] = undefined;
}

/**
 * Loads live: each frees a part of its pages, chosen by the generator, and then they allocate as many anew, in an order
 * that the generator draws page by page. So their pages mix, and memory fragments as it does in a system.
 * @returns base pages that found no room any more.
 * @param fraction of each load's pages, 0 to 1
 */
export function churnLoads(
  store: PageStore,
  loads: readonly Load[],
  fraction: number,
  prng: Prng,
  context: LoadContext,
): number {
  const waiting = loads.map((load) => {
    let left = 0;
    const recipe = recipeOf(store, load, context);
    eachPageOf(store, load.owner, {
      page(index) {
        // What somebody else has a reference to, it would not get back.
        if (prng.next() >= fraction || (store.linkB[index] as number) > recipe.pins) return;
        left += 2 ** orderOfUsed(store, index);
        giveBack(store, index);
      },
    });
    return { owner: load.owner, left, turn: 0, recipe };
  });
  let missing = 0;
  let active = waiting.filter(({ left }) => left > 0);
  while (active.length > 0) {
    const next = active[prng.below(active.length)] as (typeof waiting)[number];
    const at = next.recipe.turns[next.turn % next.recipe.turns.length];
    const taken = at === undefined ? 0 : allocateOne(store, next.owner, next.recipe, at, context.floors);
    next.left -= taken;
    next.turn++;
    if (taken === 0) missing += next.left;
    if (taken === 0 || next.left <= 0) active = active.filter((entry) => entry !== next);
  }
  return missing;
}

/** Base pages that a load holds now; hardware errors may have taken some. */
export function loadPages(store: PageStore, load: Load): number {
  return store.ownerPages[load.owner] as number;
}

/** The pins of a load's pages end: what held up a migration moves next time. */
export function unpinLoad(store: PageStore, load: Load): void {
  unpinPages(store, load.owner);
}

function unpinPages(store: PageStore, owner: number): void {
  // No page of a block that is a row has references.
  eachPageOf(store, owner, { whole() {}, page: (index) => (store.linkB[index] = 0) });
}
