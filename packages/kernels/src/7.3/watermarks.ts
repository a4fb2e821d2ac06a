import type { WatermarkRules } from "@memhp/engine";

export const watermarks: WatermarkRules = {
  mostMinFreeKb: 262144,
  khugepagedRaises: true,
  movable: "own-min",
  step: "scaled",
  pagesets: "tuned",
  zonesPerNode: 5,
};
