import type { Refusal } from "./refusal.ts";

/**
 * Refusals for the same reason as one, to be told once: the first stands for all. It counts the pages of all, and names no place
 * and no detail that is true of some only.
 * @param refusals at least one.
 */
export function joinRefusals(refusals: readonly Refusal[]): Refusal {
  const [first] = refusals as readonly [Refusal];
  const { detail, total, node, zone, ...rest } = first;
  const isShared = (name: "detail" | "node" | "zone"): boolean => refusals.every((each) => each[name] === first[name]);
  return {
    ...rest,
    ...(node === undefined || !isShared("node") ? {} : { node }),
    ...(zone === undefined || !isShared("zone") ? {} : { zone }),
    ...(total === undefined ? {} : { total: refusals.reduce((sum, each) => sum + (each.total ?? 0), 0) }),
    ...(detail === undefined || !isShared("detail") ? {} : { detail }),
  };
}
