import { pinsLeaveMovable } from "../shared/pins.ts";
import type { CaptureRules } from "../capture-rules.ts";

/** An offline has no end of its own since 4.15 to 4.19 (facts §10). */
export const capture: CaptureRules = { since: [6, 1], acrossEnd: "must-move", pinsLeaveMovable };
