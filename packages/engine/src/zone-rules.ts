/** What one kernel does with zones and blocks, as data. */
export interface ZoneRules {
  /** Zone of a hot-added range is bound when it is added (4.1) or when it is onlined (facts §3.1, §10). */
  readonly zoneBinding: "at-add" | "at-online";
  /** Spans shrink when memory is removed (4.1) or when it goes offline (facts §9.2). */
  readonly spansShrink: "on-remove" | "on-offline";
  /** How an offline finds that a block is in one zone: page by page (4.1), or by the zone that the block was onlined to (facts §4.1 step 2, §4.2 step 1). */
  readonly oneZoneCheck: "every-page" | "zone-of-block";
  /** Blocks with holes cannot go offline (facts §4.2 step 3). */
  readonly holesRefuseOffline: boolean;
  /** The node must keep Normal memory unless MOVABLE_NODE (facts §4.1 step 3). */
  readonly lastNormalMemoryRule: boolean;
  /** `removable` is a page scan in 4.1 and the constant 1 later (facts §2.2). */
  readonly removableFile: "page-scan" | "always-1";
  /** Online fails with EHWPOISON on a block with poisoned pages (observed-6 §13). */
  readonly hwpoisonRefusesOnline: boolean;
}
