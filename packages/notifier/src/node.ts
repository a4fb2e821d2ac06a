import type { NodeAction, NodeNotify } from "@memhp/abi";
import { createNotifierChain, type NotifierChain } from "./chain.ts";
import type { NotifierKernel } from "./notifier-rules.ts";

/** The chain that hears of a node's first and last memory (observed-newer §1). */
export type NodeNotifier = NotifierChain<NodeAction, NodeNotify>;

/** An empty node chain; undefined for a kernel that has none. */
export function createNodeNotifier({ notifier }: Pick<NotifierKernel, "notifier">): NodeNotifier | undefined {
  return notifier.nodeChain ? createNotifierChain({ doubleRegistration: notifier.doubleRegistration }) : undefined;
}
