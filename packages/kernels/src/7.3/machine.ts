import type { MachineRules } from "../machine-rules.ts";

export const machine: MachineRules = {
  memorylessNode: "online",
  errorInjection: "module",
  freshZone: "kernel-takes-only-memory",
  reservedName: "Reserved",
};
