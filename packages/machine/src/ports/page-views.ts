import type { MigrateType } from "@memhp/abi";
import { MigrateClass, type NodePages, PageKind, type PageKindName, type PageRun, type ZonePages } from "@memhp/engine";
import type { CounterItems, Kernel } from "@memhp/kernels";
import { type PageRun as FlaggedRun, type HugepagesView, NO_PAGE, pageFlags, type ZoneView } from "@memhp/sysfs";

const anon: readonly PageKindName[] = ["anonymous", "thp"];
const file: readonly PageKindName[] = ["file"];
const cached: readonly PageKindName[] = ["file", "shmem"];
const unevictable: readonly PageKindName[] = ["mlocked", "secret"];

/** Lines of /proc/meminfo and of a node's meminfo. */
const meminfoItems: CounterItems = {
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

function count(items: CounterItems, zones: readonly ZonePages[], scale = 1): Record<string, number> {
  return Object.fromEntries(Object.entries(items).map(([name, kinds]) => [name, pagesOf(zones, kinds) * scale]));
}

/** What the page map adds to a zone's record. */
export function zonePagesView(
  kernel: Kernel,
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
      type: kernel.pages.migrateTypes[type] as MigrateType,
      freeChunks: byOrder((order) => chunks(order, type)),
      pageblocks: zone.pageblocks[type] as number,
    })),
    counters: count(kernel.counters.ofZone, [zone]),
  };
}

/** The node's own items. */
export function nodeCounters(kernel: Kernel, pages: NodePages): Record<string, number> {
  return count(kernel.counters.ofNode, pages.zones);
}

export function meminfoKb(nodes: readonly NodePages[], pageSize: number): Record<string, number> {
  return count(
    meminfoItems,
    nodes.flatMap((node) => node.zones),
    pageSize / 1024,
  );
}

export function vmstatItems(kernel: Kernel, nodes: readonly NodePages[]): Record<string, number> {
  const sum = (of: (node: NodePages) => number): number => nodes.reduce((total, node) => total + of(node), 0);
  const zones = nodes.flatMap((node) => node.zones);
  return {
    ...count(kernel.counters.ofNode, zones),
    ...count(kernel.counters.ofZone, zones),
    nr_free_pages: zones.reduce((total, zone) => total + zone.freePages, 0),
    pgmigrate_success: sum((node) => node.migrateSuccess),
    pgmigrate_fail: sum((node) => node.migrateFail),
  };
}

/** Pools of one node by size: those that are there from the start, and what a node has besides. */
export function hugepagesOf(
  pages: NodePages | undefined,
  pageSize: number,
  poolsKb: readonly number[],
): HugepagesView[] {
  const pools = (pages?.hugepages ?? []).map(({ order, total, free }) => ({
    sizeKb: (2 ** order * pageSize) / 1024,
    total,
    free,
    surplus: 0,
  }));
  for (const kb of poolsKb)
    if (!pools.some(({ sizeKb }) => sizeKb === kb)) pools.push({ sizeKb: kb, total: 0, free: 0, surplus: 0 });
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
/** Frames as /proc/kpageflags and /proc/kpagecount show them. */
export function flaggedRuns(
  kernel: Kernel,
  runs: readonly PageRun[],
  hasBlock: (pfn: number) => boolean,
): FlaggedRun[] {
  return runs.map(({ startPfn, count: frames, page }) => {
    const run = { startPfn, count: frames };
    if (page === undefined) {
      const isShown = kernel.counters.offlineFrames === "reserved" && hasBlock(startPfn);
      const offline = { kind: "reserved", isTail: false, order: 0, isPoisoned: false } as const;
      return { ...run, flags: isShown ? pageFlags(offline, kernel.pageFlags) : NO_PAGE, mapCount: 0 };
    }
    const isBuddy = page.kind === "free" && !page.isTail;
    const mapCount = isBuddy ? kernel.counters.buddyMapCount : Number(mapped.has(page.kind));
    return { ...run, flags: pageFlags(page, kernel.pageFlags), mapCount };
  });
}
