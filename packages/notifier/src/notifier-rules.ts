import type { KernelConfig } from "@memhp/abi";

/** What one kernel's memory notifier chain does, as data. */
export interface NotifierRules {
  /** A callback that is on the chain already: 4.1 does not look for it and loops (facts §7). */
  readonly doubleRegistration: "throws" | "EEXIST";
  /** When N_NORMAL_MEMORY is a mask of its own, beside N_MEMORY, on a 64-bit machine (facts §3.3). */
  readonly ownNormalMask: "with-MOVABLE_NODE" | "always";
  /** Node fields of struct memory_notify: 4.1 has status_change_nid_high too (facts §3.3), 7.3 has none (observed-newer §1). */
  readonly statusChangeNids: "normal-high-any" | "normal-any" | "none";
  /** Nodes have a chain of their own, which hears of their first and last memory (observed-newer §1). */
  readonly nodeChain: boolean;
  /** What a write of garbage to notifier-error-inject gives (observed-4.1 §11, observed-6 §7). */
  readonly injectGarbage: "zero" | "EINVAL";
}

/** What the notifier chain needs to know of a kernel. */
export interface NotifierKernel {
  readonly config: KernelConfig;
  readonly notifier: NotifierRules;
}
