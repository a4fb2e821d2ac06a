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
  /** What has_unmovable_pages looks at: reserved pages of ZONE_MOVABLE too (6.x), or of no page of it (4.1) (facts §4.3). */
  readonly movableZone: "reserved-refuses" | "not-looked-at";
  /** Isolation moves compound pages that lie across the end of the block, and fails at gigantic ones (6.1), or leaves hugetlb pages be. */
  readonly acrossEnd: "must-move" | "hugetlb-passes";
  /** Slab pages of order 0 hold no reference: isolation passes them by and the attempt never ends (observed-newer §1 6c). */
  readonly slabReferences: "counted" | "none";
  /** Until a signal, or 120 s and five rounds (facts §4.1, §4.2). */
  readonly retries: "until-signal" | "bounded";
  /** Pages go to other nodes first (facts §4.4), or by the caller's policy to Normal and below, and want of room ends programs (4.1). */
  readonly targets: "other-nodes" | "kernel-zones";
}

const six: Omit<HostRules, "id" | "version" | "since"> = {
  holesRefuse: true,
  movableZone: "reserved-refuses",
  acrossEnd: "must-move",
  slabReferences: "counted",
  retries: "until-signal",
  targets: "other-nodes",
};

export const rules41: HostRules = {
  id: "4.1",
  version: [4, 1],
  since: [0, 0],
  holesRefuse: false,
  movableZone: "not-looked-at",
  acrossEnd: "hugetlb-passes",
  slabReferences: "counted",
  retries: "bounded",
  targets: "kernel-zones",
};
/** An offline gives up no more since 4.15 to 4.19 (facts §10). */
const rules61: HostRules = { ...six, id: "6.1", version: [6, 1], since: [4, 19] };
export const rules612: HostRules = {
  ...six,
  id: "6.12",
  version: [6, 12],
  since: [6, 12],
  acrossEnd: "hugetlb-passes",
};
/** Slab pages hold no reference since 6.14. */
const rules73: HostRules = { ...rules612, id: "7.3", version: [7, 3], since: [6, 14], slabReferences: "none" };

/** All that are known, oldest first. */
export const hostRules: readonly HostRules[] = [rules41, rules61, rules612, rules73];
