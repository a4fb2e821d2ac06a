import type { BlockEvent, BlockStep } from "./block-machine.ts";
import { compileTable } from "./table.ts";

let order: readonly BlockStep[] | undefined;

/** The steps that a block takes from `online` until it is offline where none of them fails, in the statechart's order. @throws Error where the statechart comes to no end. */
export function offlineOrder(): readonly BlockStep[] {
  order ??= walk();
  return order;
}

function walk(): readonly BlockStep[] {
  const table = compileTable();
  const steps: BlockStep[] = [];
  let event: BlockEvent["type"] = "OFFLINE";
  for (let leaf = table.indexOf("online"); leaf !== table.indexOf("offline"); event = "DONE") {
    const edge = table.edge(leaf, event);
    if (edge === undefined || steps.length > table.leaves.length)
      throw new Error("memhp bug: the statechart has no way from online to offline");
    if (edge.step !== undefined) steps.push(edge.step);
    leaf = edge.target;
  }
  return steps;
}
