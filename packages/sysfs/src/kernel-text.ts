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
  /** /proc/vmstat behind the items of zones and nodes (mm/vmstat.c vmstat_text). */
  readonly vmEvents: readonly string[];
}
