import type { Generation, KernelProfile } from "@memhp/abi";
import {
  MigrateClass,
  migrateTypeOf,
  type NodePages,
  PageKind,
  type PageKindName,
  type PageRun,
  type ZonePages,
} from "@memhp/engine";
import { type PageRun as FlaggedRun, type HugepagesView, NO_PAGE, pageFlags, type ZoneView } from "@memhp/sysfs";

/** Pages of some kinds under one name of the kernel. */
type Items = Readonly<Record<string, readonly PageKindName[]>>;

const anon: readonly PageKindName[] = ["anonymous", "thp"];
const file: readonly PageKindName[] = ["file"];
const cached: readonly PageKindName[] = ["file", "shmem"];
const unevictable: readonly PageKindName[] = ["mlocked", "secret"];

/** Items that both generations count, by the names that /proc/vmstat gives them. Shared pages are on the anonymous lists. */
const common: Items = {
  nr_inactive_anon: ["shmem"],
  nr_active_anon: anon,
  nr_active_file: file,
  nr_unevictable: unevictable,
  nr_anon_pages: [...anon, "mlocked"],
  nr_mapped: ["shmem"],
  nr_file_pages: cached,
  nr_shmem: ["shmem"],
  nr_slab_reclaimable: ["slab_reclaimable"],
  nr_slab_unreclaimable: ["slab"],
  nr_page_table_pages: ["page_table"],
  nr_kernel_stack: ["kernel_stack"],
};

/** 4.1 counts everything by zone; 6.x has moved most to the node (facts §9.1). */
const zoneItems: Readonly<Record<Generation, Items>> = {
  "4.1": { ...common, nr_mlock: ["mlocked"] },
  "6.x": {
    nr_zone_inactive_anon: ["shmem"],
    nr_zone_active_anon: anon,
    nr_zone_active_file: file,
    nr_zone_unevictable: unevictable,
    nr_mlock: ["mlocked"],
  },
};

/** Lines of /proc/meminfo and of a node's meminfo. */
const meminfoItems: Items = {
  Cached: cached,
  FilePages: cached,
  "Active(anon)": anon,
  "Inactive(anon)": ["shmem"],
  "Active(file)": file,
  Active: [...anon, ...file],
  Inactive: ["shmem"],
  Unevictable: unevictable,
  Mlocked: ["mlocked"],
  AnonPages: [...anon, "mlocked"],
  AnonHugePages: ["thp"],
  Mapped: ["shmem"],
  Shmem: ["shmem"],
  KReclaimable: ["slab_reclaimable"],
  Slab: ["slab", "slab_reclaimable"],
  SReclaimable: ["slab_reclaimable"],
  SUnreclaim: ["slab"],
  KernelStack: ["kernel_stack"],
  PageTables: ["page_table"],
};

function pagesOf(zones: readonly ZonePages[], kinds: readonly PageKindName[]): number {
  return zones.reduce((sum, zone) => sum + kinds.reduce((s, kind) => s + (zone.kinds[PageKind[kind]] as number), 0), 0);
}

function count(items: Items, zones: readonly ZonePages[], scale = 1): Record<string, number> {
  return Object.fromEntries(Object.entries(items).map(([name, kinds]) => [name, pagesOf(zones, kinds) * scale]));
}

/** What the page map adds to a zone's record. */
export function zonePagesView(
  profile: KernelProfile,
  zone: ZonePages,
): Pick<ZoneView, "freePages" | "freeChunks" | "pageTypes" | "counters"> {
  const classes: readonly MigrateClass[] = Object.values(MigrateClass);
  const orders = zone.freeChunks.length / classes.length;
  const chunks = (order: number, type: number): number => zone.freeChunks[order * classes.length + type] as number;
  const byOrder = (of: (order: number) => number): number[] => Array.from({ length: orders }, (_, order) => of(order));
  return {
    freePages: zone.freePages,
    freeChunks: byOrder((order) => classes.reduce((sum: number, type) => sum + chunks(order, type), 0)),
    pageTypes: classes.map((type) => ({
      type: migrateTypeOf(profile.generation, type),
      freeChunks: byOrder((order) => chunks(order, type)),
      pageblocks: zone.pageblocks[type] as number,
    })),
    counters: count(zoneItems[profile.generation], [zone]),
  };
}

/** The node's own items of 6.x. */
export function nodeCounters(profile: KernelProfile, pages: NodePages): Record<string, number> {
  return profile.generation === "4.1" ? {} : count(common, pages.zones);
}

export function meminfoKb(nodes: readonly NodePages[], pageSize: number): Record<string, number> {
  return count(
    meminfoItems,
    nodes.flatMap((node) => node.zones),
    pageSize / 1024,
  );
}

export function vmstatItems(profile: KernelProfile, nodes: readonly NodePages[]): Record<string, number> {
  const sum = (of: (node: NodePages) => number): number => nodes.reduce((total, node) => total + of(node), 0);
  const zones = nodes.flatMap((node) => node.zones);
  return {
    ...count(common, zones),
    ...count(zoneItems[profile.generation], zones),
    nr_free_pages: zones.reduce((total, zone) => total + zone.freePages, 0),
    pgmigrate_success: sum((node) => node.migrateSuccess),
    pgmigrate_fail: sum((node) => node.migrateFail),
  };
}

/** Pools of one node by size; the size that every x86 machine has is there from the start. */
export function hugepagesOf(pages: NodePages | undefined, pageSize: number, defaultKb: number): HugepagesView[] {
  const pools = (pages?.hugepages ?? []).map(({ order, total, free }) => ({
    sizeKb: (2 ** order * pageSize) / 1024,
    total,
    free,
    surplus: 0,
  }));
  if (!pools.some(({ sizeKb }) => sizeKb === defaultKb))
    pools.push({ sizeKb: defaultKb, total: 0, free: 0, surplus: 0 });
  return pools.sort((a, b) => a.sizeKb - b.sizeKb);
}

/** Kinds that some program's page tables map once. */
const mapped: ReadonlySet<PageKindName> = new Set([
  "anonymous",
  "shmem",
  "mlocked",
  "thp",
  "secret",
  "hugetlb_2m",
  "hugetlb_1g",
]);
/** PAGE_BUDDY_MAPCOUNT_VALUE + 1, which 4.1 shows for the first page of a free chunk. */
const BUDDY_MAPCOUNT_41 = -127;

/** Frames as /proc/kpageflags and /proc/kpagecount show them. 4.1 has struct pages, all reserved, for offline blocks too. */
export function flaggedRuns(
  profile: KernelProfile,
  runs: readonly PageRun[],
  hasBlock: (pfn: number) => boolean,
): FlaggedRun[] {
  return runs.map(({ startPfn, count: frames, page }) => {
    const run = { startPfn, count: frames };
    if (page === undefined) {
      const isShown = profile.generation === "4.1" && hasBlock(startPfn);
      const offline = { kind: "reserved", isTail: false, order: 0, isPoisoned: false } as const;
      return { ...run, flags: isShown ? pageFlags(offline, profile.id) : NO_PAGE, mapCount: 0 };
    }
    const isBuddy = page.kind === "free" && !page.isTail;
    const mapCount = isBuddy && profile.generation === "4.1" ? BUDDY_MAPCOUNT_41 : Number(mapped.has(page.kind));
    return { ...run, flags: pageFlags(page, profile.id), mapCount };
  });
}
