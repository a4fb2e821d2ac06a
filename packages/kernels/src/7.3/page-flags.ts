import type { FlagReading } from "@memhp/sysfs";
import { anonymousAnd, sharedFlags } from "../shared/page-flags.ts";

/** g_hwpoison, c_pinned_page: stable_page_flags takes every anonymous page for one of KSM. */
export const pageFlags: FlagReading = {
  flags: {
    ...anonymousAnd("KSM", anonymousAnd("MAPPEDTODISK", sharedFlags)),
    page_table: ["PGTABLE"],
    balloon: ["OFFLINE"],
    offline: ["OFFLINE"],
    // PageVmemmapSelfHosted is PG_owner_priv_1.
    self_hosted: ["RESERVED", "OWNER_PRIVATE"],
  },
  buddy: "each",
  tail: "all",
};
