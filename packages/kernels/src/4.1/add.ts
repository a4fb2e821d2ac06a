import type { AddRules } from "../add-rules.ts";

export const add: AddRules = {
  alignment: "section",
  resource: "top-level",
  checks: "alignment-first",
  memmapOnMemory: "absent",
  groups: false,
  removeOnline: "bug",
};
