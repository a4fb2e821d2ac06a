import type { CaptureRules } from "../capture-rules.ts";

export const capture: CaptureRules = { since: [6, 12], acrossEnd: "hugetlb-passes" };
