import { pinsLeaveMovable } from "../shared/pins.ts";
import type { CaptureRules } from "../capture-rules.ts";

/** Slab pages hold no reference since 6.14. */
export const capture: CaptureRules = { since: [6, 14], acrossEnd: "hugetlb-passes", pinsLeaveMovable };
