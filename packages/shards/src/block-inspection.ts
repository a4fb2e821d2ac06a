import type { BlockContext } from "@memhp/block";
import type { BlockWatcher } from "@memhp/hotplug";
import type { InspectionSource, InspectionSourceOptions } from "@memhp/inspect";

const ofBlock = (context: unknown): context is BlockContext =>
  typeof context === "object" && context !== null && "block" in context;

/**
 * How actors are shown: blocks grouped by node, chosen by `block`, `node` and state; those of devices, which live beside the shards,
 * grouped by their machine and chosen by `device`, its id.
 */
export const blockSourceOptions: Pick<InspectionSourceOptions, "describe" | "sanitizeContext"> = {
  describe({ machine = "devices", context }) {
    if (!ofBlock(context)) return { group: machine, attributes: { device: machine } };
    const { block, node } = context;
    return { group: `node-${node}`, attributes: { block, node } };
  },
  sanitizeContext(context) {
    if (!ofBlock(context)) return context;
    const { block, node, onlineType, refusal } = context;
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
