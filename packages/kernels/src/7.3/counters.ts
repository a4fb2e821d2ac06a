import type { CounterRules } from "../counter-rules.ts";
import { anon, file, sharedItems, unevictable } from "../shared/counters.ts";

export const counters: CounterRules = {
  ofZone: {
    nr_zone_inactive_anon: ["shmem"],
    nr_zone_active_anon: anon,
    nr_zone_active_file: file,
    nr_zone_unevictable: unevictable,
    nr_mlock: ["mlocked"],
  },
  ofNode: sharedItems,
  buddyMapCount: 0,
  offlineFrames: "no-page",
};
