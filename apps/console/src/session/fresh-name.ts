import { dimmsOf } from "@memhp/devices";
import type { Machine } from "@memhp/machine";
import type { StepRequest } from "@memhp/scenario";

/** Steps with a name in place of each that is empty: `d0`, `d1`, …, the first that no DIMM and no load has. */
export function named(steps: readonly StepRequest[], prefix: string, machine: Machine): StepRequest[] {
  const taken = new Set<unknown>([
    ...dimmsOf(machine)
      .list()
      .map(({ id }) => id),
    ...machine.pages.loads.list().map(({ id }) => id),
  ]);
  return steps.map((step) => {
    if (step["id"] !== undefined) return step;
    let number = 0;
    while (taken.has(`${prefix}${number}`)) number++;
    const { op, ...operands } = step;
    const id = `${prefix}${number}`;
    taken.add(id);
    return { op, id, ...operands };
  });
}
