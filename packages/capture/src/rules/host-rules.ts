import { type Kernel, kernels } from "@memhp/kernels";

/** Major and minor number. */
export type Release = readonly [major: number, minor: number];

/** How one kernel offlines a block, as far as the files of a host can tell what comes of it. */
export interface HostRules {
  /** Of the kernel that they were learned from. */
  readonly id: string;
  /** Major and minor number of that kernel. */
  readonly version: Release;
  /** The first release that is judged by them. */
  readonly since: Release;
  /** No other release is. */
  readonly onlyThis: boolean;
  /** Read in a source, not learned from a recorded kernel: which release's. */
  readonly source?: string;
  /** A block with a hole in its RAM is refused (facts §4.2 step 3), or not (§4.1). */
  readonly holesRefuse: boolean;
  /** What has_unmovable_pages looks at: reserved pages of ZONE_MOVABLE too (6.x), or at no page of it (4.1) (facts §4.3). */
  readonly movableZone: "reserved-refuses" | "not-looked-at";
  readonly acrossEnd: Kernel["capture"]["acrossEnd"];
  /** `removable` is what a scan of the block's pages found. */
  readonly looksForRemovable: boolean;
  /** The first release that moves pages off ZONE_MOVABLE before a pin that lasts. */
  readonly pinsLeaveMovable?: Release;
  /** Slab pages of order 0 hold a reference, so that isolation fails at them; or none, and the attempt never ends (observed-newer §1 6c). */
  readonly slabReferences: "counted" | "none";
  /** Until a signal, or 120 s and five rounds (facts §4.1, §4.2). */
  readonly retries: Kernel["pages"]["offlineRetries"];
  /** Pages go to other nodes first (facts §4.4), or by the caller's policy to Normal and below, and want of room ends programs (4.1). */
  readonly targets: "other-nodes" | "kernel-zones";
}

/** What of a kernel matters where only files are known. */
function hostRulesOf({ id, version: { major, minor }, zones, pages, capture, source }: Kernel): HostRules {
  return {
    id,
    version: [major, minor],
    since: capture.since,
    onlyThis: capture.onlyThis === true,
    ...(source === undefined ? {} : { source: source.release }),
    holesRefuse: zones.holesRefuseOffline,
    movableZone: pages.unmovableScan === "every-pageblock" ? "reserved-refuses" : "not-looked-at",
    looksForRemovable: zones.removableFile === "page-scan",
    ...(capture.pinsLeaveMovable === undefined ? {} : { pinsLeaveMovable: capture.pinsLeaveMovable }),
    acrossEnd: capture.acrossEnd,
    slabReferences: pages.singleSlabPasses ? "none" : "counted",
    retries: pages.offlineRetries,
    targets: pages.target === "other-nodes" ? "other-nodes" : "kernel-zones",
  };
}

/** All that are known, oldest first. */
export const hostRules: readonly HostRules[] = kernels.filter(({ config }) => config.MOVABLE_NODE).map(hostRulesOf);
