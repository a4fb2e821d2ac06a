import { type Platform, platformOf } from "@memhp/platforms";

/** Constants of x86_64 for tests of the rooms beside and below @memhp/platforms, which cannot depend on it. */
export const x86_64: Platform["arch"] = platformOf("x86_64").arch;
