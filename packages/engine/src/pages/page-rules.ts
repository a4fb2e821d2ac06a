import type { Generation, KernelId, KernelProfile } from "@memhp/abi";

/**
 * What page-level offlining does differently in a generation, as data. Each value has one
 * small function in the file that its comment names.
 */
export interface PageRules {
  /** Onlined and moved chunks go to the head (4.1: list_add, so the last one leads) or the tail of their list (facts §3.2 step 11). */
  readonly placeMoved: "head" | "tail";
  /** Undoing isolation writes MOVABLE, or the type that isolation remembered (facts §1.3, §4.3). */
  readonly unisolate: "movable" | "remembered";
  /** has_unmovable_pages looks into MOVABLE pageblocks and ZONE_MOVABLE (unmovable.ts; facts §4.3). */
  readonly unmovableScan: "4.1" | "6.x";
  /** Whether fallback takes a pageblock before it counts what is in it (fallback.ts). */
  readonly steal: "move-then-claim" | "claim-or-single";
  /** Pageblocks of MIGRATE_RESERVE, for when nothing else is left (migrate-reserve.ts; facts §3.1). */
  readonly reserve: boolean;
  /** FOLL_LONGTERM pins move their pages out of ZONE_MOVABLE first (load.ts; mm/gup.c check_and_migrate_movable_pages). */
  readonly longPinsLeaveMovable: boolean;
  /** First pass without fragmenting: ALLOC_NOFRAGMENT (allocate.ts). */
  readonly noFragment: boolean;
  /** Isolated chunks of two isolated pageblocks merge (6.x) or stop at pageblock order (4.1). */
  readonly isolatedMerge: boolean;
  /** Where migration may put pages (migration-target.ts; facts §4.4). */
  readonly target: "local-kernel-zones" | "other-nodes";
  /** Pages collected for one migrate_pages call, and passes over them (migration.ts; facts §4.4). */
  readonly batchPages: number;
  readonly migratePasses: number;
  /** A page that is neither free nor on the LRU ends the batch (facts §4.4: "not managed"). */
  readonly notManagedStops: boolean;
  /** A THP is split before it moves. */
  readonly splitThp: boolean;
  /** Pages with movable_ops and gigantic hugepages move (facts §4.4, §4.5). */
  readonly movableOpsMove: boolean;
  readonly giganticMoves: boolean;
  /** Dissolving may be refused for reservations, and lowers the pool's target (facts §4.5). */
  readonly dissolve: "always" | "unless-reserved";
  /**
   * Where soft_offline_page puts a page, by the kernel's function: both begin with the page's own node. new_page takes ZONE_MOVABLE
   * too, hugepages only of that node; alloc_migration_target ZONE_MOVABLE for what comes from there, hugepages of any node.
   */
  readonly softTarget: "new_page" | "alloc_migration_target";
  /** Answers of soft and hard page offline (poison.ts; facts §2.5). */
  readonly pageOffline: "4.1" | "6.x";
  /** Poisoned frames are still marked when their block goes online again (facts §4.5; observed-6 §9). */
  readonly poisonOutlivesOffline: boolean;
  /** Removing a block lowers HardwareCorrupted: 4.1 and 6.12, not 6.1 (facts §4.5; observed-6 §9, §13). */
  readonly removalLowersCorrupted: boolean;
}

const rules: Readonly<Record<Generation, PageRules>> = {
  "4.1": {
    placeMoved: "head",
    unisolate: "movable",
    unmovableScan: "4.1",
    steal: "move-then-claim",
    reserve: true,
    longPinsLeaveMovable: false,
    noFragment: false,
    isolatedMerge: false,
    target: "local-kernel-zones",
    batchPages: 256,
    migratePasses: 10,
    notManagedStops: true,
    splitThp: true,
    movableOpsMove: false,
    giganticMoves: false,
    dissolve: "always",
    softTarget: "new_page",
    pageOffline: "4.1",
    poisonOutlivesOffline: true,
    removalLowersCorrupted: true,
  },
  "6.x": {
    placeMoved: "tail",
    unisolate: "remembered",
    unmovableScan: "6.x",
    steal: "claim-or-single",
    reserve: false,
    longPinsLeaveMovable: true,
    noFragment: true,
    isolatedMerge: true,
    target: "other-nodes",
    // do_migrate_range walks to the end of the range in one call.
    batchPages: Number.POSITIVE_INFINITY,
    migratePasses: 10,
    notManagedStops: false,
    splitThp: false,
    movableOpsMove: true,
    giganticMoves: true,
    dissolve: "unless-reserved",
    softTarget: "alloc_migration_target",
    pageOffline: "6.x",
    poisonOutlivesOffline: false,
    removalLowersCorrupted: false,
  },
};

/** What a kernel does otherwise than the first of its generation. */
const later: Readonly<Partial<Record<KernelId, Partial<PageRules>>>> = {
  "6.12": { removalLowersCorrupted: true },
};

export function pageRules({ id, generation }: Pick<KernelProfile, "id" | "generation">): PageRules {
  return { ...rules[generation], ...later[id] };
}
