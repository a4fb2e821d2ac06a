import { pinsLeaveMovable } from "../shared/pins.ts";
import type { CaptureRules } from "../capture-rules.ts";

export const capture: CaptureRules = { since: [6, 12], acrossEnd: "hugetlb-passes", pinsLeaveMovable };
