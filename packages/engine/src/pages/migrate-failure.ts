import type { Errno, Refusal, RefusalCode } from "@memhp/abi";
import type { PageStore } from "./page-store.ts";
import { type Offenders, placeOf } from "./refused-page.ts";

/** Why a page stays where it is. */
export type MigrateFailure = readonly [errno: Errno, code: RefusalCode, rule: string, retry: "no" | "maybe"];

export const NOT_MANAGED: MigrateFailure = [
  "EBUSY",
  "unmovable_page",
  "facts §4.4: a page with references that is not on the LRU puts the whole batch back",
  "maybe",
];
export const GIGANTIC: MigrateFailure = [
  "EBUSY",
  "unmovable_page",
  "facts §4.4: a hugepage larger than a section does not move",
  "no",
];
export const HELD: MigrateFailure = [
  "EAGAIN",
  "pinned_page",
  "facts §4.4: a page with extra references stays after every pass",
  "maybe",
];
export const NO_TARGET: MigrateFailure = [
  "ENOMEM",
  "no_target_memory",
  "facts §4.4: no allowed zone has a free target page",
  "maybe",
];

/** The refusal that a failure comes to, with the pages that stay. */
export function refuseMigration(
  store: PageStore,
  block: number,
  [errno, code, rule, retry]: MigrateFailure,
  offenders: Offenders,
  index: number,
): Refusal {
  const owner = offenders.pages[0]?.owner ?? "its owner";
  const remedies: Partial<Record<RefusalCode, readonly string[]>> = {
    pinned_page: [`wait until ${owner} unpins its pages, or end it`],
    no_target_memory: ["free or online memory where the pages may go", `shrink ${owner}`],
  };
  return {
    errno,
    code,
    rule,
    block,
    ...placeOf(store, index),
    pages: offenders.pages,
    total: offenders.total,
    retry,
    remedy: remedies[code] ?? [`release the pages of ${owner}`, "offline another block"],
  };
}
