import type { MachineRules } from "../machine-rules.ts";

export const machine: MachineRules = {
  gigapages: "named-only",
  poolCounts: "of-all-nodes",
  memoryTiers: "none",
  fakeNodes: "by-number-or-size",
  crashKernel: "below-896M",
  memorylessNode: "offline",
  errorInjection: "built-in",
  freshZone: "by-chance",
  reservedName: "reserved",
};
