import { zoneNames } from "@memhp/abi";
import type { Hugepage } from "../pages/hugepages.ts";
import { isBefore, versionOf } from "../rules/choose-rules.ts";
import type { HostRules } from "../rules/host-rules.ts";
import { type Fit, fits } from "./demand.ts";
import type { HostMemory } from "./host-memory.ts";
import { refuseEarly, refuseIsolation } from "./isolation.ts";
import { demandOf, hugepagesIn, lookAt, type LookedBlock, useOf } from "./looked.ts";
import * as refusals from "./refusals.ts";
import { type Room, roomFor } from "./room.ts";
import { takeFrom } from "./targets.ts";
import type { Verdict } from "./verdict.ts";

/** Says of every block of a host, alone, how an offline would end from the state that was captured. */
export function* judgeBlocks(memory: HostMemory, rules: HostRules): IterableIterator<Verdict> {
  for (const block of memory.host.blocks) yield judge(memory, lookAt(memory, block, rules), rules);
}

/** Says how an offline of one block would end. */
export function judge(memory: HostMemory, looked: LookedBlock, rules: HostRules): Verdict {
  const { block, node, zone, survey } = looked;
  const at = { block: block.block, node: node ?? null, zone: zone ?? null };
  if (block.state === undefined) return { ...at, answer: "unknown", note: "Its state cannot be read." };
  if (block.state === "offline") return { ...at, zone: null, answer: "is_offline" };
  if (block.state === "going-offline") return { ...at, answer: "never_ends", note: UNDER_WAY };
  if (block.state !== "online")
    return { ...at, answer: "unknown", note: `Its state reads ${JSON.stringify(block.state.slice(0, 40))}.` };
  const place = {
    block: block.block,
    ...(node === undefined ? {} : { node }),
    ...(zone === undefined ? {} : { zone }),
  };
  const early = refuseEarly(memory, looked, rules, place);
  if (early !== undefined) return { ...at, answer: "refused", refusal: early };
  if (zone === undefined || node === undefined || survey.told === 0)
    return { ...at, ...withoutPages(memory, looked, rules) };
  const use = useOf(memory, looked);
  const isolation = refuseIsolation(memory, looked, rules, place);
  if (isolation !== undefined) return { ...at, answer: "refused", refusal: isolation, use };
  if (survey.unknown === survey.told) return { ...at, use, answer: "unknown", note: NO_FLAGS };
  return { ...at, use, ...endOf(memory, looked, rules, place, node) };
}

/** Lists of processors do not hold a block; seen of memory that a guest's kernel had not handed to its zone yet. */
const NO_FLAGS =
  "None of its pages carries a flag: memory that the kernel has not handed out, or one great allocation of its own.";

/** facts §2.2: `state` reads so from the first notification to the end of an attempt. */
const UNDER_WAY =
  "state reads going-offline: somebody's attempt is under way, or stuck. Another one waits for its end, or for a signal to its writer.";

/** What can be said without /proc/kpageflags. */
function withoutPages(
  memory: HostMemory,
  looked: LookedBlock,
  rules: HostRules,
): Pick<Verdict, "answer" | "note" | "refusal"> {
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

type End = Pick<Verdict, "answer" | "refusal" | "note" | "targets" | "aboutMs">;

/** An idle block, and a page that moves: medians of a guest without hardware help; a real machine is faster (observed-6 §14). */
const IDLE_MS = 3;
const PAGE_MS = 0.025;

/** After isolation: a veto, migration, and what is left at its end. */
function endOf(memory: HostMemory, looked: LookedBlock, rules: HostRules, place: refusals.Place, node: number): End {
  const { survey, zone } = looked;
  const { pageblockPages } = memory.host;
  if (isVetoed(memory, looked)) return { answer: "refused", refusal: refusals.bootMemory(place) };
  if (survey.stuck.length > 0)
    return { answer: "never_ends", refusal: refusals.stuckSlab(place, survey.stuck, memory) };
  if (holdsBuffers(memory, looked)) {
    const refusal = refusals.heldBuffer(place, survey.heldBuffers, pageblockPages, rules);
    return { answer: rules.retries === "bounded" ? "refused" : "never_ends", refusal };
  }
  const leaving = { node, zone: zoneNames.indexOf(zone ?? "Normal"), free: survey.free };
  const room = roomFor(memory, leaving, rules);
  const fit = fits(memory, demandOf(memory, looked), room, leaving);
  if (fit.isShort) return withoutRoom(fit, refusals.noRoom(place, fit, room, rules), rules);
  const reserved = promisedPool(memory, looked);
  if (reserved !== undefined)
    return { answer: "refused", refusal: refusals.poolReserved(place, reserved, pageblockPages) };
  const notes = [
    fit.isClose ? CLOSE : undefined,
    reclaimNote(fit, room),
    unmarkedNote(looked),
    bufferNote(looked),
    pinNote(memory, looked, rules, node, fit),
  ].filter((note) => note !== undefined);
  const targets = together([...fit.pooled, ...takeFrom(memory, fit.wanted, leaving, room)]);
  return {
    answer: "goes_offline",
    aboutMs: Math.round(IDLE_MS + PAGE_MS * useOf(memory, looked).movable),
    ...(targets.length === 0 ? {} : { targets }),
    ...(notes.length === 0 ? {} : { note: notes.join(" ") }),
  };
}

function together(targets: readonly { readonly node: number; readonly pages: number }[]): NonNullable<End["targets"]> {
  const nodes = [...new Set(targets.map(({ node }) => node))].sort((a, b) => a - b);
  const pagesOf = (own: number): number =>
    targets.reduce((sum, { node, pages }) => sum + (node === own ? pages : 0), 0);
  return nodes.map((node) => ({ node, pages: pagesOf(node) }));
}

/** 6.x tries until a signal; 4.1 ends programs first, and gives up after five rounds (facts §4.1 step 9). */
function withoutRoom(fit: Fit, refusal: ReturnType<typeof refusals.noRoom>, { retries }: HostRules): End {
  if (retries === "until-signal") return { answer: "never_ends", refusal };
  return { answer: fit.hugepage === undefined ? "kills_programs" : "refused", refusal };
}

/** arm64 keeps its boot memory (observed-newer §4): blocks of a DIMM have firmware_node, those of virtio-mem a driver's RAM. */
function isVetoed({ host }: HostMemory, { block, range }: LookedBlock): boolean {
  if (!host.isArm64 || block.dimm !== undefined) return false;
  return !(host.driverRam ?? []).some(({ start, end }) => start < range.end && end > range.start);
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

const CLOSE = "A close call: it depends on what lies on the list of the processor that does it.";

/** Room that is taken already, by what the kernel can drop or swap out. */
function reclaimNote({ wanted }: Fit, { singles, reclaimed, swapped }: Room): string | undefined {
  const short = wanted - singles;
  if (short <= 0 || reclaimed === 0) return undefined;
  const swaps = short - (reclaimed - swapped);
  return swaps > 0
    ? `Its room has to be made first: it would swap out ${swaps} pages at least, and drop what is cached of files.`
    : "Its room has to be made first: what is cached of files would be dropped, or programs swapped out.";
}

function unmarkedNote({ survey: { unknown }, zone }: LookedBlock): string | undefined {
  if (unknown === 0 || zone === "Movable") return undefined;
  return "Some pages carry no flag: free ones on lists of processors, most likely; one that is the kernel's own would refuse it.";
}

function bufferNote({ survey: { heldBuffers }, zone }: LookedBlock): string | undefined {
  if (heldBuffers.length === 0 || zone === "Movable") return undefined;
  return "Some pages are buffers of a block device; one that a mounted file system holds for good would keep it for ever.";
}

/** Which pages nr_foll_pin counts no file says: a pin changes neither flags nor the map count. */
function pinNote(
  { pinnedPages, host }: HostMemory,
  { zone }: LookedBlock,
  { version, pinsLeaveMovable }: HostRules,
  node: number,
  { wanted }: Fit,
): string | undefined {
  const pinned = pinnedPages.get(node) ?? 0;
  if (pinned <= 0 || wanted === 0) return undefined;
  const release = versionOf(host.release ?? "") ?? version;
  return zone === "Movable" && pinsLeaveMovable !== undefined && !isBefore(release, pinsLeaveMovable)
    ? `Of node ${node} ${pinned} pages are pinned now. Pins that last are kept off Movable; a short one, as of direct I/O, only delays.`
    : `Programs or devices have pinned ${pinned} pages of node ${node}; where they lie, no file says, and one in this block would keep it for ever.`;
}
