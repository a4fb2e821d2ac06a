import type { ZoneRules } from "@memhp/engine";

export const zones: ZoneRules = {
  zoneBinding: "at-online",
  spansShrink: "on-offline",
  oneZoneCheck: "zone-of-block",
  holesRefuseOffline: true,
  lastNormalMemoryRule: false,
  removableFile: "always-1",
  hwpoisonRefusesOnline: true,
};
