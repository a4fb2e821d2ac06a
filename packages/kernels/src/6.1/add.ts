import type { AddRules } from "../add-rules.ts";

export const add: AddRules = {
  alignment: "block",
  resource: "inside-idle",
  checks: "resource-first",
  memmapOnMemory: "one-block-dimm",
  groups: true,
  removeOnline: "EBUSY",
  memLimit: "while-booting",
};
