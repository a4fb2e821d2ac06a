import type { MigrateType } from "@memhp/abi";
import type { PageOfflineRules } from "./page-offline-rules.ts";

/**
 * What one kernel does with pages, as data. Each value has one small function in the file
 * that its comment names.
 */
export interface PageRules {
  /** Onlined and moved chunks go to the head (4.1: list_add, so the last one leads) or the tail of their list (facts §3.2 step 11). */
  readonly placeMoved: "head" | "tail";
  /**
   * unset_migratetype_isolate takes a chunk of more than two pageblocks apart and merges it again, so that it ends at the head of its list
   * (mm/page_isolation.c of 6.12.117; since 6.10, from source. 6.12-ppc64el: p_eject_busy, p_notifier, 7.2-ppc64el: p_absent_node, where a chunk has eight).
   */
  readonly unisolateSplits: boolean;
  /** Undoing isolation writes MOVABLE, or the type that isolation remembered (facts §1.3, §4.3). */
  readonly unisolate: "movable" | "remembered";
  /** The kernel's words for `MigrateClass`, in its order: MIGRATE_RESERVE became HighAtomic (facts §1.3). */
  readonly migrateTypes: readonly MigrateType[];
  /**
   * When an offline whose pages do not move gives up. `bounded`: after 120 s, five rounds that failed, or a final check that
   * finds a page; want of memory ends a process. `until-signal`: only then (facts §4.1 steps 6-11, §4.2 step 9).
   */
  readonly offlineRetries: "bounded" | "until-signal";
  /** has_unmovable_pages takes ZONE_MOVABLE and MOVABLE pageblocks on trust, or looks into all (unmovable.ts; facts §4.3). */
  readonly unmovableScan: "trusts-movable" | "every-pageblock";
  /**
   * has_unmovable_pages passes over slab of single pages, which hold no reference any more: the offline then never ends (unmovable.ts;
   * observed-newer §1 6c).
   */
  readonly singleSlabPasses: boolean;
  /**
   * Slab that a program's pages bring along stays behind in half-empty slabs (c_load_*_kernel), or leaves with the program unless others put
   * objects into it meanwhile: without per-cpu partial slabs an empty one is free at once (7.3: z_slab_order0 against z_slab_order0_hand).
   */
  readonly slabOfPrograms: "stays" | "leaves-unless-shared";
  /** scan_movable_pages takes pfn 0 for "nothing found" (scan.ts; facts §4.1). */
  readonly pfnZeroIsNothing: boolean;
  /** PageOffline pages: as any page of the kernel, or they leave with their block unless somebody refers to them (scan.ts; facts §4.2 step 9). */
  readonly offlinePages: "stay" | "leave-unless-held";
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
  /** Pages collected for one migrate_pages call: so many, or all to the end of the range; and passes over them (migration.ts; facts §4.4). */
  readonly batchPages: number | "whole-range";
  /** How often migrate_pages tries a list of pages. */
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
  readonly pageOffline: PageOfflineRules;
  /** Poisoned frames are still marked when their block goes online again (facts §4.5; observed-6 §9). */
  readonly poisonOutlivesOffline: boolean;
  /** Removing a block lowers HardwareCorrupted: 4.1 and 6.12, not 6.1 (facts §4.5; observed-6 §9, §13). */
  readonly removalLowersCorrupted: boolean;
}

/** Pages that one migrate_pages call collects at most. */
export function mostOfBatch({ batchPages }: PageRules): number {
  return batchPages === "whole-range" ? Number.POSITIVE_INFINITY : batchPages;
}
