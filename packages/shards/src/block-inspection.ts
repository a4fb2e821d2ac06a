import type { BlockContext } from "@memhp/block";
import type { BlockWatcher } from "@memhp/hotplug";
import type { InspectionSource, InspectionSourceOptions } from "@memhp/inspect";

/** How block actors are shown: grouped by node, chosen by `block`, `node` and state. */
export const blockSourceOptions: Pick<InspectionSourceOptions, "groupBy" | "sanitizeContext"> = {
  groupBy: "node",
  sanitizeContext: (context) => {
    const { block, node, onlineType, refusal } = context as BlockContext;
    return { block, node, onlineType, refusal };
  },
};

/** Lets an inspection source look at blocks. */
export function watcherOf(source: InspectionSource): BlockWatcher {
  return {
    wants: ({ block, node, leaf }) =>
      source.wants({ id: `memory${block}`, group: `node-${node}`, attributes: { block, node }, states: [leaf] }),
    inspect: source.inspect,
    tally: (node, counts) => source.tally(`node-${node}`, counts),
  };
}
