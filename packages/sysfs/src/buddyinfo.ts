import { type KernelProfile, type MigrateType, migrateTypes41, migrateTypes6 } from "@memhp/abi";
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

/** Row names in index order (facts/kernel.md §1.3); the recorded kernels have no MIGRATE_CMA. */
const migrateTypes: Readonly<Record<KernelProfile["generation"], readonly MigrateType[]>> = {
  "4.1": migrateTypes41,
  "6.x": migrateTypes6,
};

/** /proc/pagetypeinfo: a part for each node with memory (6.1, 6.12: x_going_offline). */
export function pagetypeinfo(port: KernelPort): string {
  const { hasMemory } = port.nodeMasks();
  return onlineNodes(port)
    .filter(({ id }) => hasMemory.includes(id))
    .map((node) => pagetypeinfoOfNode(port, node))
    .join("");
}

function pagetypeinfoOfNode({ profile, pageblockOrder }: KernelPort, node: NodeView): string {
  const types = migrateTypes[profile.generation];
  const zones = node.zones.filter(isPopulated);
  const chunk = profile.generation === "4.1" ? String : cappedCount;
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

/** Later kernels stop counting a list there (mm/vmstat.c pagetypeinfo_showfree_print). */
const COUNT_LIMIT = 100_000;

function cappedCount(count: number | string): string {
  return Number(count) >= COUNT_LIMIT ? `>${COUNT_LIMIT}` : String(count);
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
