import { groupBy } from "@memhp/abi";
import type { Difference } from "./difference.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a kernel and memhp told in one step. */
export interface ToldInStep {
  readonly step: number;
  readonly kernel: { readonly uevents: readonly unknown[]; readonly notifications: readonly unknown[] };
  readonly memhp: { readonly uevents: readonly unknown[]; readonly notifications: readonly unknown[] };
}

/** A driver is not long at work beside the steps. */
const MOST_STEPS = 4;
const BESIDE: ReadonlySet<string> = new Set(["uevents", "notifications"]);

/**
 * What a driver does by itself goes on beside the steps of its user; into which step it falls is a matter of time, which is not
 * compared. Differences in what was told are none where a few steps together tell the same of each block in the same order.
 * @returns the differences that are left.
 */
export function withoutTiming(differences: readonly Difference[], told: readonly ToldInStep[]): Difference[] {
  const excused = new Set<number>();
  const isBeside = ({ what }: Difference): boolean => BESIDE.has(what);
  for (const { step } of differences.filter(isBeside)) {
    if (excused.has(step)) continue;
    const from = told.findIndex((each) => each.step === step);
    for (let to = from + 1; to < Math.min(told.length, from + MOST_STEPS); to++) {
      const window = told.slice(from, to + 1);
      if (!isSame(window)) continue;
      for (const each of window) excused.add(each.step);
      break;
    }
  }
  return differences.filter((difference) => !(isBeside(difference) && excused.has(difference.step)));
}

function isSame(window: readonly ToldInStep[]): boolean {
  const text = (side: "kernel" | "memhp"): string =>
    JSON.stringify([
      byBlock(window.flatMap((each) => each[side].uevents)),
      byBlock(window.flatMap((each) => each[side].notifications)),
    ]);
  return text("kernel") === text("memhp");
}

/** What was told of each block, in its order; what names none, how often. */
function byBlock(told: readonly unknown[]): unknown {
  const blocks = groupBy(told, (each) =>
    typeof each === "string" ? each.replace(/^\w+@/, "") : JSON.stringify((each as Json)["start_pfn"] ?? each),
  );
  return [...blocks].sort(([a], [b]) => (a < b ? -1 : 1));
}
