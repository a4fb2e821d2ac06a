import { isBefore, versionOf } from "../rules/choose-rules.ts";
import type { HostRules } from "../rules/host-rules.ts";
import type { Attempt } from "./attempt.ts";
import type { Fit } from "./demand.ts";
import type { HostMemory } from "./host-memory.ts";
import { type LookedBlock, useOf } from "./looked.ts";
import type { Room } from "./room.ts";
import type { End } from "./steps.ts";
import { takeFrom } from "./targets.ts";

/** An idle block, and a page that moves: medians of a guest without hardware help; a real machine is faster (observed-6 §14). */
const IDLE_MS = 3;
const PAGE_MS = 0.025;

/** The end of an attempt that no step refuses: where its pages go, how long it takes, and what that leans on. */
export function success({ memory, looked, rules, leaving, room, fit }: Attempt): End {
  const notes = [
    fit.isClose ? CLOSE : undefined,
    reclaimNote(fit, room),
    unmarkedNote(looked),
    bufferNote(looked),
    pinNote(memory, looked, rules, leaving.node, fit),
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
