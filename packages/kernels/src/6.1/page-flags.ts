import type { FlagReading } from "@memhp/sysfs";
import { anonymousAnd, sharedFlags } from "../shared/page-flags.ts";

/** g_hwpoison, c_pinned_page: a page of one process alone has PG_anon_exclusive, which is PG_mappedtodisk. */
export const pageFlags: FlagReading = {
  flags: {
    ...anonymousAnd("MAPPEDTODISK", sharedFlags),
    page_table: ["PGTABLE"],
    balloon: ["OFFLINE"],
    offline: ["OFFLINE"],
    // PageVmemmapSelfHosted is PG_owner_priv_1.
    self_hosted: ["RESERVED", "OWNER_PRIVATE"],
  },
  buddy: "each",
  tail: ["HUGE", "THP", "MMAP", "ANON", "SLAB"],
};
