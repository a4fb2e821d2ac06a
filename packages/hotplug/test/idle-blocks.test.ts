import { notifierFromErrno, onlineTypes } from "@memhp/abi";
import { rowHandle } from "@memhp/block";
import type { NodeRequest, PageRequest } from "@memhp/hotplug";
import { createListener } from "@memhp/notifier";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { add, blocks, contigZones, createLab, FIRST, type Lab, remove } from "./lab.ts";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";

// It does its work; the tests count how often it was asked.
vi.mock("@memhp/block", { spy: true });

const calls = { block: false, zone: false, notifier: true };

/** As a shard's chain is: two callbacks that do nothing but be called. */
function listened(kernel: string, options: Parameters<typeof createLab>[1]): Lab {
  const lab = createLab(kernel, { wants: calls, ...options });
  lab.chain.register(createListener("early", 1000));
  lab.chain.register(createListener("late", -1000));
  return lab;
}

const COUNT = 12;
const block = fc.nat(COUNT - 1).map((offset) => FIRST + offset);
const list = fc.oneof(
  fc.array(block, { minLength: 1, maxLength: 8 }),
  fc.tuple(fc.nat(4), fc.nat(COUNT - 4)).map(([first, count]) => blocks(FIRST + first, Math.max(1, count - first))),
);
/** Nanoseconds: some end in the middle of a block. */
const time = fc.option(fc.integer({ min: 0, max: 40_000_000 }), { nil: undefined });

const change: fc.Arbitrary<NodeRequest> = fc
  .record({
    op: fc.constantFrom("online" as const, "offline" as const),
    blocks: list,
    type: fc.constantFrom(...onlineTypes, "remembered" as const),
    patienceNs: time,
    stopAtFailure: fc.boolean(),
  })
  .map(({ op, blocks: these, type, patienceNs, stopAtFailure }) =>
    op === "online"
      ? { op, node: 1, blocks: these, type, stopAtFailure }
      : { op, node: 1, blocks: these, stopAtFailure, ...(patienceNs === undefined ? {} : { patienceNs }) },
  );
const other: fc.Arbitrary<NodeRequest> = fc.oneof(
  fc.record({
    op: fc.constant("remember_type" as const),
    node: fc.constant(1),
    block,
    type: fc.constantFrom(...onlineTypes),
  }),
  fc.record({ op: fc.constant("set_unmovable" as const), node: fc.constant(1), block, unmovable: fc.boolean() }),
);
const pages: fc.Arbitrary<PageRequest> = fc.oneof(
  fc.record({
    op: fc.constant("load" as const),
    node: fc.constant(1),
    id: fc.constantFrom("a", "b"),
    kind: fc.constantFrom("anon" as const, "slab" as const),
    pages: fc.integer({ min: 1, max: 3 * 0x8000 }),
    floors: fc.constant([0, 0, 0, 0, 0]),
  }),
  fc.record({
    op: fc.constant("unload" as const),
    node: fc.constant(1),
    id: fc.constantFrom("a", "b"),
    pinned: fc.constant(false),
  }),
);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      requests: fc.array(fc.oneof({ weight: 5, arbitrary: change }, other), { minLength: 1, maxLength: 4 }),
      inNs: time,
    }),
  },
  { weight: 1, arbitrary: fc.record({ pages }) },
  { weight: 1, arbitrary: fc.constant({ moody: true as const }) },
);

async function play(lab: Lab, steps: readonly unknown[]): Promise<unknown[]> {
  const answers: unknown[] = [await lab.run([add(1, FIRST, COUNT)])];
  let asked = 0;
  for (const each of steps as { requests?: NodeRequest[]; inNs?: number; pages?: PageRequest; moody?: true }[]) {
    if (each.pages !== undefined) answers.push(lab.hotplug.pages([each.pages]).results);
    if (each.moody !== undefined)
      lab.chain.register({
        name: "moody",
        call: (action) => (action.startsWith("MEM_GOING") && ++asked % 3 === 0 ? notifierFromErrno("ENOMEM") : 1),
      });
    if (each.requests === undefined) continue;
    const answer = await lab.run(each.requests, each.inNs === undefined ? undefined : lab.nowNs() + each.inNs);
    answers.push(answer);
    // A migration that finds no target waits for one: nobody gives it here.
    if (answer.targetRequests.length > 0) return answers;
    if (!answer.finished) answers.push(await lab.advance());
    if ((answers.at(-1) as { finished?: boolean }).finished === false) return answers;
  }
  answers.push(lab.hotplug.snapshot());
  return answers;
}

const cases = [
  ...kernelIds.map((kernel, i) => [kernel, "contig-zones", 500 + i] as const),
  ["6.12", "auto-movable", 510] as const,
];

test.for(cases)(
  "property: %s, %s: idle blocks of bulk work, and whatever else there is, come to what actors come to (DESIGN)",
  async ([kernel, policy, seed]) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const options = { policy: { ...contigZones, policy } };
        const many = await play(listened(kernel, { ...options, rowsFrom: 1 }), steps);
        expect(many).toEqual(await play(listened(kernel, { ...options, rowsFrom: Number.POSITIVE_INFINITY }), steps));
      }),
      { seed, numRuns: 12 },
    );
  },
);

test("blocks that are idle need no chart but for a node's first and last", async () => {
  const lab = listened("6.12", {});
  await lab.run([add(1, FIRST, 8)]);
  vi.clearAllMocks();
  await lab.run([{ op: "online", node: 1, blocks: blocks(FIRST, 8), type: "movable" }]);
  await lab.run([{ op: "offline", node: 1, blocks: blocks(FIRST, 8) }]);
  expect(vi.mocked(rowHandle)).not.toHaveBeenCalled();
  await lab.run([remove(1, FIRST, 8)]);
});
