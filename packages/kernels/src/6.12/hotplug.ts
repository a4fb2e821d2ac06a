import type { HotplugRules } from "@memhp/engine";

export const hotplug: HotplugRules = {
  cancelOffline: "unisolate-then-cancel",
  failedOnlineKeepsZone: false,
  nodeAppears: "after-blocks",
  extraActions: ["MEM_PREPARE_ONLINE", "MEM_FINISH_OFFLINE"],
};
