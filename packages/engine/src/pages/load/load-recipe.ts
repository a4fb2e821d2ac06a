import { ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import { pmdOrder, pudOrder } from "../hugepages.ts";
import { MigrateClass } from "../migrate-class.ts";
import { PageKind, gfpOfKind } from "../page-kind.ts";
import type { PageStore } from "../page-store.ts";
import { zonelist } from "../zonelist.ts";
import { type LoadKind, SLAB_ORDER, pageKindOf } from "./load-kinds.ts";
import type { LoadContext, LoadRequest, NodePolicy } from "./load.ts";

/** One step of a policy's turn: where to look, in order. */
export interface Turn {
  readonly nodes: readonly number[];
  readonly zones: Int32Array;
}

/** How pages of a load are allocated: a `PageKind`, their order, a `MigrateClass`, references beyond the owner's, and whom its policy asks by turns. */
export interface Recipe {
  readonly kind: number;
  readonly order: number;
  readonly mobility: number;
  readonly pins: number;
  readonly turns: readonly Turn[];
}

export function recipeOf(store: PageStore, load: LoadRequest, context: LoadContext): Recipe {
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
