import type { ByteRange } from "@memhp/platforms";
import { type Mode, MOVABLE_TRIES, type PassEnd, plugAndAdd, type Work } from "./driver-parts.ts";

/** Big-block mode: what is plugged as one is one memory block or several, which come and go together (drivers/virtio/virtio_mem.c, BBM). */
export function bigBlockMode(region: ByteRange, blockBytes: number, sectionBytes: number, bigBytes: number): Mode {
  const firstBig = Math.ceil(region.start / bigBytes);
  const blocks = Math.max(0, Math.floor(region.end / bigBytes) - firstBig);
  const rangeOf = (unit: number): ByteRange => {
    const start = (firstBig + unit) * bigBytes;
    return { start, end: start + bigBytes };
  };
  const blocksOf = (unit: number): number[] => {
    const { start } = rangeOf(unit);
    return Array.from({ length: bigBytes / blockBytes }, (_, i) => start / blockBytes + i);
  };
  const known = ({ prepared }: Work): number[] => Array.from({ length: prepared }, (_, i) => i);

  const isOnline = (work: Work, address: number): boolean => {
    const state = work.kernel.stateOf(Math.floor(address / blockBytes));
    return state === "kernel" || state === "movable";
  };

  /** Fake-offlines all that is online of it, section by section; where one is in use, all come back. EBUSY: it stays as it was. */
  async function unplugBig(work: Work, unit: number): Promise<PassEnd> {
    const taken: ByteRange[] = [];
    const giveBack = async (): Promise<void> => {
      for (const range of taken) if (isOnline(work, range.start)) await work.kernel.release(range, work.owner);
    };
    const { start, end } = rangeOf(unit);
    for (let at = start; at < end; at += sectionBytes) {
      if (!isOnline(work, at)) continue;
      if (work.isStale()) {
        await giveBack();
        return "EAGAIN";
      }
      const range = { start: at, end: at + sectionBytes };
      const section = await work.kernel.withhold(range, work.owner, MOVABLE_TRIES);
      if (section.ok) {
        taken.push(range);
        continue;
      }
      work.blocked(section.refusal);
      await giveBack();
      return section.refusal.errno === "ENOMEM" ? "ENOMEM" : "EBUSY";
    }
    const removed = await work.kernel.offlineAndRemove(rangeOf(unit));
    if (!removed.ok) {
      work.blocked(removed.refusal);
      await giveBack();
      return removed.refusal.errno === "ENOMEM" ? "ENOMEM" : "EBUSY";
    }
    work.retry();
    work.units.unplug(unit, 1);
    work.left--;
    work.changed();
    return undefined;
  }

  /** The three passes: big blocks that are offline, that are Movable where they are online, and any. */
  function isOfPass(work: Work, unit: number, state: "kernel" | "movable" | "offline"): boolean {
    const states = blocksOf(unit).map((block) => work.kernel.stateOf(block));
    if (state === "offline") return states.every((each) => each === "offline");
    return state === "kernel" || states.every((each) => each !== "kernel");
  }

  return {
    unitBytes: bigBytes,
    logName: "big block size",
    firstBlock: (firstBig * bigBytes) / blockBytes,
    blocks,
    addBytes: bigBytes,
    fill: async () => undefined,
    isUnused: (work, unit) => !work.units.isPlugged(unit),
    // virtio_mem_bbm_plug_and_add_bb
    add: (work, unit) => plugAndAdd(work, rangeOf(unit), unit, 1),
    async unplug(work, state, isPartly) {
      if (isPartly) return undefined;
      for (const unit of known(work).toReversed()) {
        if (!work.units.isPlugged(unit) || !isOfPass(work, unit, state)) continue;
        const end = await unplugBig(work, unit);
        if (end === "EBUSY") continue;
        if (end !== undefined || work.left === 0) return end;
      }
      return undefined;
    },
    async removeLeftovers() {},
  };
}
