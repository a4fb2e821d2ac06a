import { zoneName } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { ZoneView } from "./views.ts";

/** The zones of all nodes that span or have pages, by node and then by zone. */
export function zoneViews({ map }: Machine): ZoneView[] {
  return [...map.nodes.values()]
    .sort((a, b) => a.id - b.id)
    .flatMap((node) =>
      node.zones
        .filter((zone) => zone.spannedPages > 0 || zone.presentPages > 0)
        .map(({ index, startPfn, spannedPages, presentPages, managedPages }) => ({
          node: node.id,
          zone: index,
          name: zoneName(index),
          startPfn,
          spannedPages,
          presentPages,
          managedPages,
        })),
    );
}
