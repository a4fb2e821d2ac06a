import type { SysfsRules } from "@memhp/sysfs";

export const sysfs: SysfsRules = {
  redundantStateWrite: "returns-1",
  boolWords: "strtobool",
  writeLimitBytes: 4096,
  autoOnlineWords: [],
  hotplugParameters: false,
  hasCpuFile: "empty",
  hasMemoryFile: "with-MOVABLE_NODE",
  genericInitiatorFile: false,
  architectureDirectories: false,
  powerFiles: false,
  nodeReclaimFile: false,
  nodeHugepages: "with-memory",
  distanceBlank: "not-before-node-0",
  zoneinfo: "populated-only",
  meminfoHugetlb: false,
  pagetypeinfo: {
    mode: 0o444,
    rows: ["Unmovable", "Reclaimable", "Movable", "Reserve", "Isolate"],
    countLimit: undefined,
  },
  uevent: { form: "action", actions: ["add", "remove", "change", "move", "online", "offline"] },
  dropCachesRead: "last-write",
  negativeUlong: "ignored",
};
