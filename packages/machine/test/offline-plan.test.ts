import type { LoadKind } from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Machine, type OfflinePlan, planMachineOffline, type PlanGoal, snapshot, start } from "../src/index.ts";
import {
  dimmBlocks,
  type Filling,
  fillings,
  kernels,
  loadedMachine,
  migrated,
  type TestedKernel,
} from "./loaded-machines.ts";

const movable: readonly LoadKind[] = ["anon", "file", "shm", "mlock", "thp", "hugetlb"];

/** Takes blocks offline one after another. @returns pages that moved, or undefined where one refused or a program had to die. */
async function carriedOut(machine: Machine, blocks: readonly number[]): Promise<number | undefined> {
  const before = migrated(machine);
  const running = machine.pages.loads.list().length;
  for (const block of blocks) {
    const result = await machine.offline(block, { signalAtNs: machine.nowNs + 300e9 });
    if (!result.ok) return undefined;
  }
  return machine.pages.loads.list().length === running ? migrated(machine) - before : undefined;
}

/** The plan for a goal, and what came of it. */
async function planned(
  kernel: TestedKernel,
  filling: Filling,
  goalOf: (machine: Machine) => PlanGoal,
): Promise<{ readonly plan: OfflinePlan; readonly moved: number | undefined }> {
  const machine = await loadedMachine(kernel, filling);
  const plan = await planMachineOffline(machine, goalOf(machine));
  const moved = plan.ok
    ? await carriedOut(
        machine,
        plan.steps.map(({ block }) => block),
      )
    : undefined;
  await machine.close();
  return { plan, moved };
}

test.each(kernels)(
  "%s: a plan carried out succeeds, and moves as many pages as planned",
  async (kernel) => {
    const seen = { exact: 0, between: 0, none: 0, moving: 0 };
    await fc.assert(
      fc.asyncProperty(fillings(movable), fc.integer({ min: 1, max: 4 }), async (filling, count) => {
        const { plan, moved } = await planned(kernel, filling, () => ({ count }));
        if (!plan.ok) {
          seen.none++;
          return;
        }
        if (plan.pages > 0) seen.moving++;
        if (plan.pages === plan.atMostPages) {
          seen.exact++;
          expect(moved).toBe(plan.pages);
        } else {
          seen.between++;
          expect(moved).toBeGreaterThanOrEqual(plan.pages);
          expect(moved).toBeLessThanOrEqual(plan.atMostPages);
        }
      }),
      { numRuns: 30, seed: 11 },
    );
    expect(seen.exact).toBeGreaterThan(15);
    expect(seen.moving).toBeGreaterThan(3);
  },
  120_000,
);

test.each(kernels)(
  "%s: a whole DIMM is planned and goes",
  async (kernel) => {
    const seen = { exact: 0, between: 0, none: 0, moving: 0 };
    await fc.assert(
      fc.asyncProperty(fillings(movable), fc.nat(), async (filling, choice) => {
        const { plan, moved } = await planned(kernel, filling, (machine) => {
          const dimms = machine.pluggedMemory();
          const dimm = dimms[choice % dimms.length];
          return { blocks: dimm === undefined ? [] : machine.blocksOf({ start: dimm.addr, size: dimm.sizeBytes }) };
        });
        if (!plan.ok) {
          seen.none++;
          return;
        }
        if (plan.pages > 0) seen.moving++;
        seen[plan.pages === plan.atMostPages ? "exact" : "between"]++;
        expect(moved).toBeGreaterThanOrEqual(plan.pages);
        expect(moved).toBeLessThanOrEqual(plan.atMostPages);
      }),
      { numRuns: 25, seed: 12 },
    );
    expect(seen.exact).toBeGreaterThan(5);
  },
  120_000,
);

function* subsets<T>(items: readonly T[], count: number, from = 0): IterableIterator<T[]> {
  if (count === 0) yield [];
  for (const [i, item] of items.entries())
    if (count > 0 && i >= from) for (const rest of subsets(items, count - 1, i + 1)) yield [item, ...rest];
}

test.each(kernels)(
  "%s: no other set of blocks goes with fewer pages",
  async (kernel) => {
    await fc.assert(
      fc.asyncProperty(fillings(movable, 500), fc.integer({ min: 1, max: 2 }), async (filling, count) => {
        const { plan, moved } = await planned(kernel, filling, () => ({ count }));
        const machine = await loadedMachine(kernel, filling);
        const blocks = dimmBlocks(machine);
        const image = await snapshot(machine);
        await machine.close();
        for (const set of subsets(blocks, count)) {
          const fresh = await start(image);
          const pages = await carriedOut(fresh, set);
          await fresh.close();
          if (pages === undefined) continue;
          expect(plan.ok).toBe(true);
          expect(pages).toBeGreaterThanOrEqual(moved as number);
        }
      }),
      { numRuns: 5, seed: 13, endOnFailure: true },
    );
  },
  300_000,
);
