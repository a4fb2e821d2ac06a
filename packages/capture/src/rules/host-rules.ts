import { type Kernel, kernels, newestKernel } from "@memhp/kernels";

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
  /** A block with a hole in its RAM is refused (facts §4.2 step 3), or not (§4.1). */
  readonly holesRefuse: boolean;
  /** What has_unmovable_pages looks at: reserved pages of ZONE_MOVABLE too (6.x), or at no page of it (4.1) (facts §4.3). */
  readonly movableZone: "reserved-refuses" | "not-looked-at";
  readonly acrossEnd: Kernel["capture"]["acrossEnd"];
  readonly slabReferences: Kernel["capture"]["slabReferences"];
  /** Until a signal, or 120 s and five rounds (facts §4.1, §4.2). */
  readonly retries: Kernel["pages"]["offlineRetries"];
  /** Pages go to other nodes first (facts §4.4), or by the caller's policy to Normal and below, and want of room ends programs (4.1). */
  readonly targets: "other-nodes" | "kernel-zones";
}

/** What of a kernel matters where only files are known. */
function hostRulesOf({ id, version: { major, minor }, zones, pages, capture }: Kernel): HostRules {
  return {
    id,
    version: [major, minor],
    since: capture.since,
    holesRefuse: zones.holesRefuseOffline,
    movableZone: pages.unmovableScan === "every-pageblock" ? "reserved-refuses" : "not-looked-at",
    acrossEnd: capture.acrossEnd,
    slabReferences: capture.slabReferences,
    retries: pages.offlineRetries,
    targets: pages.target === "other-nodes" ? "other-nodes" : "kernel-zones",
  };
}

/** 7.3, of which recorded runs tell this much: slab pages hold no reference, since 6.14 (observed-newer §1 6c). */
const linux73: HostRules = {
  ...hostRulesOf(newestKernel),
  id: "7.3",
  version: [7, 3],
  since: [6, 14],
  slabReferences: "none",
};

/** All that are known, oldest first; a kernel of its own folder stands before what is told of it here. */
export const hostRules: readonly HostRules[] = [
  ...kernels.filter(({ id, config }) => id !== linux73.id && config.MOVABLE_NODE).map(hostRulesOf),
  ...(kernels.some(({ id }) => id === linux73.id)
    ? kernels.filter(({ id }) => id === linux73.id).map(hostRulesOf)
    : [linux73]),
];
