/** How one kernel sizes what it keeps free and what it keeps on per-cpu lists (facts §9.3). */
export interface WatermarkRules {
  readonly mostMinFreeKb: number;
  /**
   * khugepaged wants room for hugepages of every migratetype. Later kernels keep to it (x_kswapd); of 4.1 no recorded
   * machine shows it: the first online computes anew and drops it (facts §9.3; page-offline).
   */
  readonly khugepagedRaises: boolean;
  /** ZONE_MOVABLE has its share as a kernel zone, or a small min of its own (6.12: x_going_offline). */
  readonly movable: "shares" | "own-min";
  /** Distance of low and high from min: a quarter of min each, or at least a thousandth of the zone. */
  readonly step: "quarter" | "scaled";
  /** Per-cpu page lists: sizes fixed by the batch, by the zone's low watermark, or by that and tuned from there on. */
  readonly pagesets: "by-batch" | "by-watermark" | "tuned";
  /** Zones of each node that lowmem_reserve counts: later kernels know ZONE_DEVICE too. */
  readonly zonesPerNode: 4 | 5;
}
