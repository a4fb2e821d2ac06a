import type { TargetRequest } from "@memhp/hotplug";
import fc from "fast-check";
import { expect, test } from "vitest";
import { planRound, type PlanSource } from "../../src/targets/target-plan.ts";

const NODES = 5;
const id = fc.nat({ max: NODES - 1 });
const folios = fc.array(
  fc.record({ kind: fc.constant(0), order: fc.constant(0), owner: fc.constant("load:a"), count: fc.nat({ max: 20 }) }),
  { minLength: 1, maxLength: 3 },
);
const targetRequests = fc
  .uniqueArray(fc.record({ node: id, atNs: fc.nat({ max: 3 }), folios }), { selector: ({ node }) => node })
  .map((list) => list.map((request): TargetRequest => ({ ...request, block: 0, zone: 3 })));
const room = fc.array(fc.nat({ max: 40 }), { minLength: NODES, maxLength: NODES });

/** Each node has its pages in one zone and asks those after it. */
function sourceOf(pages: readonly number[]): PlanSource {
  const after = (node: number): number[] => Array.from({ length: NODES - 1 }, (_, i) => (node + 1 + i) % NODES);
  return {
    destination: ({ node }) => ({ nodes: after(node), hugepageNodes: [node], highestZone: 3 }),
    floors: () => [0, 0, 2, 0, 0],
    freePages: (node) => [0, 0, pages[node] ?? 0, 0, 0],
  };
}

test("what some nodes want of a plan is their part of the whole one, whether they give or get", () => {
  fc.assert(
    fc.property(targetRequests, room, fc.uniqueArray(id), (requests, pages, wanted) => {
      const whole = planRound(requests, sourceOf(pages));
      const isWanted = (node: number): boolean => wanted.includes(node);
      const part = planRound(requests, { ...sourceOf(pages), isWanted });
      expect(part).toEqual(
        whole && {
          answers: whole.answers.filter(({ node }) => isWanted(node)),
          takes: whole.takes.filter(({ node }) => isWanted(node)),
        },
      );
    }),
  );
});

test("nobody gives more than there is above its floor, and everybody gets what it asked for", () => {
  fc.assert(
    fc.property(targetRequests, room, (requests, pages) => {
      const plan = planRound(requests, sourceOf(pages));
      if (plan === undefined) return;
      const given = pages.map(() => 0);
      for (const { node, planned } of plan.takes) for (const count of planned) given[node] = (given[node] ?? 0) + count;
      for (const [node, count] of given.entries())
        expect(count).toBeLessThanOrEqual(Math.max(0, (pages[node] ?? 0) - 2));
      const asked = requests.map((request) => request.folios.reduce((sum, { count }) => sum + count, 0));
      const got = plan.answers.map((answer) =>
        "targets" in answer ? answer.targets.reduce((sum, target) => sum + target.pages, 0) : 0,
      );
      expect(got).toEqual(asked);
    }),
  );
});
