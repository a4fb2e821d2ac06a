import type { KernelText } from "@memhp/sysfs";
import { text as text515 } from "../5.15/text.ts";
import { perZone, words } from "../shared/words.ts";

const ZONES = "dma dma32 normal movable device";

/** Names as the source of 4.18.0-394.el8 has them (mm/vmstat.c, fs/proc/meminfo.c, drivers/base/node.c), in a distribution's configuration. */
export const text: KernelText = {
  ...text515,
  zoneRows: words("min low high spanned present managed"),
  vmEvents: [
    ...words("nr_dirty_threshold nr_dirty_background_threshold pgpgin pgpgout pswpin pswpout"),
    ...perZone(ZONES, "pgalloc", "allocstall", "pgskip"),
    ...words(`
    pgfree pgactivate pgdeactivate pglazyfree pgfault pgmajfault pglazyfreed pgrefill pgsteal_kswapd
    pgsteal_direct pgscan_kswapd pgscan_direct pgscan_direct_throttle pgscan_anon pgscan_file pgsteal_anon
    pgsteal_file zone_reclaim_failed pginodesteal slabs_scanned kswapd_inodesteal kswapd_low_wmark_hit_quickly
    kswapd_high_wmark_hit_quickly pageoutrun pgrotated drop_pagecache drop_slab oom_kill numa_pte_updates
    numa_huge_pte_updates numa_hint_faults numa_hint_faults_local numa_pages_migrated pgmigrate_success
    pgmigrate_fail compact_migrate_scanned compact_free_scanned compact_isolated compact_stall compact_fail
    compact_success compact_daemon_wake compact_daemon_migrate_scanned compact_daemon_free_scanned
    htlb_buddy_alloc_success htlb_buddy_alloc_fail unevictable_pgs_culled unevictable_pgs_scanned
    unevictable_pgs_rescued unevictable_pgs_mlocked unevictable_pgs_munlocked unevictable_pgs_cleared
    unevictable_pgs_stranded thp_fault_alloc thp_fault_fallback thp_fault_fallback_charge thp_collapse_alloc
    thp_collapse_alloc_failed thp_file_alloc thp_file_fallback thp_file_fallback_charge thp_file_mapped
    thp_split_page thp_split_page_failed thp_deferred_split_page thp_split_pmd thp_split_pud thp_zero_page_alloc
    thp_zero_page_alloc_failed thp_swpout thp_swpout_fallback balloon_inflate balloon_deflate swap_ra
    swap_ra_hit nr_unstable`),
  ],
};
