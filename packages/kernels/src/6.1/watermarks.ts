import type { WatermarkRules } from "../watermark-rules.ts";

export const watermarks: WatermarkRules = {
  mostMinFreeKb: 262144,
  khugepagedRaises: true,
  movable: "shares",
  step: "scaled",
  pagesets: "by-watermark",
  zonesPerNode: 5,
};
