import type { WatermarkRules } from "@memhp/engine";

export const watermarks: WatermarkRules = {
  mostMinFreeKb: 65536,
  khugepagedRaises: false,
  movable: "shares",
  step: "quarter",
  pagesets: "by-batch",
  zonesPerNode: 4,
};
