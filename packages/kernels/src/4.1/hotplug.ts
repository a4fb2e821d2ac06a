import type { HotplugRules } from "@memhp/engine";

export const hotplug: HotplugRules = {
  cancelOffline: "cancel-then-unisolate",
  failedOnlineKeepsZone: true,
  nodeAppears: "after-blocks",
  extraActions: [],
};
