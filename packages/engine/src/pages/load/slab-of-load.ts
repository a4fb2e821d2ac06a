import { type Floors, allocateFrom } from "../allocate.ts";
import { gfpOfKind } from "../page-kind.ts";
import type { PageStore } from "../page-store.ts";
import { zonelist } from "../zonelist.ts";
import type { LoadKind } from "./load-kinds.ts";
import { loadOwner } from "./load.ts";

/** Kinds that the kernel allocates objects for all along, of which some outlive the load in half-empty slabs. */
export const leavesSlabBehind: ReadonlySet<LoadKind> = new Set(["slab", "dentry", "pagetable", "pipe"]);
/** Pages of such a load for each slab. */
export const SLAB_EVERY = 4096;
/** Those whose objects end with the process. Inodes, which files bring along, are slab of several pages (6.1: c_load_dentry_kernel, `slab|head`). */
export const ofProcess: ReadonlySet<LoadKind> = new Set(["pagetable", "pipe"]);

/**
 * Where the slab that a program brings along may leave, caches keep empty slabs of several pages among the first, and single ones all along:
 * after 600 MiB of pipes the first two blocks of 128 MiB refused, the next two never ended (7.3: e_del_kernel_busy_hang, z_slab_order0_hand).
 */
export const COMPOUND_SLAB_PAGES: number = 15 * SLAB_EVERY;

/** The owner of slab that a load brought along. */
export function slabOfLoad(id: string): string {
  return `slab of ${loadOwner(id)}`;
}

/**
 * What a program makes the kernel allocate for itself, and what stays when it has ended: a block that an unmovable load has
 * touched is busy ever after, and so is the first block of the zone after any load (6.1, 6.12: c_load_*_kernel, e_del_kernel_busy).
 */
export function keepSlab(
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
