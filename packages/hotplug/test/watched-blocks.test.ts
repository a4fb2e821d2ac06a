import { BlockState, bootMemoryMap } from "@memhp/engine";
import { createMemoryNotifier } from "@memhp/notifier";
import { type Batch, type BlockWatcher, createHotplug, type Hotplug, type NodeRequest } from "@memhp/hotplug";
import { describe, expect, test } from "vitest";
import { add as addDimm, createLab, outcomes } from "./lab.ts";
import { kernelOf } from "../../../tools/conformance/src/kernels.ts";
import { x86_64 } from "../../../tools/conformance/src/platforms.ts";

const PAGES = 32_768;
const noEvents = { block: false, notifier: false, zone: false };
const policy = {
  policy: "contig-zones",
  ratio: 301,
  numaAware: true,
  movableNode: false,
  otherNodes: { earlyKernelPages: 0, movablePages: 0 },
  groupMaxPages: new Map<number, number>(),
} as const;

function emptyNode(): { hotplug: Hotplug; run: (request: NodeRequest) => ReturnType<Hotplug["run"]> } {
  const kernel = kernelOf("6.12");
  const options = { kernelcorePages: undefined, movablecorePages: undefined, movableNode: false };
  const nodes = [{ node: 0, ranges: [], hotpluggable: [], cpus: [0] }];
  const map = bootMemoryMap({ kernel, arch: x86_64, blockPages: PAGES, nodes, options });
  const hotplug = createHotplug({ kernel, map, chain: createMemoryNotifier(kernel), rowsFrom: 1 });
  const batch = (request: NodeRequest): Batch => ({
    startNs: 0,
    untilNs: Number.POSITIVE_INFINITY,
    requests: [request],
    policy,
    wants: noEvents,
  });
  return { hotplug, run: (request) => hotplug.run(batch(request)) };
}

function add(blocks: number): NodeRequest {
  return {
    op: "add",
    node: 0,
    startPfn: 32 * PAGES,
    nrPages: blocks * PAGES,
    group: -1,
    altmapPages: 0,
    firmware: false,
    driverManaged: false,
  };
}

test("a watched block is one actor from its first look to its removal; the others are counted by node", async () => {
  const { hotplug, run } = emptyNode();
  const started: string[] = [];
  const states: unknown[] = [];
  const tallies: unknown[] = [];
  hotplug.watch({
    wants: ({ block }) => block === 33,
    inspect: (event) => {
      if (event.type === "@xstate.actor") started.push((event.actorRef as unknown as { id: string }).id);
      if (event.type === "@xstate.snapshot") states.push((event.snapshot as { value?: unknown }).value);
    },
    tally: (node, counts) => tallies.push([node, { ...counts }]),
  });
  await run(add(3));
  await run({ op: "online", node: 0, blocks: [32, 33], type: "movable" });
  await run({ op: "offline", node: 0, blocks: [32, 33] });
  await run({ op: "remove", node: 0, startPfn: 32 * PAGES, nrPages: 3 * PAGES, cpus: true });
  expect(started).toEqual(["memory33"]);
  expect(states).toContainEqual("online");
  expect(states).toContainEqual({ going_offline: "migrating" });
  expect(states.at(-1)).toBe("gone");
  expect(tallies).toEqual([
    [0, { online: 0, offline: 0 }],
    [0, { online: 0, offline: 2 }],
    [0, { online: 1, offline: 1 }],
    [0, { online: 0, offline: 2 }],
    [0, { online: 0, offline: 0 }],
  ]);
});

test("being watched changes nothing of what happens", async () => {
  const plain = emptyNode();
  const seen = emptyNode();
  seen.hotplug.watch({ wants: () => true, inspect: () => {}, tally: () => {} });
  const requests: NodeRequest[] = [
    add(4),
    { op: "online", node: 0, blocks: [32, 33, 34, 35], type: "kernel" },
    { op: "offline", node: 0, blocks: [35, 32] },
  ];
  for (const request of requests) expect(await seen.run(request)).toEqual(await plain.run(request));
});

/** A watcher of every block that writes down what it sees. */
function witness(): BlockWatcher & { readonly states: unknown[]; readonly tallies: unknown[] } {
  const states: unknown[] = [];
  const tallies: unknown[] = [];
  return {
    states,
    tallies,
    wants: () => true,
    inspect: (event) => {
      if (event.type === "@xstate.snapshot") states.push((event.snapshot as { value?: unknown }).value);
    },
    tally: (node, counts) => tallies.push([node, { ...counts }]),
  };
}

describe("somebody who comes while a batch stands still", () => {
  const online: NodeRequest = { op: "online", node: 1, blocks: [32, 33], type: "movable" };
  const offline: NodeRequest = { op: "offline", node: 1, blocks: [32, 33] };

  const suspended = async (watcher?: BlockWatcher) => {
    const lab = createLab("6.1");
    if (watcher !== undefined) lab.hotplug.watch(watcher);
    await lab.run([addDimm(1, 32, 2)]);
    await lab.run([online], lab.nowNs() + 500_000);
    return lab;
  };

  test("sees the block under way from its next operation on, and disturbs nothing", async () => {
    const lab = await suspended();
    const watcher = witness();
    lab.hotplug.watch(watcher);
    expect(watcher.tallies).toContainEqual([1, { online: 0, offline: 0, going_online: 1 }]);
    expect(outcomes(await lab.advance())).toEqual(["32: changed", "33: changed"]);
    expect(outcomes(await lab.run([offline]))).toEqual(["32: changed", "33: changed"]);
    expect(watcher.states.filter((state) => state === "offline")).toHaveLength(3);
  });

  test("in place of somebody else leaves the block under way to that one until it is done", async () => {
    const first = witness();
    const lab = await suspended(first);
    const second = witness();
    lab.hotplug.watch(second);
    expect(outcomes(await lab.advance())).toEqual(["32: changed", "33: changed"]);
    expect([32, 33].map((block) => lab.map.blocks.state(block))).toEqual([BlockState.online, BlockState.online]);
    expect(first.states.filter((state) => state === "online").length).toBeGreaterThan(0);
    const seenByFirst = first.states.length;
    expect(outcomes(await lab.run([offline]))).toEqual(["32: changed", "33: changed"]);
    expect(first.states).toHaveLength(seenByFirst);
    expect(second.states).toContainEqual({ going_offline: "migrating" });
  });
});
