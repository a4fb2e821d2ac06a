import { notifierFromErrno, onlineTypes } from "@memhp/abi";
import { reviveActor, rowHandle } from "@memhp/block";
import type { NodeRequest } from "@memhp/hotplug";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { type Answer, add, answering, blocks, createLab, FIRST, type Lab } from "./lab.ts";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";

// Both do their work; the test counts which was asked.
vi.mock("@memhp/block", { spy: true });

const block = fc.nat(7).map((offset) => FIRST + offset);
const type = fc.constantFrom(...onlineTypes, "remembered" as const);
const list = fc.array(block, { minLength: 1, maxLength: 8 });

const request: fc.Arbitrary<NodeRequest> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("online" as const),
      node: fc.constant(1),
      blocks: list,
      type,
      stopAtFailure: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("offline" as const),
      node: fc.constant(1),
      blocks: list,
      stopAtFailure: fc.boolean(),
    }),
  },
  fc.record({
    op: fc.constant("remember_type" as const),
    node: fc.constant(1),
    block,
    type: fc.constantFrom(...onlineTypes),
  }),
  fc.record({ op: fc.constant("set_unmovable" as const), node: fc.constant(1), block, unmovable: fc.boolean() }),
);

const scenario = fc.record({
  batches: fc.array(fc.array(request, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
  /** The how-manieth call of the chain is vetoed, over and over. */
  vetoEvery: fc.integer({ min: 2, max: 9 }),
});

async function play(
  lab: Lab,
  { batches, vetoEvery }: { batches: NodeRequest[][]; vetoEvery: number },
): Promise<Answer[]> {
  let calls = 0;
  lab.chain.register({
    name: "moody",
    call: (action) => (action.startsWith("MEM_GOING") && ++calls % vetoEvery === 0 ? notifierFromErrno("ENOMEM") : 1),
  });
  lab.chain.register(answering("witness", {}, -10));
  const answers = [await lab.run([add(1, FIRST, 8)])];
  for (const requests of batches) answers.push(await lab.run(requests));
  return answers;
}

test.for(kernelIds.map((kernel, index) => [kernel, 100 + index] as const))(
  "property: %s: a block run as a row of the table and as an XState actor give the same answers (DESIGN)",
  async ([kernel, seed]: readonly [string, number]) => {
    await fc.assert(
      fc.asyncProperty(scenario, async (played) => {
        const byRow = createLab(kernel, { rowsFrom: 1 });
        const byActor = createLab(kernel, { rowsFrom: Number.POSITIVE_INFINITY });
        expect(await play(byRow, played)).toEqual(await play(byActor, played));
        expect([...byRow.map.blocks.ids()].map((id) => byRow.map.blocks.row(id))).toEqual(
          [...byActor.map.blocks.ids()].map((id) => byActor.map.blocks.row(id)),
        );
        expect(byRow.map.nodes).toEqual(byActor.map.nodes);
      }),
      { seed, numRuns: 40 },
    );
  },
);

test("rows begin at so many blocks in one request; below that each block is an actor", async () => {
  const opened = async (count: number) => {
    const lab = createLab("6.12", { rowsFrom: 3 });
    await lab.run([add(1, FIRST, 8)]);
    vi.clearAllMocks();
    await lab.run([
      { op: "online", node: 1, blocks: Array.from({ length: count }, (_, i) => FIRST + i), type: "kernel" },
      { op: "online", node: 1, blocks: [FIRST + 7], type: "movable" },
    ]);
    return { actors: vi.mocked(reviveActor).mock.calls.length, rows: vi.mocked(rowHandle).mock.calls.length };
  };
  expect(await opened(2)).toEqual({ actors: 3, rows: 0 });
  expect(await opened(3)).toEqual({ actors: 0, rows: 4 });
});

test("an offline of many blocks runs as rows too", async () => {
  const lab = createLab("6.12", { rowsFrom: 3 });
  await lab.run([add(1, FIRST, 8)]);
  await lab.run([{ op: "online", node: 1, blocks: blocks(FIRST, 3), type: "kernel" }]);
  vi.clearAllMocks();
  await lab.run([{ op: "offline", node: 1, blocks: blocks(FIRST, 3) }]);
  expect(vi.mocked(rowHandle)).toHaveBeenCalledTimes(3);
  expect(vi.mocked(reviveActor)).not.toHaveBeenCalled();
});
