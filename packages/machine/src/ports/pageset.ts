import { KIB, MIB } from "@memhp/abi";
import type { WatermarkRules } from "@memhp/engine";
import type { PagesetView } from "@memhp/sysfs";

/** What a batch has at most, in pages of whatever size (mm/page_alloc.c zone_batchsize). */
const MOST_BATCH_BYTES = MIB;
const MOST_BATCH_BYTES_41 = 512 * KIB;
const MOST_STAT_THRESHOLD = 125;
/** calculate_normal_threshold reckons memory in portions of 128 MiB. */
const STAT_BYTES = 128 * MIB;

/** fls: position of the highest bit set, counted from 1; 0 for 0. */
const fls = (n: number): number => (n === 0 ? 0 : Math.floor(Math.log2(n)) + 1);

/** zone_batchsize: a thousandth of the zone, a quarter of that at a time, one less than a power of two. 0 for a small zone. */
function batchOf(managedPages: number, most: number): number {
  const quarter = Math.max(1, Math.floor(Math.min(Math.floor(managedPages / 1024), most) / 4));
  return 2 ** Math.floor(Math.log2(quarter + Math.floor(quarter / 2))) - 1;
}

/**
 * Sizes of a zone's per-cpu lists (6.1, 6.12: x_going_offline). 6.12 tunes `high` as pages come and go, from the value that is
 * given here. While 6.x offlines a block of the zone it bypasses the lists: `isDisabled`.
 * @param pageSize bytes. @param cpus processors of the zone's node, and of the whole machine.
 */
export function zonePageset(
  { pagesets }: Pick<WatermarkRules, "pagesets">,
  pageSize: number,
  managedPages: number,
  lowPages: number,
  cpus: { readonly own: number; readonly all: number },
  isDisabled: boolean,
): PagesetView {
  const memory = Math.floor((managedPages * pageSize) / STAT_BYTES);
  const statThreshold = Math.min(MOST_STAT_THRESHOLD, 2 * fls(cpus.all) * (1 + fls(memory)));
  if (pagesets === "by-batch") {
    // pageset_set_batch of 4.1.
    const batch = batchOf(managedPages, MOST_BATCH_BYTES_41 / pageSize);
    return { high: 6 * batch, batch: Math.max(1, batch), statThreshold };
  }
  const batch = Math.max(1, batchOf(managedPages, MOST_BATCH_BYTES / pageSize));
  const high = Math.max(Math.floor(lowPages / (cpus.own > 0 ? cpus.own : cpus.all)), 4 * batch);
  if (!isDisabled) return { high, batch, statThreshold };
  return { high: pagesets === "tuned" ? high : 0, batch: 1, statThreshold };
}
