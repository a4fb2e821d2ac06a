import type { WatermarkRules } from "../watermark-rules.ts";

export const watermarks: WatermarkRules = {
  mostMinFreeKb: 65536,
  khugepagedRaises: false,
  movable: "shares",
  step: "quarter",
  pagesets: "by-batch",
  zonesPerNode: 4,
};
