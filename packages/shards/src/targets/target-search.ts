import { type Destination, type TargetsFound, type MemoryMap, pageKinds, type MigratingFolios } from "@memhp/engine";
import type { PageRequest, PageResult, TargetPages } from "@memhp/hotplug";
import { floorsInTurn } from "./node-floors.ts";

/** Carries out requests of the page level, wherever their nodes are. */
export type PageWork = (requests: readonly PageRequest[]) => Promise<PageResult[]>;

/** What a search came to. */
export interface FoundTargets {
  /** Group by group. */
  readonly found: readonly TargetsFound[];
  readonly targets: readonly TargetPages[];
  /** Base pages without a target, those of hugepages left out. */
  readonly missingPages: number;
}

const isHugetlb = (folio: MigratingFolios): boolean => pageKinds[folio.kind]?.startsWith("hugetlb") === true;

/**
 * Targets for pages that leave their frames, node by node, so that the same pages go to the same places on any number of
 * workers. Where there are none left, page cache makes room: an allocation fails only after direct reclaim.
 */
export async function findTargets(
  map: MemoryMap,
  folios: readonly MigratingFolios[],
  destination: Destination,
  work: PageWork,
): Promise<FoundTargets> {
  const found = folios.map((): { count: number; temporary: number } => ({ count: 0, temporary: 0 }));
  const pages = new Map<number, number>();
  const left = (): MigratingFolios[] =>
    folios.map((folio, i) => ({ ...folio, count: folio.count - (found[i] as TargetsFound).count }));
  const missing = (): number =>
    left().reduce((sum, folio) => sum + (isHugetlb(folio) ? 0 : folio.count * 2 ** folio.order), 0);
  do {
    await askNodes(map, { folios, found, left, pages }, destination, work);
    // Larger pages want neighbours to be free; they are split first, and then ask again.
  } while (
    missing() > 0 &&
    folios.every((folio) => folio.order === 0 || isHugetlb(folio)) &&
    (await reclaim(map, missing(), destination, work)) > 0
  );
  const targets = destination.nodes.flatMap((node) => {
    const taken = pages.get(node) ?? 0;
    return taken > 0 ? [{ node, pages: taken }] : [];
  });
  return { found, targets, missingPages: missing() };
}

interface Search {
  readonly folios: readonly MigratingFolios[];
  readonly found: { count: number; temporary: number }[];
  readonly left: () => MigratingFolios[];
  /** Base pages by node. */
  readonly pages: Map<number, number>;
}

async function askNodes(
  map: MemoryMap,
  { folios, found, left, pages }: Search,
  { nodes, hugepageNodes, highestZone }: Destination,
  work: PageWork,
): Promise<void> {
  const floorsOf = floorsInTurn(map);
  for (const id of nodes) {
    const wanted = left();
    if (wanted.every(({ count }) => count === 0)) break;
    const floors = floorsOf(id, highestZone);
    if (floors === undefined) continue;
    const hugepages = hugepageNodes.includes(id);
    const [result] = await work([{ op: "accept", node: id, folios: wanted, highestZone, hugepages, floors }]);
    if (result?.op !== "accept") throw new Error("memhp bug: a node did not answer a request for targets");
    for (const [i, grant] of result.found.entries()) {
      const sum = found[i] as (typeof found)[number];
      sum.count += grant.count;
      sum.temporary += grant.temporary;
      pages.set(id, (pages.get(id) ?? 0) + grant.count * 2 ** (folios[i] as MigratingFolios).order);
    }
  }
}

/** Direct reclaim on each node in its turn. @returns base pages that it freed. */
async function reclaim(
  map: MemoryMap,
  pages: number,
  { nodes, highestZone }: Destination,
  work: PageWork,
): Promise<number> {
  let freed = 0;
  const floorsOf = floorsInTurn(map);
  for (const node of nodes) {
    if (freed >= pages) break;
    const floors = floorsOf(node, highestZone);
    if (floors === undefined) continue;
    const [result] = await work([{ op: "reclaim", node, pages: pages - freed, highestZone, floors }]);
    if (result?.op === "reclaim") freed += result.pages;
  }
  return freed;
}
