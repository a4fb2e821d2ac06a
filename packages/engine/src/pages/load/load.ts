import type { Floors } from "../allocate.ts";
import type { PageStore } from "../page-store.ts";
import type { LoadKind } from "./load-kinds.ts";

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

/** The owner that a load's pages name: `load:db`. */
export function loadOwner(id: string): string {
  return `load:${id}`;
}

/** Base pages that the load of a name holds in this store. */
export function pagesOfLoad(store: PageStore, id: string): number {
  const owner = store.owners.indexOf(loadOwner(id));
  return owner < 0 ? 0 : (store.ownerPages[owner] as number);
}

/** Base pages that a load holds now; hardware errors may have taken some. */
export function loadPages(store: PageStore, load: Load): number {
  return store.ownerPages[load.owner] as number;
}
