import type { AddRules } from "../add-rules.ts";

export const add: AddRules = {
  alignment: "block",
  resource: "inside-idle",
  checks: "resource-first",
  memmapOnMemory: "per-block",
  groups: true,
  removeOnline: "EBUSY",
  memLimit: "while-booting",
};
