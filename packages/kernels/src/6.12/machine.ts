import type { MachineRules } from "../machine-rules.ts";

export const machine: MachineRules = {
  memorylessNode: "online",
  errorInjection: "module",
  freshZone: "kernel-takes-first",
  reservedName: "Reserved",
};
