import { compareEvents, notifierFromErrno, type SimEvent } from "@memhp/abi";
import { BlockState } from "@memhp/engine";
import { defaultCosts, type NodeRequest } from "@memhp/hotplug";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Answer, add, answering, blocks, createLab, eventsOf, FIRST, type Lab } from "./lab.ts";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";

const { steps } = defaultCosts;

/** A machine with four blocks on node 1, offline or online. */
async function withDimm(kernel: string, isOnline = false): Promise<Lab> {
  const lab = createLab(kernel);
  lab.chain.register(answering("witness", {}));
  await lab.run([add(1, FIRST, 4)]);
  if (isOnline) await lab.run([{ op: "online", node: 1, blocks: blocks(FIRST, 4), type: "kernel" }]);
  return lab;
}

const online = { op: "online", node: 1, blocks: blocks(FIRST, 4), type: "kernel" } as const;
const offline: NodeRequest = { op: "offline", node: 1, blocks: blocks(FIRST, 4) };

/** Runs to `untilNs` after now and says in which state each block is then, there and in the replica. */
async function pauseAfter(lab: Lab, request: NodeRequest, afterNs: number): Promise<[number[], number[]]> {
  await lab.run([request], lab.nowNs() + afterNs);
  return [lab.map, lab.replica].map((map) => blocks(FIRST, 4).map((id) => map.blocks.state(id) as number)) as [
    number[],
    number[],
  ];
}

describe("a batch whose time is up before it is done", () => {
  test("shows the block that is going online, and the next ones still offline", async () => {
    const lab = await withDimm("6.1");
    const seen = await pauseAfter(lab, online, steps.choose_zone + steps.notify_going_online + steps.populate / 2);
    const expected = [BlockState.goingOnline, BlockState.offline, BlockState.offline, BlockState.offline];
    expect(seen).toEqual([expected, expected]);
  });

  test("shows the second block going offline, and the first one offline", async () => {
    const lab = await withDimm("6.1", true);
    // observed-6 §14: an idle block takes 3.0 ms.
    const seen = await pauseAfter(lab, offline, 4_000_000);
    const expected = [BlockState.offline, BlockState.goingOffline, BlockState.online, BlockState.online];
    expect(seen).toEqual([expected, expected]);
  });

  test("stands still: nothing happens at or after its limit", async () => {
    const lab = await withDimm("6.12");
    const limitNs = lab.nowNs() + 3_000_000;
    const answer = await lab.run([online], limitNs);
    expect(answer.finished).toBe(false);
    expect(answer.results).toEqual([]);
    expect(answer.events.every(({ atNs }) => atNs < limitNs)).toBe(true);
    expect(answer.endNs).toBeGreaterThanOrEqual(limitNs);
  });

  test("a step that ends after the limit has not ended: the block's state waits too", async () => {
    const lab = await withDimm("6.1");
    const all = steps.choose_zone + steps.notify_going_online + steps.populate + steps.announce_online;
    const [before] = await pauseAfter(lab, { ...online, blocks: [FIRST] }, all);
    expect(before[0]).toBe(BlockState.goingOnline);
    const answer = await lab.advance();
    expect(eventsOf(answer, "block").map(({ to }) => to)).toEqual(["online"]);
    expect(answer.finished).toBe(true);
    expect(lab.replica.blocks.state(FIRST)).toBe(BlockState.online);
  });

  test("a DIMM's later blocks are told when their time comes, not at the limit itself", async () => {
    const lab = createLab("6.1");
    const blockOf = (answer: Answer) => eventsOf(answer, "uevent").map(({ devpath }) => devpath.slice(-2));
    const first = await lab.run([add(1, FIRST, 3)], defaultCosts.addBlock);
    expect([blockOf(first), first.finished]).toEqual([["32"], false]);
    expect(blockOf(await lab.advance(defaultCosts.addBlock + 1))).toEqual(["33"]);
    const last = await lab.advance();
    expect([blockOf(last), last.finished]).toEqual([["34"], true]);
  });

  test("with no time at all does nothing", async () => {
    const lab = await withDimm("6.1");
    const answer = await lab.run([online], lab.nowNs());
    expect([answer.finished, answer.events, answer.delta.rows]).toEqual([false, [], []]);
    expect((await lab.advance()).finished).toBe(true);
  });

  test("holds the hotplug lock: no other batch begins", async () => {
    const lab = await withDimm("6.1");
    await lab.run([online], lab.nowNs() + 1);
    expect(() => lab.hotplug.run(lab.batch([]))).toThrow("run: expected an end of the batch before");
    await lab.advance();
    expect((await lab.run([])).finished).toBe(true);
  });

  test("a node that is done waits for the others, and tells nothing twice", async () => {
    const lab = await withDimm("6.1");
    await lab.run([add(0, 48, 1)]);
    const startNs = lab.nowNs();
    const requests: NodeRequest[] = [online, { op: "online", node: 0, blocks: [48], type: "online" }];
    const first = await lab.run(requests, startNs + 2_000_000);
    const second = await lab.advance();
    expect([first.finished, second.finished]).toEqual([false, true]);
    expect(eventsOf(first, "uevent").map(({ devpath }) => devpath.split("/").at(-1))).toEqual(["memory48", "memory32"]);
    expect(second.events.every(({ node }) => node === 1)).toBe(true);
    expect(second.results).toHaveLength(2);
  });
});

/** Events and results of the same batch, run in pieces. */
async function inPieces(
  lab: Lab,
  requests: NodeRequest[],
  sliceNs: number,
): Promise<{ events: SimEvent[]; last: Answer }> {
  let untilNs = lab.nowNs() + sliceNs;
  let last = await lab.run(requests, untilNs);
  const events = [...last.events];
  while (!last.finished) {
    untilNs += sliceNs;
    last = await lab.advance(untilNs);
    events.push(...last.events);
  }
  return { events, last };
}

describe("advance goes on with it", () => {
  const requests = (): NodeRequest[] => [
    { op: "online", node: 1, blocks: [35, 34, 33, 32], type: "movable" },
    { op: "online", node: 0, blocks: blocks(48, 4), type: "kernel" },
    { op: "offline", node: 1, blocks: [33, 35] },
    add(2, 64, 3),
    { op: "online", node: 2, blocks: [65, 66], type: "movable" },
    { op: "remove", node: 2, startPfn: 64 * 0x8000, nrPages: 0x8000, cpus: false },
  ];

  const prepared = async (kernel: string) => {
    const lab = createLab(kernel, {
      ram: [[{ startPfn: 1, endPfn: 0x40000 }], [{ startPfn: 0x40000, endPfn: 0x48000 }], []],
    });
    lab.chain.register(answering("witness", {}));
    await lab.run([add(1, FIRST, 4), add(0, 48, 4)]);
    lab.chain.register(answering("veto", { MEM_GOING_OFFLINE: notifierFromErrno("EBUSY") }));
    return lab;
  };

  test.for(kernelIds.map((kernel, index) => [kernel, 200 + index] as const))(
    "property: %s: in pieces of any length the events, results and memory are those of one go, in order",
    async ([kernel, seed]) => {
      const whole = await prepared(kernel);
      const expected = await whole.run(requests());
      expect(expected.events.length).toBeGreaterThan(60);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), async (sliceUs) => {
          const lab = await prepared(kernel);
          const { events, last } = await inPieces(lab, requests(), sliceUs * 1000);
          expect(events).toEqual(expected.events);
          expect(last.results).toEqual(expected.results);
          expect(last.endNs).toBe(expected.endNs);
          expect(lab.map.nodes).toEqual(whole.map.nodes);
          expect(lab.replica.nodes).toEqual(whole.map.nodes);
          const rows = (map: typeof lab.map) => [...map.blocks.ids()].map((id) => map.blocks.row(id));
          expect(rows(lab.replica)).toEqual(rows(whole.map));
        }),
        { seed, numRuns: 25 },
      );
    },
  );

  test("pieces as small as a step end where one go ends", async () => {
    const lab = await prepared("6.12");
    const whole = await (await prepared("6.12")).run(requests());
    const { events } = await inPieces(lab, requests(), 4000);
    expect(events).toEqual(whole.events);
  });
});

describe("the order of the stream (DESIGN: simulated time, node, sequence)", () => {
  test("the events of a batch over several nodes come in it", async () => {
    const lab = createLab("6.12");
    lab.chain.register(answering("witness", {}));
    await lab.run([add(1, FIRST, 4), add(0, 48, 4)]);
    const answer = await lab.run([
      { op: "online", node: 1, blocks: blocks(FIRST, 4), type: "movable" },
      { op: "online", node: 0, blocks: blocks(48, 4), type: "kernel" },
    ]);
    expect(answer.events).toEqual([...answer.events].sort(compareEvents));
    expect(new Set(answer.events.map(({ node }) => node))).toEqual(new Set([0, 1]));
  });

  test("the next batch goes on counting where the one before stopped at the same moment", async () => {
    const lab = await withDimm("4.1");
    // Refused: the last two events of the first batch are at the moment at which the second begins.
    const refused = await lab.run([{ op: "online", node: 1, blocks: [FIRST], type: "movable" }]);
    const next = await lab.run([{ op: "online", node: 1, blocks: [FIRST + 3], type: "movable" }]);
    const all = [...refused.events, ...next.events];
    expect(refused.events.at(-1)?.atNs).toBe(next.events[0]?.atNs);
    expect(all).toEqual(all.toReversed().sort(compareEvents));
  });
});
