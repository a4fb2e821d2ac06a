import type { MigrateType } from "@memhp/abi";
import type { KernelPort, NodeView, PageTypeView, ZoneView } from "./kernel-port.ts";
import { isPopulated, onlineNodes, zoneTitle } from "./zones.ts";

/** /proc/buddyinfo: the free chunks of each populated zone by order (6.1, 6.12: x_going_offline; 4.1: snapshots). */
export function buddyinfo(port: KernelPort): string {
  return onlineNodes(port)
    .flatMap((node) =>
      node.zones.filter(isPopulated).map((zone) => `${zoneTitle(node, zone)} ${row(zone.freeChunks, 6)}\n`),
    )
    .join("");
}

/** /proc/pagetypeinfo: a part for each node with memory (6.1, 6.12: x_going_offline). */
export function pagetypeinfo(port: KernelPort): string {
  const { hasMemory } = port.nodeMasks();
  return onlineNodes(port)
    .filter(({ id }) => hasMemory.includes(id))
    .map((node) => pagetypeinfoOfNode(port, node))
    .join("");
}

function pagetypeinfoOfNode({ kernel, pageblockOrder }: KernelPort, node: NodeView): string {
  const { rows: types, countLimit } = kernel.sysfs.pagetypeinfo;
  const zones = node.zones.filter(isPopulated);
  const chunk = (count: number | string): string =>
    countLimit !== undefined && Number(count) >= countLimit ? `>${countLimit}` : String(count);
  const orders = Math.max(0, ...zones.map(({ freeChunks }) => freeChunks.length));
  const freeRow = (zone: ZoneView, type: MigrateType): string =>
    `Node ${String(node.id).padStart(4)}, zone ${zone.name.padStart(8)}, type ${type.padStart(12)} ${row(
      ofType(zone, type)?.freeChunks ?? zone.freeChunks.map(() => 0),
      6,
      chunk,
    )}`;
  return [
    `Page block order: ${pageblockOrder}`,
    `Pages per block:  ${2 ** pageblockOrder}`,
    "",
    `${"Free pages count per migrate type at order".padEnd(43)} ${row([...Array(orders).keys()], 6)}`,
    ...zones.flatMap((zone) => types.map((type) => freeRow(zone, type))),
    "",
    `${"Number of blocks type ".padEnd(23)}${row(types, 12)}`,
    ...zones.map((zone) => {
      const counts = types.map((type) => ofType(zone, type)?.pageblocks ?? 0);
      return `${zoneTitle(node, zone)} ${row(counts, 12)}`;
    }),
    "",
  ].join("\n");
}

/** Columns of a width, each with a blank behind it. */
function row(
  columns: readonly (number | string)[],
  width: number,
  text: (column: number | string) => string = String,
): string {
  return columns.map((column) => `${text(column).padStart(width)} `).join("");
}

function ofType(zone: ZoneView, type: MigrateType): PageTypeView | undefined {
  return zone.pageTypes.find((row) => row.type === type);
}
