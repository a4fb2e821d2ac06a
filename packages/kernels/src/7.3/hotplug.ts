import type { HotplugRules } from "@memhp/hotplug";

export const hotplug: HotplugRules = {
  cancelOffline: "unisolate-then-cancel",
  failedOnlineKeepsZone: false,
  nodeAppears: "before-blocks",
  extraActions: [],
};
