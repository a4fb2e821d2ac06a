import type { MachineRules } from "../machine-rules.ts";

export const machine: MachineRules = {
  memorylessNode: "offline",
  errorInjection: "built-in",
  freshZone: "by-chance",
  reservedName: "reserved",
};
