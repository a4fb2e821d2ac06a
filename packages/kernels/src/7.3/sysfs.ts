import { defaultOnlineTypes } from "@memhp/abi";
import type { SysfsRules } from "@memhp/sysfs";

export const sysfs: SysfsRules = {
  redundantStateWrite: "EINVAL",
  boolWords: "kstrtobool",
  writeLimitBytes: 4096,
  autoOnlineWords: defaultOnlineTypes,
  hotplugParameters: true,
  hasCpuFile: "nodes",
  hasMemoryFile: "always",
  genericInitiatorFile: true,
  architectureDirectories: true,
  powerFiles: true,
  nodeReclaimFile: true,
  nodeHugepages: "always",
  distanceBlank: "not-before-first",
  zoneinfo: "all-zones",
  meminfoHugetlb: true,
  pagetypeinfo: {
    mode: 0o400,
    rows: ["Unmovable", "Movable", "Reclaimable", "HighAtomic", "CMA", "Isolate"],
    countLimit: 100_000,
  },
  uevent: { form: "synthetic", actions: ["add", "remove", "change", "move", "online", "offline", "bind", "unbind"] },
  dropCachesRead: "refused",
  negativeUlong: "EINVAL",
};
