import type { ZoneRules } from "@memhp/engine";

export const zones: ZoneRules = {
  zoneBinding: "at-add",
  spansShrink: "on-remove",
  oneZoneCheck: "every-page",
  holesRefuseOffline: false,
  lastNormalMemoryRule: true,
  removableFile: "page-scan",
  hwpoisonRefusesOnline: false,
};
