import { type MemoryAction, NOTIFY_OK, notifierFromErrno } from "@memhp/abi";
import type { NodeRequest } from "@memhp/hotplug";
import { NotifierCallbackError } from "@memhp/notifier";
import { expect, test } from "vitest";
import { type Answer, add, blocks, createLab, FIRST, type Lab, outcomes } from "./lab.ts";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";

const requests: readonly NodeRequest[][] = [
  [add(1, FIRST, 4), add(0, 40, 4)],
  [
    { op: "online", node: 1, blocks: [35, 34], type: "movable" },
    { op: "online", node: 0, blocks: blocks(40, 4), type: "kernel" },
  ],
  [
    { op: "offline", node: 0, blocks: [42, 43] },
    { op: "offline", node: 1, blocks: [35, 34] },
  ],
];

/** What `veto` answers to the calls that it vetoes: the third online and the second offline. */
function moody(): (action: MemoryAction) => number {
  const heard: Partial<Record<MemoryAction, number>> = {};
  return (action) => {
    const count = (heard[action] = (heard[action] ?? 0) + 1);
    if (action === "MEM_GOING_ONLINE" && count === 3) return notifierFromErrno("ENOMEM");
    return action === "MEM_GOING_OFFLINE" && count === 2 ? notifierFromErrno("EBUSY") : NOTIFY_OK;
  };
}

async function play(lab: Lab): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const batch of requests) answers.push(await lab.run(batch));
  return answers;
}

/** Somebody else's turn of the event loop, as a callback of the host program needs it. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test.for(kernelIds)(
  "%s: a callback that takes its time changes nothing of what happens (DESIGN law 2)",
  async (kernel) => {
    const quick = createLab(kernel);
    const slow = createLab(kernel);
    const answerNow = moody();
    const answerLater = moody();
    quick.chain.register({ name: "veto", call: answerNow });
    slow.chain.register({
      name: "veto",
      call: async (action) => {
        await turn();
        return answerLater(action);
      },
    });
    const expected = await play(quick);
    expect(await play(slow)).toEqual(expected);
    expect(slow.map.nodes).toEqual(quick.map.nodes);
    // The vetoes fell where they were meant to: on the third block of node 0, and on the first of node 1.
    expect(outcomes(expected[1], 1)).toEqual(["40: changed", "41: changed", "42: ENOMEM notifier_veto", "43: changed"]);
    expect(outcomes(expected[2], 1)).toEqual(["35: EBUSY notifier_veto", "34: changed"]);
  },
);

test("callbacks that answer now and later may be mixed in one chain, and keep their order", async () => {
  const lab = createLab("6.12");
  const heard: string[] = [];
  for (const [name, priority, isLate] of [
    ["first", 3, true],
    ["second", 2, false],
    ["third", 1, true],
  ] as const) {
    lab.chain.register({
      name,
      priority,
      call: (action) => {
        heard.push(`${name} ${action}`);
        return isLate ? turn().then(() => NOTIFY_OK) : NOTIFY_OK;
      },
    });
  }
  await lab.run([add(1, FIRST, 1)]);
  await lab.run([{ op: "online", node: 1, blocks: [FIRST], type: "online" }]);
  const order = ["first", "second", "third"];
  expect(heard).toEqual(
    ["MEM_PREPARE_ONLINE", "MEM_GOING_ONLINE", "MEM_ONLINE"].flatMap((action) =>
      order.map((name) => `${name} ${action}`),
    ),
  );
});

test("while a callback takes its time no other block begins", async () => {
  const lab = createLab("6.1");
  let atWork = 0;
  let most = 0;
  lab.chain.register({
    name: "slow",
    call: async () => {
      most = Math.max(most, ++atWork);
      await turn();
      atWork -= 1;
      return NOTIFY_OK;
    },
  });
  await lab.run([add(1, FIRST, 3), add(0, 40, 3)]);
  await lab.run([
    { op: "online", node: 1, blocks: blocks(FIRST, 3), type: "online" },
    { op: "online", node: 0, blocks: blocks(40, 3), type: "online" },
  ]);
  expect(most).toBe(1);
});

test.for([
  [
    "throws",
    () => {
      throw new Error("no such page");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no such page"))],
  ["answers nonsense", () => Promise.resolve(Number.NaN)],
] as const)("a callback that %s is a bug and comes out as one, not as an errno (STYLE)", async ([, call]) => {
  const lab = createLab("6.1");
  lab.chain.register({ name: "clumsy", call });
  await lab.run([add(1, FIRST, 1)]);
  const failing = lab.run([{ op: "online", node: 1, blocks: [FIRST], type: "online" }]);
  await expect(failing).rejects.toBeInstanceOf(NotifierCallbackError);
  await expect(failing).rejects.toMatchObject({ callback: "clumsy", action: "MEM_GOING_ONLINE" });
});

test("a second batch while one runs is a bug of whoever did not take the hotplug lock", async () => {
  const lab = createLab("6.1");
  await lab.run([add(1, FIRST, 1)]);
  lab.chain.register({ name: "slow", call: () => turn().then(() => NOTIFY_OK) });
  const first = lab.run([{ op: "online", node: 1, blocks: [FIRST], type: "online" }]);
  expect(() => lab.hotplug.run(lab.batch([]))).toThrow("run: expected an end of the batch before");
  expect((await first).finished).toBe(true);
  await expect(lab.advance()).rejects.toThrow("advance: expected a batch under way, found none");
});
