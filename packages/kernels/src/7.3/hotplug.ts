import type { HotplugRules } from "@memhp/engine";

export const hotplug: HotplugRules = {
  cancelOffline: "unisolate-then-cancel",
  failedOnlineKeepsZone: false,
  nodeAppears: "before-blocks",
  extraActions: [],
};
