import type { PolicyInput } from "./zone-choice-6.ts";

/**
 * What the kernel's parameters are when nobody has set them, for a map that is a whole machine with no other nodes and no memory groups:
 * contig-zones, a ratio of 301 percent, NUMA-aware (facts §3.4).
 */
export const defaultPolicy: PolicyInput = {
  policy: "contig-zones",
  ratio: 301,
  numaAware: true,
  movableNode: false,
  otherNodes: { earlyKernelPages: 0, movablePages: 0 },
  groupMaxPages: new Map(),
};
