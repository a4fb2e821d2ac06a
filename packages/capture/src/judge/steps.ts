import { zoneNames } from "@memhp/abi";
import type { BlockStep } from "@memhp/block";
import type { Hugepage } from "../pages/hugepages.ts";
import type { Attempt } from "./attempt.ts";
import type { HostMemory } from "./host-memory.ts";
import { refuseEarly, refuseIsolation } from "./isolation.ts";
import { hugepagesIn, type LookedBlock } from "./looked.ts";
import * as refusals from "./refusals.ts";
import { roomFor } from "./room.ts";
import type { Verdict } from "./verdict.ts";

/** How an attempt ends, or what nobody can tell of its end. */
export type End = Pick<Verdict, "answer" | "refusal" | "note" | "targets" | "aboutMs">;

/** At which step of the block's statechart an offline ends, by the files of a host; a step that is not here lets every block pass. */
export const endsAt: Readonly<Partial<Record<BlockStep, (attempt: Attempt) => End | undefined>>> = {
  check: ({ memory, looked, rules, place }) => refused(refuseEarly(memory, looked, rules, place)),
  isolate: (attempt) => (attempt.knowsPages ? isolate(attempt) : withoutPages(attempt)),
  notify_going_offline: ({ memory, looked, place }) =>
    isVetoed(memory, looked) ? refused(refusals.bootMemory(place)) : undefined,
  migrate,
  dissolve({ memory, looked, place }) {
    const reserved = promisedPool(memory, looked);
    return reserved === undefined
      ? undefined
      : refused(refusals.poolReserved(place, reserved, memory.host.pageblockPages));
  },
};

function refused(refusal: End["refusal"]): End | undefined {
  return refusal === undefined ? undefined : { answer: "refused", refusal };
}

function isolate({ memory, looked, rules, place }: Attempt): End | undefined {
  const refusal = refuseIsolation(memory, looked, rules, place);
  if (refusal !== undefined) return refused(refusal);
  const { unknown, told } = looked.survey;
  return unknown === told ? { answer: "unknown", note: NO_FLAGS } : undefined;
}

/** Lists of processors do not hold a block; seen of memory that a guest's kernel had not handed to its zone yet. */
const NO_FLAGS =
  "None of its pages carries a flag: memory that the kernel has not handed out, or one great allocation of its own.";

/** What can be said without /proc/kpageflags. */
function withoutPages({ memory, looked, rules }: Attempt): End {
  const { zone, node, block, range } = looked;
  if (zone === undefined) return { answer: "unknown", note: "The files do not say in which zone it is." };
  if (block.removable === "0")
    return { answer: "refused", refusal: refusals.notRemovable({ block: block.block, zone }) };
  if (zone !== "Movable") {
    const note = "In a kernel zone the kernel's own pages may lie, which cannot move; only /proc/kpageflags tells.";
    return { answer: "unknown", note };
  }
  const leaving = { node: node ?? 0, zone: zoneNames.indexOf(zone), free: 0 };
  const { singles } = roomFor(memory, leaving, rules);
  return singles >= range.end - range.start
    ? { answer: "goes_offline", note: "Even a full block finds room; but somebody may have pinned a page of it." }
    : {
        answer: "unknown",
        note: "Its pages can move; how many they are and whether they find room, only /proc/kpageflags tells.",
      };
}

/** arm64 keeps its boot memory (observed-newer §4): blocks of a DIMM have firmware_node, those of virtio-mem a driver's RAM. */
function isVetoed({ host }: HostMemory, { block, range }: LookedBlock): boolean {
  if (!host.isArm64 || block.dimm !== undefined) return false;
  return !(host.driverRam ?? []).some(({ start, end }) => start < range.end && end > range.start);
}

function migrate(attempt: Attempt): End | undefined {
  const { memory, looked, rules, place } = attempt;
  const { stuck, heldBuffers } = looked.survey;
  if (stuck.length > 0) return { answer: "never_ends", refusal: refusals.stuckSlab(place, stuck, memory) };
  if (holdsBuffers(memory, looked)) {
    const refusal = refusals.heldBuffer(place, heldBuffers, memory.host.pageblockPages, rules);
    return { answer: rules.retries === "bounded" ? "refused" : "never_ends", refusal };
  }
  const { fit, room } = attempt;
  if (!fit.isShort) return undefined;
  const refusal = refusals.noRoom(place, fit, room, rules);
  // 6.x tries until a signal; 4.1 ends programs first, and gives up after five rounds (facts §4.1 step 9).
  if (rules.retries === "until-signal") return { answer: "never_ends", refusal };
  return { answer: fit.hugepage === undefined ? "kills_programs" : "refused", refusal };
}

/** Of a file system in one block, and of all: superblocks and descriptors of groups. */
const MOST_HELD = 4;
const MOST_HELD_IN_ALL = 100;

/**
 * A mounted file system holds a few buffers for good and takes them from kernel zones. Where there are many of that look, most are
 * ordinary ones that move.
 */
function holdsBuffers({ heldBuffers: inAll }: HostMemory, { survey: { heldBuffers }, zone }: LookedBlock): boolean {
  const isFew = heldBuffers.length <= MOST_HELD && inAll <= MOST_HELD_IN_ALL;
  return zone !== "Movable" && heldBuffers.length > 0 && isFew;
}

/** dissolve_free_huge_pages fails when all free pages of the size are promised to somebody. */
function promisedPool(memory: HostMemory, { range }: LookedBlock): Hugepage | undefined {
  return hugepagesIn(memory, range).find((page) => {
    if (page.isMapped) return false;
    const pools = memory.pools.filter(({ pages }) => pages === page.pages);
    const free = pools.reduce((sum, pool) => sum + pool.free, 0);
    return free > 0 && free <= (pools[0]?.reserved ?? 0);
  });
}
