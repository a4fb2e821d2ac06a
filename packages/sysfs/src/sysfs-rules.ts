import type { DefaultOnlineType, KernelConfig, MigrateType } from "@memhp/abi";
import type { FlagReading } from "./page-flags.ts";
import type { KernelText } from "./kernel-text.ts";

/** How one kernel's files of memory hotplug read and what they take, as data; names that they print are `KernelText`. */
export interface SysfsRules {
  /** Write of the state that a block already has to `state` (facts §2.8). */
  readonly redundantStateWrite: "returns-1" | "EINVAL";
  /**
   * Words of a yes or no: strtobool looks at one letter of `yYnN01`; `on-off` takes on and of besides (4.18 to 5.15, lib/kstrtox.c), kstrtobool t
   * and f too (facts §2.9, observed-6 §2).
   */
  readonly boolWords: "strtobool" | "on-off" | "kstrtobool";
  /** Longest write that an attribute takes; what is beyond is cut (observed-6 §2; facts §2). */
  readonly writeLimitBytes: number;
  /** What auto_online_blocks and memhp_default_state take; nothing where the kernel has neither (observed-6 §1, §13; facts §2.6). */
  readonly autoOnlineWords: readonly DefaultOnlineType[];
  /** Whether /sys/module/memory_hotplug/parameters exists (facts §3.4). */
  readonly hotplugParameters: boolean;
  /** `has_cpu` reads empty in 4.1 (observed-4.1 §1). */
  readonly hasCpuFile: "empty" | "nodes";
  /** When node/has_memory exists: 4.1 has one mask for both unless there are movable nodes (observed-4.1 §1). */
  readonly hasMemoryFile: "with-MOVABLE_NODE" | "always";
  /** Whether node/has_generic_initiator exists. */
  readonly genericInitiatorFile: boolean;
  /** Nodes have the directories of the architecture (`KernelPort.nodeDirectories`). */
  readonly architectureDirectories: boolean;
  /** Whether `power` of blocks and nodes is known to hold files; absent where the kernel was built without CONFIG_PM. */
  readonly powerFiles: boolean | "absent";
  /** Whether nodeK/reclaim exists (observed-newer §1). */
  readonly nodeReclaimFile: boolean;
  /** Huge page files of a node: only with memory (4.1-nomn: boot-2n-memless-movable), or always. */
  readonly nodeHugepages: "with-memory" | "always";
  /** The blank of `distance` that is left out: before node 0, or before the first (facts §2.11). */
  readonly distanceBlank: "not-before-node-0" | "not-before-first";
  /** /proc/zoneinfo lists unpopulated zones of online nodes too, and ZONE_DEVICE (facts §9.1). */
  readonly zoneinfo: "populated-only" | "all-zones";
  /** Built without CONFIG_ZONE_DEVICE. */
  readonly deviceZone?: false;
  /** /proc/meminfo ends with Hugetlb. */
  readonly meminfoHugetlb: boolean;
  readonly pagetypeinfo: PagetypeinfoRules;
  readonly uevent: UeventRules;
  /** /proc/sys/vm/drop_caches reads back what was written last, or cannot be opened for reading (fs/drop_caches.c). */
  readonly dropCachesRead: "last-write" | "refused";
  /** A negative number in an unsigned sysctl: passed over without a word, or refused. */
  readonly negativeUlong: "ignored" | "EINVAL";
}

/** How one kernel prints /proc/pagetypeinfo. */
export interface PagetypeinfoRules {
  /** It is slow to make, so later kernels keep it to root (6.1, 6.12: x_going_offline). */
  readonly mode: number;
  /** Row names in index order (facts §1.3). */
  readonly rows: readonly MigrateType[];
  /** Where counting a free list stops (mm/vmstat.c pagetypeinfo_showfree_print). */
  readonly countLimit: number | undefined;
}

/** Writes to a `uevent` file. */
export interface UeventRules {
  readonly actions: readonly string[];
  /**
   * `action`: one word; one that is not known is logged, and the write still succeeds (drivers/base/core.c uevent_store).
   * `synthetic`: `ACTION [UUID [KEY=VALUE …]]`, refused where it is wrong (6.1, 6.12: g_readonly).
   */
  readonly form: "action" | "synthetic";
}

/** What the file tree needs to know of a kernel. */
export interface SysfsKernel {
  readonly config: KernelConfig;
  readonly sysfs: SysfsRules;
  readonly text: KernelText;
  readonly pageFlags: FlagReading;
}
