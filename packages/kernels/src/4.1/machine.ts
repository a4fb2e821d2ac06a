import type { MachineRules } from "../machine-rules.ts";

export const machine: MachineRules = {
  gigapages: "named-only",
  memorylessNode: "offline",
  errorInjection: "built-in",
  freshZone: "by-chance",
  reservedName: "reserved",
};
