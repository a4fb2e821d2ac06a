import type { WatermarkRules } from "@memhp/engine";

export const watermarks: WatermarkRules = {
  mostMinFreeKb: 262144,
  khugepagedRaises: true,
  movable: "shares",
  step: "scaled",
  pagesets: "by-watermark",
  zonesPerNode: 5,
};
