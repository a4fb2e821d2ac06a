import type { KernelId } from "@memhp/abi";

/** Names that one kernel prints, in its order, where kernels differ in names alone. */
export interface KernelText {
  /** Rows of a zone's record between `pages free` and `protection`. */
  readonly zoneRows: readonly string[];
  /** Counters of a zone, the NUMA events included. */
  readonly zoneCounters: readonly string[];
  /** Counters of a node; 4.1 keeps them in its zones. */
  readonly nodeCounters: readonly string[];
  /** nodeK/meminfo before the huge pages. */
  readonly nodeMeminfo: readonly string[];
  /** Those of them whose column is one blank narrower. */
  readonly nodeMeminfoNarrow: readonly string[];
  /** /proc/meminfo before the huge pages. */
  readonly meminfo: readonly string[];
  /** Directories in nodeK. */
  readonly nodeDirectories: readonly string[];
}

const words = (text: string): string[] => text.trim().split(/\s+/);

const numaEvents = "numa_hit numa_miss numa_foreign numa_interleave numa_local numa_other";

const text41: KernelText = {
  zoneRows: words("min low high scanned spanned present managed"),
  zoneCounters: words(`
    nr_free_pages nr_alloc_batch nr_inactive_anon nr_active_anon nr_inactive_file nr_active_file nr_unevictable nr_mlock
    nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback nr_slab_reclaimable nr_slab_unreclaimable
    nr_page_table_pages nr_kernel_stack nr_unstable nr_bounce nr_vmscan_write nr_vmscan_immediate_reclaim
    nr_writeback_temp nr_isolated_anon nr_isolated_file nr_shmem nr_dirtied nr_written nr_pages_scanned ${numaEvents}
    workingset_refault workingset_activate workingset_nodereclaim nr_anon_transparent_hugepages nr_free_cma`),
  nodeCounters: [],
  nodeMeminfo: words(`
    MemTotal MemFree MemUsed Active Inactive Active(anon) Inactive(anon) Active(file) Inactive(file) Unevictable Mlocked
    Dirty Writeback FilePages Mapped AnonPages Shmem KernelStack PageTables NFS_Unstable Bounce WritebackTmp Slab
    SReclaimable SUnreclaim AnonHugePages`),
  nodeMeminfoNarrow: [],
  meminfo: words(`
    MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon) Inactive(anon) Active(file)
    Inactive(file) Unevictable Mlocked SwapTotal SwapFree Dirty Writeback AnonPages Mapped Shmem Slab SReclaimable
    SUnreclaim KernelStack PageTables NFS_Unstable Bounce WritebackTmp CommitLimit Committed_AS VmallocTotal VmallocUsed
    VmallocChunk HardwareCorrupted AnonHugePages`),
  nodeDirectories: ["hugepages", "power"],
};

/** 6.1: a_boot_1node (vmstat, meminfo), x_going_offline (zoneinfo). */
const text61: KernelText = {
  zoneRows: words("boost min low high spanned present managed cma"),
  zoneCounters: words(`
    nr_free_pages nr_zone_inactive_anon nr_zone_active_anon nr_zone_inactive_file nr_zone_active_file
    nr_zone_unevictable nr_zone_write_pending nr_mlock nr_bounce nr_zspages nr_free_cma ${numaEvents}`),
  nodeCounters: words(`
    nr_inactive_anon nr_active_anon nr_inactive_file nr_active_file nr_unevictable nr_slab_reclaimable
    nr_slab_unreclaimable nr_isolated_anon nr_isolated_file workingset_nodes workingset_refault_anon
    workingset_refault_file workingset_activate_anon workingset_activate_file workingset_restore_anon
    workingset_restore_file workingset_nodereclaim nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback
    nr_writeback_temp nr_shmem nr_shmem_hugepages nr_shmem_pmdmapped nr_file_hugepages nr_file_pmdmapped
    nr_anon_transparent_hugepages nr_vmscan_write nr_vmscan_immediate_reclaim nr_dirtied nr_written
    nr_throttled_written nr_kernel_misc_reclaimable nr_foll_pin_acquired nr_foll_pin_released nr_kernel_stack
    nr_page_table_pages nr_sec_page_table_pages nr_swapcached pgpromote_success pgpromote_candidate`),
  nodeMeminfo: words(`
    MemTotal MemFree MemUsed SwapCached Active Inactive Active(anon) Inactive(anon) Active(file) Inactive(file)
    Unevictable Mlocked Dirty Writeback FilePages Mapped AnonPages Shmem KernelStack PageTables SecPageTables
    NFS_Unstable Bounce WritebackTmp KReclaimable Slab SReclaimable SUnreclaim AnonHugePages ShmemHugePages
    ShmemPmdMapped FileHugePages FilePmdMapped`),
  nodeMeminfoNarrow: ["FileHugePages", "FilePmdMapped"],
  meminfo: words(`
    MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon) Inactive(anon) Active(file)
    Inactive(file) Unevictable Mlocked SwapTotal SwapFree Zswap Zswapped Dirty Writeback AnonPages Mapped Shmem
    KReclaimable Slab SReclaimable SUnreclaim KernelStack PageTables SecPageTables NFS_Unstable Bounce WritebackTmp
    CommitLimit Committed_AS VmallocTotal VmallocUsed VmallocChunk Percpu HardwareCorrupted AnonHugePages
    ShmemHugePages ShmemPmdMapped FileHugePages FilePmdMapped`),
  nodeDirectories: ["hugepages", "power", "x86"],
};

/** 6.12: the same traces. */
const text612: KernelText = {
  ...text61,
  zoneRows: words("boost min low high promo spanned present managed cma"),
  zoneCounters: text61.zoneCounters.flatMap((name) => (name === "nr_free_cma" ? [name, "nr_unaccepted"] : [name])),
  nodeCounters: [
    ...text61.nodeCounters.flatMap((name) => (name === "nr_swapcached" ? ["nr_iommu_pages", name] : [name])),
    ...words("pgdemote_kswapd pgdemote_direct pgdemote_khugepaged"),
  ],
  nodeMeminfo: [...text61.nodeMeminfo, "Unaccepted"],
  nodeMeminfoNarrow: [],
  meminfo: [...text61.meminfo, "Unaccepted"],
  nodeDirectories: [...text61.nodeDirectories, "memory_failure"],
};

export const kernelText: Readonly<Record<KernelId, KernelText>> = {
  "4.1": text41,
  "4.1-nomn": text41,
  "6.1": text61,
  "6.12": text612,
};
