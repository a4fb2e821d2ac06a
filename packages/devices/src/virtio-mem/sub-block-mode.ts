import type { ByteRange } from "@memhp/platforms";
import type { Refusal } from "@memhp/abi";
import { type Mode, MOVABLE_TRIES, type PassEnd, plugAndAdd, type Work } from "./driver-parts.ts";

/** Sub-block mode: a memory block is several sub-blocks, plugged and unplugged one by one (drivers/virtio/virtio_mem.c, SBM). */
export function subBlockMode(region: ByteRange, blockBytes: number, unitBytes: number): Mode {
  const perBlock = blockBytes / unitBytes;
  const firstBlock = Math.ceil(region.start / blockBytes);
  const blocks = Math.max(0, Math.floor(region.end / blockBytes) - firstBlock);
  const first = (block: number): number => (block - firstBlock) * perBlock;
  const rangeOf = (block: number, sub: number, count: number): ByteRange => {
    const start = block * blockBytes + sub * unitBytes;
    return { start, end: start + count * unitBytes };
  };
  const whole = (block: number): ByteRange => rangeOf(block, 0, perBlock);
  const pluggedIn = ({ units }: Work, block: number): number => units.countIn(first(block), first(block) + perBlock);
  const known = ({ prepared }: Work): number[] => Array.from({ length: prepared }, (_, i) => firstBlock + i);

  /** virtio_mem_sbm_plug_any_sb. */
  async function fillBlock(work: Work, block: number): Promise<PassEnd> {
    for (const [unit, count] of work.units.runs(false, first(block), first(block) + perBlock)) {
      const wanted = Math.min(count, work.left);
      if (wanted === 0) break;
      if (work.isStale()) return "EAGAIN";
      work.units.plug(unit, wanted);
      work.left -= wanted;
      work.changed();
      await work.kernel.release(rangeOf(block, unit - first(block), wanted), work.owner);
    }
    return undefined;
  }

  /** virtio_mem_sbm_plug_and_add_mb. */
  function add(work: Work, block: number): Promise<PassEnd> {
    const count = Math.min(work.left, perBlock);
    const withheld = count < perBlock ? [rangeOf(block, count, perBlock - count)] : [];
    return plugAndAdd(work, whole(block), first(block), count, withheld);
  }

  /** virtio_mem_sbm_unplug_any_sb_offline: from the end of the block; an empty block is removed. */
  async function unplugOffline(work: Work, block: number): Promise<PassEnd> {
    for (const [unit, count] of work.units.runs(true, first(block), first(block) + perBlock).toReversed()) {
      const wanted = Math.min(count, work.left);
      if (wanted === 0) break;
      if (work.isStale()) return "EAGAIN";
      const from = unit + count - wanted;
      work.units.unplug(from, wanted);
      work.left -= wanted;
      work.changed();
      await work.kernel.withhold(rangeOf(block, from - first(block), wanted), work.owner, MOVABLE_TRIES);
    }
    if (pluggedIn(work, block) > 0) return undefined;
    const removed = await work.kernel.remove(whole(block));
    if (removed.ok) work.retry();
    return undefined;
  }

  /** virtio_mem_sbm_unplug_sb_online: fake-offline, then the hypervisor has it. */
  async function unplugOnline(work: Work, block: number, sub: number, count: number): Promise<PassEnd | Refusal> {
    if (work.isStale()) return "EAGAIN";
    const taken = await work.kernel.withhold(rangeOf(block, sub, count), work.owner, MOVABLE_TRIES);
    if (!taken.ok) return taken.refusal.errno === "ENOMEM" ? "ENOMEM" : taken.refusal;
    work.units.unplug(first(block) + sub, count);
    work.left -= count;
    work.changed();
    return undefined;
  }

  /** virtio_mem_sbm_unplug_any_sb_online: the whole block in one go where that is possible, else what is free of it. */
  async function unplugAnyOnline(work: Work, block: number): Promise<PassEnd> {
    if (work.left >= perBlock && pluggedIn(work, block) === perBlock) {
      const end = await unplugOnline(work, block, 0, perBlock);
      if (end === undefined) return removeEmpty(work, block);
      if (typeof end === "string") return end;
    }
    for (let sub = perBlock - 1; sub >= 0 && work.left > 0; sub--) {
      if (!work.units.isPlugged(first(block) + sub)) continue;
      const end = await unplugOnline(work, block, sub, 1);
      if (typeof end === "string") return end;
      if (end !== undefined) work.blocked(end);
    }
    return removeEmpty(work, block);
  }

  /** virtio_mem_sbm_try_remove_unplugged_mb. Errors are ignored: the next run tries again. */
  async function removeEmpty(work: Work, block: number): Promise<undefined> {
    if (pluggedIn(work, block) > 0) return;
    const removed = await work.kernel.offlineAndRemove(whole(block));
    if (removed.ok) work.retry();
    else {
      work.blocked(removed.refusal);
      work.hasLeftovers = work.removesLeftovers;
    }
  }

  const isPartly = (work: Work, block: number): boolean => pluggedIn(work, block) < perBlock;

  return {
    unitBytes,
    logName: "subblock size",
    firstBlock,
    blocks,
    addBytes: blockBytes,
    async fill(work, state) {
      for (const block of known(work)) {
        if (work.kernel.stateOf(block) !== state || !isPartly(work, block)) continue;
        const end = await fillBlock(work, block);
        if (end !== undefined || work.left === 0) return end;
      }
      return undefined;
    },
    isUnused: (work, number) => work.kernel.stateOf(firstBlock + number) === "absent",
    add: (work, number) => add(work, firstBlock + number),
    async unplug(work, state, partly) {
      for (const block of known(work).toReversed()) {
        if (work.kernel.stateOf(block) !== state || isPartly(work, block) !== partly) continue;
        const end = await (state === "offline" ? unplugOffline(work, block) : unplugAnyOnline(work, block));
        if (end !== undefined || work.left === 0) return end;
      }
      return undefined;
    },
    async removeLeftovers(work) {
      if (!work.hasLeftovers) return;
      work.hasLeftovers = false;
      for (const state of ["movable", "kernel", "offline"])
        for (const block of known(work)) if (work.kernel.stateOf(block) === state) await removeEmpty(work, block);
    },
  };
}
