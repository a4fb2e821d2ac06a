import type { CaptureRules } from "../capture-rules.ts";

export const capture: CaptureRules = { since: [0, 0], acrossEnd: "hugetlb-passes" };
