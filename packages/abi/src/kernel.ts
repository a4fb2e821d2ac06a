import { type ConfigSwitch, configErrors, type KernelConfig } from "./config.ts";
import type { Generation } from "./arch.ts";
import type { MemoryAction } from "./notify.ts";

/**
 * What one kernel version does, as data. Rooms above read these fields and hold one small
 * function for each value; nobody compares version numbers.
 */
export interface KernelProfile {
  readonly id: KernelId;
  readonly about: string;
  readonly generation: Generation;
  readonly config: KernelConfig;

  /** Zone of a hot-added range is bound when it is added (4.1) or when it is onlined (facts §3.1, §10). */
  readonly zoneBinding: "at-add" | "at-online";
  /** Spans shrink when memory is removed (4.1) or when it goes offline (facts §9.2). */
  readonly spansShrink: "on-remove" | "on-offline";
  /** Write of the state that a block already has to `state` (facts §2.8). */
  readonly redundantStateWrite: "returns-1" | "EINVAL";
  /** Parser of the `online` attribute (facts §2.9, observed-6 §2). */
  readonly boolParser: "strtobool-4.1" | "kstrtobool-6";
  /** `removable` is a page scan in 4.1 and the constant 1 later (facts §2.2). */
  readonly removableFile: "page-scan" | "constant-1";
  /** Blocks with holes cannot go offline (facts §4.2 step 3). */
  readonly holesRefuseOffline: boolean;
  /** The node must keep Normal memory unless MOVABLE_NODE (facts §4.1 step 3). */
  readonly lastNormalMemoryRule: boolean;
  /** Order of MEM_CANCEL_OFFLINE and un-isolation after a failed offline (facts §10). */
  readonly cancelOffline: "cancel-then-unisolate" | "unisolate-then-cancel";
  /**
   * When an offline whose pages do not move gives up. `bounded`: after 120 s, five rounds that failed, or a final check that
   * finds a page; want of memory ends a process. `until-signal`: only then (facts §4.1 steps 6-11, §4.2 step 9).
   */
  readonly offlineRetries: "bounded" | "until-signal";
  /** A failed online leaves the zone move of 4.1 in place (facts §3.1 step 3). */
  readonly failedOnlineKeepsZone: boolean;
  /** Actions sent besides the six classic ones (observed-6 §13). */
  readonly extraActions: readonly MemoryAction[];
  /** status_change_nid_high is part of struct memory_notify (facts §3.3). */
  readonly notifyNidHigh: boolean;
  /** Whether auto_online_blocks exists, and its default (observed-6 §1, §13). */
  readonly autoOnline: "absent" | "offline" | "online";
  /** /sys/module/memory_hotplug/parameters and the policies behind it (facts §3.4). */
  readonly onlinePolicies: boolean;
  /** Online fails with EHWPOISON on a block with poisoned pages (observed-6 §13). */
  readonly hwpoisonRefusesOnline: boolean;
  /** memmap_on_memory: absent, for DIMMs of one block, or for each block; and whether `force` exists (observed-6 §4, §13). */
  readonly memmapOnMemory: "absent" | "one-block-dimm" | "per-block";
  /** Alignment that add_memory asks for (facts §5.1). */
  readonly addAlignment: "section" | "block";
  /** add_memory takes its resource at top level (4.1: any overlap refuses) or also inside one that is not busy (facts §5.1). */
  readonly addResource: "top-level" | "inside-idle";
  /** Order of add_memory's checks: alignment first (4.1), or range and resource first (observed-6 §10: l_add_memory_errnos). */
  readonly addChecks: "alignment-first" | "resource-first";
  /** remove_memory of memory that is online: the kernel dies of it, or refuses (facts §5.2, §10). */
  readonly removeOnline: "bug" | "EBUSY";
  /** _OST status of a busy eject (facts §6.3, observed-6 §8). */
  readonly ostEjectBusy: number;
  /** A node with processors but no memory is offline at boot (4.1: its processors go to the nearest online node) or online (observed-6 §5). */
  readonly memorylessNode: "offline" | "online";
  /** /proc/zoneinfo lists unpopulated zones of online nodes too, and ZONE_DEVICE (facts §9.1). */
  readonly zoneinfo: "populated-only" | "all-zones";
  /** `has_cpu` reads empty in 4.1 (observed-4.1 §1). */
  readonly hasCpuFile: "empty" | "nodes";
  /** Writes of auto_online-like words: what a write of garbage to notifier-error-inject gives (observed-4.1 §11, observed-6 §7). */
  readonly injectGarbage: "zero" | "EINVAL";
  /** Rule of the x86 memory block size (facts §1.4). */
  readonly x86BlockSize: "4.1" | "5.15";
  /** movablecore larger than RAM wraps (4.1) or clamps (facts §8.1 step 3). */
  readonly movablecoreOverflow: "wraps" | "clamps";
  /** kernelcore larger than RAM still runs the distribution (4.1) or means no ZONE_MOVABLE (facts §8.1 step 4). */
  readonly kernelcoreOverflow: "distributes" | "ignored";
  /** ZONE_MOVABLE that would start at or after the node's end is dropped (facts §8.1 step 8). */
  readonly movableStartAtNodeEnd: "kept" | "dropped";
  /** `kernelcore=nn%`, `kernelcore=mirror` (facts §8). */
  readonly kernelcorePercent: boolean;
  /** Longest write that an attribute takes; what is beyond is cut (observed-6 §2; facts §2). */
  readonly writeLimitBytes: number;
}

export const kernelIds = ["4.1", "4.1-nomn", "6.1", "6.12"] as const;
export type KernelId = (typeof kernelIds)[number];

const config41: KernelConfig = {
  SPARSEMEM: true,
  MEMORY_HOTPLUG: true,
  MEMORY_HOTREMOVE: true,
  MIGRATION: true,
  ACPI_HOTPLUG_MEMORY: true,
  ACPI_CONTAINER: true,
  ARCH_MEMORY_PROBE: true,
  NUMA: true,
  MOVABLE_NODE: true,
  MEMORY_FAILURE: true,
  MEMORY_HOTPLUG_DEFAULT_ONLINE: false,
  MEMORY_NOTIFIER_ERROR_INJECT: true,
  CRASH_HOTPLUG: false,
};

const profile41: KernelProfile = {
  id: "4.1",
  about: "Linux 4.1.5, x86_64, the mission's own document; built with MOVABLE_NODE",
  generation: "4.1",
  config: config41,
  zoneBinding: "at-add",
  spansShrink: "on-remove",
  redundantStateWrite: "returns-1",
  boolParser: "strtobool-4.1",
  removableFile: "page-scan",
  holesRefuseOffline: false,
  lastNormalMemoryRule: true,
  cancelOffline: "cancel-then-unisolate",
  offlineRetries: "bounded",
  failedOnlineKeepsZone: true,
  extraActions: [],
  notifyNidHigh: true,
  autoOnline: "absent",
  onlinePolicies: false,
  hwpoisonRefusesOnline: false,
  memmapOnMemory: "absent",
  addAlignment: "section",
  addResource: "top-level",
  addChecks: "alignment-first",
  removeOnline: "bug",
  ostEjectBusy: 1,
  memorylessNode: "offline",
  zoneinfo: "populated-only",
  hasCpuFile: "empty",
  injectGarbage: "zero",
  x86BlockSize: "4.1",
  movablecoreOverflow: "wraps",
  kernelcoreOverflow: "distributes",
  movableStartAtNodeEnd: "kept",
  kernelcorePercent: false,
  writeLimitBytes: 4096,
};

const profile61: KernelProfile = {
  ...profile41,
  id: "6.1",
  about: "Debian's 6.1 (6.1.192), x86_64",
  generation: "6.x",
  config: {
    ...config41,
    ARCH_MEMORY_PROBE: false,
    MEMORY_NOTIFIER_ERROR_INJECT: true,
  },
  zoneBinding: "at-online",
  spansShrink: "on-offline",
  redundantStateWrite: "EINVAL",
  boolParser: "kstrtobool-6",
  removableFile: "constant-1",
  holesRefuseOffline: true,
  lastNormalMemoryRule: false,
  cancelOffline: "unisolate-then-cancel",
  offlineRetries: "until-signal",
  failedOnlineKeepsZone: false,
  notifyNidHigh: false,
  autoOnline: "offline",
  onlinePolicies: true,
  memmapOnMemory: "one-block-dimm",
  addAlignment: "block",
  addResource: "inside-idle",
  addChecks: "resource-first",
  removeOnline: "EBUSY",
  ostEjectBusy: 0x82,
  memorylessNode: "online",
  zoneinfo: "all-zones",
  hasCpuFile: "nodes",
  injectGarbage: "EINVAL",
  x86BlockSize: "5.15",
  movablecoreOverflow: "clamps",
  kernelcoreOverflow: "ignored",
  movableStartAtNodeEnd: "dropped",
  kernelcorePercent: true,
};

const profiles: Readonly<Record<KernelId, KernelProfile>> = {
  "4.1": profile41,
  "4.1-nomn": {
    ...profile41,
    id: "4.1-nomn",
    about: "Linux 4.1.5 built without MOVABLE_NODE",
    config: { ...config41, MOVABLE_NODE: false },
  },
  "6.1": profile61,
  "6.12": {
    ...profile61,
    id: "6.12",
    about: "Debian's 6.12 (6.12.107), x86_64",
    config: { ...profile61.config, MEMORY_HOTPLUG_DEFAULT_ONLINE: true, CRASH_HOTPLUG: true },
    extraActions: ["MEM_PREPARE_ONLINE", "MEM_FINISH_OFFLINE"],
    autoOnline: "online",
    hwpoisonRefusesOnline: true,
    memmapOnMemory: "per-block",
  },
};

/**
 * The profile of a kernel, with some configuration switches changed if asked.
 * @throws RangeError for an unknown kernel or a configuration that Kconfig would not allow.
 */
export function kernelProfile(
  id: string,
  config: Readonly<Partial<Record<ConfigSwitch, boolean>>> = {},
): KernelProfile {
  const found = Object.hasOwn(profiles, id) ? profiles[id as KernelId] : undefined;
  if (found === undefined)
    throw new RangeError(`unknown kernel ${JSON.stringify(id)} (known: ${kernelIds.join(", ")})`);
  for (const name of Object.keys(config)) {
    if (!Object.hasOwn(found.config, name)) {
      throw new RangeError(`unknown configuration switch ${name} (known: ${Object.keys(found.config).join(", ")})`);
    }
  }
  const merged: KernelConfig = { ...found.config, ...config };
  const errors = configErrors(merged);
  if (errors.length > 0) throw new RangeError(`impossible kernel configuration: ${errors.join("; ")}`);
  return { ...found, config: merged };
}
