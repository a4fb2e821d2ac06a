import type { KernelText } from "@memhp/sysfs";
import { perZone, words } from "../shared/words.ts";

const ZONES = "dma dma32 normal movable";

export const text: KernelText = {
  zoneRows: words("min low high scanned spanned present managed"),
  zoneCounters: words(`
    nr_free_pages nr_alloc_batch nr_inactive_anon nr_active_anon nr_inactive_file nr_active_file nr_unevictable
    nr_mlock nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback nr_slab_reclaimable nr_slab_unreclaimable
    nr_page_table_pages nr_kernel_stack nr_unstable nr_bounce nr_vmscan_write nr_vmscan_immediate_reclaim
    nr_writeback_temp nr_isolated_anon nr_isolated_file nr_shmem nr_dirtied nr_written nr_pages_scanned numa_hit
    numa_miss numa_foreign numa_interleave numa_local numa_other workingset_refault workingset_activate
    workingset_nodereclaim nr_anon_transparent_hugepages nr_free_cma`),
  nodeCounters: [],
  nodeMeminfo: words(`
    MemTotal MemFree MemUsed Active Inactive Active(anon) Inactive(anon) Active(file) Inactive(file) Unevictable
    Mlocked Dirty Writeback FilePages Mapped AnonPages Shmem KernelStack PageTables NFS_Unstable Bounce WritebackTmp
    Slab SReclaimable SUnreclaim AnonHugePages`),
  nodeMeminfoNarrow: [],
  meminfo: words(`
    MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon) Inactive(anon) Active(file)
    Inactive(file) Unevictable Mlocked SwapTotal SwapFree Dirty Writeback AnonPages Mapped Shmem Slab SReclaimable
    SUnreclaim KernelStack PageTables NFS_Unstable Bounce WritebackTmp CommitLimit Committed_AS VmallocTotal
    VmallocUsed VmallocChunk HardwareCorrupted AnonHugePages`),
  nodeDirectories: ["hugepages", "power"],
  // offline-anon prints the lines from pgmigrate_success to compact_success.
  vmEvents: [
    ...words("nr_dirty_threshold nr_dirty_background_threshold pgpgin pgpgout pswpin pswpout"),
    ...perZone(ZONES, "pgalloc"),
    ...words("pgfree pgactivate pgdeactivate pgfault pgmajfault"),
    ...perZone(ZONES, "pgrefill", "pgsteal_kswapd", "pgsteal_direct", "pgscan_kswapd", "pgscan_direct"),
    ...words(`
    pgscan_direct_throttle zone_reclaim_failed pginodesteal slabs_scanned kswapd_inodesteal
    kswapd_low_wmark_hit_quickly kswapd_high_wmark_hit_quickly pageoutrun allocstall pgrotated drop_pagecache
    drop_slab pgmigrate_success pgmigrate_fail compact_migrate_scanned compact_free_scanned compact_isolated
    compact_stall compact_fail compact_success htlb_buddy_alloc_success htlb_buddy_alloc_fail unevictable_pgs_culled
    unevictable_pgs_scanned unevictable_pgs_rescued unevictable_pgs_mlocked unevictable_pgs_munlocked
    unevictable_pgs_cleared unevictable_pgs_stranded thp_fault_alloc thp_fault_fallback thp_collapse_alloc
    thp_collapse_alloc_failed thp_split thp_zero_page_alloc thp_zero_page_alloc_failed`),
  ],
};
