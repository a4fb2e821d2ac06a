import type { KernelId } from "@memhp/abi";

const words = (text: string): string[] => text.trim().split(/\s+/);

/** FOR_ALL_ZONES. */
const perZone = (zones: string, ...stems: string[]): string[] =>
  stems.flatMap((stem) => words(zones).map((zone) => `${stem}_${zone}`));

const zones41 = "dma dma32 normal movable";
const zones6 = `${zones41} device`;

const compaction =
  "compact_migrate_scanned compact_free_scanned compact_isolated compact_stall compact_fail compact_success";
const unevictable = `unevictable_pgs_culled unevictable_pgs_scanned unevictable_pgs_rescued unevictable_pgs_mlocked
  unevictable_pgs_munlocked unevictable_pgs_cleared unevictable_pgs_stranded`;
const kswapd = `pginodesteal slabs_scanned kswapd_inodesteal kswapd_low_wmark_hit_quickly
  kswapd_high_wmark_hit_quickly pageoutrun`;

/** 4.1: offline-anon prints the lines from pgmigrate_success to compact_success. */
const events41 = [
  ...words("nr_dirty_threshold nr_dirty_background_threshold pgpgin pgpgout pswpin pswpout"),
  ...perZone(zones41, "pgalloc"),
  ...words("pgfree pgactivate pgdeactivate pgfault pgmajfault"),
  ...perZone(zones41, "pgrefill", "pgsteal_kswapd", "pgsteal_direct", "pgscan_kswapd", "pgscan_direct"),
  ...words(`
    pgscan_direct_throttle zone_reclaim_failed ${kswapd} allocstall pgrotated drop_pagecache drop_slab
    pgmigrate_success pgmigrate_fail ${compaction} htlb_buddy_alloc_success htlb_buddy_alloc_fail ${unevictable}
    thp_fault_alloc thp_fault_fallback thp_collapse_alloc thp_collapse_alloc_failed thp_split thp_zero_page_alloc
    thp_zero_page_alloc_failed`),
];

/** What differs between 6.1 and 6.12. */
interface Events6 {
  readonly thresholds: string;
  readonly reclaim: string;
  readonly underused: string;
  readonly swap: string;
  readonly zswap: string;
}

function events6({ thresholds, reclaim, underused, swap, zswap }: Events6): string[] {
  return [
    ...words(`nr_dirty_threshold nr_dirty_background_threshold ${thresholds} pgpgin pgpgout pswpin pswpout`),
    ...perZone(zones6, "pgalloc", "allocstall", "pgskip"),
    ...words(`
      pgfree pgactivate pgdeactivate pglazyfree pgfault pgmajfault pglazyfreed pgrefill pgreuse ${reclaim}
      pgscan_direct_throttle pgscan_anon pgscan_file pgsteal_anon pgsteal_file zone_reclaim_failed ${kswapd}
      pgrotated drop_pagecache drop_slab oom_kill numa_pte_updates numa_huge_pte_updates numa_hint_faults
      numa_hint_faults_local numa_pages_migrated pgmigrate_success pgmigrate_fail thp_migration_success
      thp_migration_fail thp_migration_split ${compaction} compact_daemon_wake compact_daemon_migrate_scanned
      compact_daemon_free_scanned htlb_buddy_alloc_success htlb_buddy_alloc_fail ${unevictable} thp_fault_alloc
      thp_fault_fallback thp_fault_fallback_charge thp_collapse_alloc thp_collapse_alloc_failed thp_file_alloc
      thp_file_fallback thp_file_fallback_charge thp_file_mapped thp_split_page thp_split_page_failed
      thp_deferred_split_page ${underused} thp_split_pmd thp_scan_exceed_none_pte thp_scan_exceed_swap_pte
      thp_scan_exceed_share_pte thp_split_pud thp_zero_page_alloc thp_zero_page_alloc_failed thp_swpout
      thp_swpout_fallback balloon_inflate balloon_deflate balloon_migrate swap_ra swap_ra_hit ${swap} ksm_swpin_copy
      cow_ksm zswpin zswpout ${zswap} direct_map_level2_splits direct_map_level3_splits nr_unstable`),
  ];
}

const events61 = events6({
  thresholds: "",
  reclaim: "pgsteal_kswapd pgsteal_direct pgdemote_kswapd pgdemote_direct pgscan_kswapd pgscan_direct",
  underused: "",
  swap: "",
  zswap: "",
});

const events612 = events6({
  thresholds: "nr_memmap_pages nr_memmap_boot_pages",
  reclaim: `pgsteal_kswapd pgsteal_direct pgsteal_khugepaged pgscan_kswapd pgscan_direct pgscan_khugepaged`,
  underused: "thp_underused_split_page",
  swap: "swpin_zero swpout_zero",
  zswap: "zswpwb",
});

/**
 * /proc/vmstat behind the items of zones and nodes: mm/vmstat.c vmstat_text, in the configurations that were
 * recorded. No recording holds the whole file.
 */
export const vmEvents: Readonly<Record<KernelId, readonly string[]>> = {
  "4.1": events41,
  "4.1-nomn": events41,
  "6.1": events61,
  "6.12": events612,
};
