import type { Refusal, RefusedPage } from "@memhp/abi";
import type { Hugepage } from "../pages/hugepages.ts";
import type { HostRules } from "../rules/host-rules.ts";
import type { Offender } from "./block-survey.ts";
import type { Fit } from "./demand.ts";
import type { HostMemory } from "./host-memory.ts";
import type { Room } from "./room.ts";
import { slabOwners } from "./slab-owners.ts";

export type Place = Pick<Refusal, "block" | "node" | "zone">;

/** Offenders that are named; `total` counts all. */
const NAMED = 8;

export function offendersOf(offenders: readonly Offender[], memory: HostMemory): RefusedPage[] {
  return offenders.slice(0, NAMED).map(({ pfn, kind }) => {
    const candidates = kind === "slab" ? slabOwners(memory, pfn) : [];
    return {
      pfn,
      kind,
      pageblock: Math.floor(pfn / memory.host.pageblockPages),
      owner: "kernel",
      ...(candidates.length === 0 ? {} : { candidates }),
    };
  });
}

function pooled({ headPfn }: Hugepage, pageblockPages: number): RefusedPage {
  return {
    pfn: headPfn,
    kind: "hugetlb",
    pageblock: Math.floor(headPfn / pageblockPages),
    owner: "the pool of hugepages",
  };
}

export function mixedZones(place: Place, { retries }: HostRules): Refusal {
  return {
    ...place,
    errno: "EINVAL",
    code: "mixed_zones",
    rule:
      retries === "bounded"
        ? "facts §4.1 step 2: all pages of a block must be in one zone"
        : "facts §4.2 step 1: the block spans zones or nodes",
    retry: "no",
    remedy: ["choose another block"],
  };
}

export function memoryHole(place: Place, missing: number): Refusal {
  return {
    ...place,
    errno: "EINVAL",
    code: "memory_hole",
    rule: "facts §4.2 step 3: RAM must cover all of a block",
    retry: "no",
    remedy: ["choose another block"],
    detail: `${missing} pages of the block are no System RAM`,
  };
}

export function unmovable(place: Place, offenders: readonly Offender[], total: number, memory: HostMemory): Refusal {
  const kind = offenders[0]?.kind;
  const isReclaimable = offenders.some((offender) => offender.kind === "slab");
  return {
    ...place,
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "facts §4.3: has_unmovable_pages",
    pages: offendersOf(offenders, memory),
    total,
    retry: kind === "reserved" ? "no" : "maybe",
    remedy: [
      ...(isReclaimable ? ["drop_caches frees reclaimable slab"] : []),
      ...(kind === "reserved" ? ["choose another block"] : ["online this range as movable"]),
    ],
  };
}

export function acrossEnd(place: Place, hugepage: Hugepage, pageblockPages: number): Refusal {
  return {
    ...place,
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "isolate_single_pageblock of 6.1: a gigantic page across the end of the block cannot be moved",
    pages: [pooled(hugepage, pageblockPages)],
    total: hugepage.pages,
    retry: "maybe",
    remedy: ["shrink the pool of hugepages of this size"],
  };
}

export function stuckSlab(place: Place, stuck: readonly Offender[], memory: HostMemory): Refusal {
  return {
    ...place,
    errno: "EINTR",
    code: "unmovable_page",
    rule: "observed-newer §1 6c: slab pages of order 0 pass isolation and never move",
    pages: offendersOf(stuck, memory),
    total: stuck.length,
    retry: "maybe",
    remedy: ["drop_caches frees reclaimable slab", "online this range as movable"],
  };
}

export function heldBuffer(
  place: Place,
  pfns: readonly number[],
  pageblockPages: number,
  { retries }: HostRules,
): Refusal {
  return {
    ...place,
    errno: retries === "bounded" ? "EBUSY" : "EINTR",
    code: "pinned_page",
    rule: "captures: buffers that a mounted file system holds (def_blk_aops) do not migrate",
    pages: pfns.slice(0, NAMED).map((pfn) => ({
      pfn,
      kind: "file",
      pageblock: Math.floor(pfn / pageblockPages),
      owner: "a mounted file system (superblock, group descriptors)",
    })),
    total: pfns.length,
    retry: "maybe",
    remedy: ["unmount the file system whose buffers these are"],
  };
}

export function noRoom(
  place: Place,
  { wanted, room, hugepage, isClose }: Fit,
  { nodes }: Room,
  { retries }: HostRules,
): Refusal {
  const where = nodes.length === 0 ? "no node" : `node ${nodes.join(", ")}`;
  return {
    ...place,
    errno: retries === "bounded" ? "ENOMEM" : "EINTR",
    code: "no_target_memory",
    rule:
      retries === "bounded"
        ? "facts §4.1 step 9: five rounds in which pages find no room"
        : "facts §4.2 step 9: there is no timeout, only a signal ends the attempt",
    retry: "yes",
    remedy: [
      hugepage === undefined ? "free memory on other nodes" : "free hugepages of this size on other nodes",
      "move loads to other nodes",
    ],
    detail:
      hugepage === undefined
        ? `${wanted} pages ask for room, ${where} can take ${room}${isClose ? "; a close call" : ""}`
        : `a hugepage of ${hugepage.pages} pages at pfn 0x${hugepage.headPfn.toString(16)} finds no other on ${where}`,
  };
}

export function poolReserved(place: Place, hugepage: Hugepage, pageblockPages: number): Refusal {
  return {
    ...place,
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "facts §4.5: all free hugepages of the size are reserved",
    pages: [pooled(hugepage, pageblockPages)],
    total: hugepage.pages,
    retry: "maybe",
    remedy: ["enlarge the pool of hugepages of this size"],
  };
}

/** What the scan of 4.1 to 5.4 says in `removable`. */
export function notRemovable(place: Place): Refusal {
  return {
    ...place,
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "facts §2.7: removable reads 0, because the scan for pages that cannot move found some",
    retry: "maybe",
    remedy: ["drop_caches frees reclaimable slab", "online this range as movable"],
  };
}

export function bootMemory(place: Place): Refusal {
  return {
    ...place,
    errno: "EPERM",
    code: "notifier_veto",
    rule: "observed-newer §4: arm64 keeps the memory that it booted with",
    retry: "no",
    remedy: ["choose a block of a DIMM or of virtio-mem"],
  };
}
