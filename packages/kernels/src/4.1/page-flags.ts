import type { FlagReading } from "@memhp/sysfs";
import { sharedFlags } from "../shared/page-flags.ts";

/** New anonymous pages start on the active list. */
export const pageFlags: FlagReading = {
  flags: {
    ...sharedFlags,
    anonymous: [...sharedFlags.anonymous, "ACTIVE"],
    thp: [...sharedFlags.thp, "ACTIVE"],
    balloon: ["BALLOON", "PRIVATE"],
  },
  buddy: "first",
  tail: ["HUGE", "THP"],
};
