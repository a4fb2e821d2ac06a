import type { CounterRules } from "../counter-rules.ts";
import { sharedItems } from "../shared/counters.ts";

export const counters: CounterRules = {
  ofZone: { ...sharedItems, nr_mlock: ["mlocked"] },
  ofNode: {},
  // PAGE_BUDDY_MAPCOUNT_VALUE + 1.
  buddyMapCount: -127,
  offlineFrames: "reserved",
};
