import { nodeActions } from "@memhp/abi";
import type { Kernel } from "@memhp/kernels";
import type { Trace } from "@memhp/scenario";
import type { Projection } from "./compare-kernels.ts";

/** Actions that not every kernel has: those of 6.12's chain, and of the chain of nodes (observed-6 §13, observed-newer §1). */
function ownActions({ hotplug, notifier }: Kernel): readonly string[] {
  return [...hotplug.extraActions, ...(notifier.nodeChain ? nodeActions : [])];
}

/** Actions that were told under some of these kernels and are unknown to others, by kernel. */
export function unsharedActions(
  kernels: readonly Kernel[],
  traces: readonly Trace[],
): ReadonlyMap<string, readonly string[]> {
  const all = kernels.map(ownActions);
  const isUnshared = (action: string): boolean => !all.every((own) => own.includes(action));
  return new Map(
    traces.flatMap(({ kernel, steps }): [string, string[]][] => {
      const told = new Set(
        steps.flatMap(({ notifications = [] }) => notifications.map(({ action }) => String(action))),
      );
      const unshared = [...told].filter((action) => all.some((own) => own.includes(action)) && isUnshared(action));
      return unshared.length === 0 ? [] : [[kernel, unshared]];
    }),
  );
}

/** Leaves these actions out of what the chain was told. */
export function withoutActions(actions: ReadonlySet<string>): Projection {
  return (_, view) => ({
    ...view,
    notifications: ((view["notifications"] ?? []) as readonly string[]).filter(
      (text) => !actions.has(text.slice(text.indexOf(" ") + 1)),
    ),
  });
}
