import { type BlockEvent, type BlockLeaf, blockMachine, blockSteps, leafOf, reviveActor, valueOf } from "@memhp/block";
import { getShortestPaths } from "xstate/graph";
import { type AnyStateNode, getNextSnapshot, type SnapshotFrom, type StateValue } from "xstate";
import { describe, expect, test } from "vitest";
import { busy, eventOf, everyEvent, recordingPorts } from "./events.ts";

type Snapshot = SnapshotFrom<typeof blockMachine>;
type EventName = BlockEvent["type"];

const context = { block: 40, node: 1, onlineType: null, refusal: null };
const snapshotIn = (leaf: BlockLeaf): Snapshot =>
  blockMachine.resolveState({ value: valueOf(leaf) as StateValue, context });

/** A block in `leaf` that was sent these events. */
function walk(
  leaf: BlockLeaf,
  ...events: readonly EventName[]
): { readonly leaf: BlockLeaf; readonly steps: readonly string[] } {
  const ports = recordingPorts();
  const handle = reviveActor({ block: 40, node: 1, leaf, ports });
  for (const type of events) handle.send(eventOf(type));
  return { leaf: handle.leaf, steps: ports.performed };
}

const done = (count: number): EventName[] => Array.from({ length: count }, () => "DONE");

describe("the way through (facts §3.2, §4.2)", () => {
  test("an online chooses the zone, asks, populates and announces", () => {
    expect(walk("offline", "ONLINE", ...done(4))).toEqual({
      leaf: "online",
      steps: ["choose_zone", "notify_going_online", "populate", "announce_online"],
    });
  });

  test("an offline checks, isolates, asks, migrates, dissolves, verifies and withdraws", () => {
    expect(walk("online", "OFFLINE", ...done(7))).toEqual({
      leaf: "offline",
      steps: ["check", "isolate", "notify_going_offline", "migrate", "dissolve", "verify", "withdraw"],
    });
  });

  test("an offline block may be removed, and that is the end of it", () => {
    const handle = reviveActor({ block: 40, node: 1, leaf: "offline", ports: recordingPorts() });
    handle.send({ type: "REMOVE" });
    expect(handle.leaf).toBe("gone");
    expect(handle.actor.getSnapshot().status).toBe("done");
    expect(everyEvent.filter((event) => snapshotIn("gone").can(event))).toEqual([]);
  });

  test("an online block cannot be removed (4.1: BUG(), facts §5.2)", () => {
    expect(() => walk("online", "REMOVE")).toThrow("found REMOVE");
  });
});

/** Where FAILED leads from each step that can fail, the step begun by it, and where DONE ends then. */
const failures: readonly [why: string, from: BlockLeaf, to: BlockLeaf, begun: string | undefined, rest: BlockLeaf][] = [
  [
    "no zone for the type: nobody was told (facts §3.1 step 2, 3)",
    "going_online.choosing_zone",
    "offline",
    undefined,
    "offline",
  ],
  [
    "a veto of MEM_GOING_ONLINE is cancelled (facts §3.1 step 4)",
    "going_online.notifying",
    "going_online.cancelling",
    "cancel_online",
    "offline",
  ],
  [
    "no RAM behind the block is cancelled (facts §3.1 step 6)",
    "going_online.populating",
    "going_online.cancelling",
    "cancel_online",
    "offline",
  ],
  [
    "two zones or a hole: nobody was told (facts §4.2 steps 1, 3)",
    "going_offline.checking",
    "online",
    undefined,
    "online",
  ],
  [
    "kernel pages: nobody was told, none is cancelled (facts §4.1 step 4; observed-6 §7)",
    "going_offline.isolating",
    "online",
    undefined,
    "online",
  ],
  [
    "a veto of MEM_GOING_OFFLINE is cancelled (facts §4.1 step 5)",
    "going_offline.notifying",
    "going_offline.cancelling",
    "cancel_offline",
    "online",
  ],
  [
    "a timeout or a signal is cancelled (facts §4.1 steps 6, 7)",
    "going_offline.migrating",
    "going_offline.cancelling",
    "cancel_offline",
    "online",
  ],
  [
    "a huge page that stays is cancelled (facts §4.2 step 9)",
    "going_offline.dissolving",
    "going_offline.cancelling",
    "cancel_offline",
    "online",
  ],
  [
    "a page that is not free is cancelled (facts §4.1 step 11)",
    "going_offline.verifying",
    "going_offline.cancelling",
    "cancel_offline",
    "online",
  ],
];

describe("failure", () => {
  test.for(failures)("%s", ([, from, to, begun, rest]) => {
    expect(walk(from, "FAILED")).toEqual({ leaf: to, steps: begun === undefined ? [] : [begun] });
    const cancelled = begun === undefined ? walk(from, "FAILED") : walk(from, "FAILED", "DONE");
    expect(cancelled.leaf).toBe(rest);
  });

  test.for([
    ["announcing", "going_online.announcing"],
    ["cancelling an online", "going_online.cancelling"],
    ["withdrawing (facts §4.1 step 12)", "going_offline.withdrawing"],
    ["cancelling an offline", "going_offline.cancelling"],
  ] as const)("%s cannot fail", ([, leaf]) => {
    expect(() => walk(leaf, "FAILED")).toThrow(`send: event: expected one that block 40 takes in ${leaf}`);
  });

  test("the table above names every state that can fail", () => {
    const failing = transitLeaves().filter((leaf) => snapshotIn(leaf).can(eventOf("FAILED")));
    expect(failing.sort()).toEqual(failures.map(([, from]) => from).sort());
  });
});

describe("another round", () => {
  test("of migration: the step begins again (facts §4.1 step 9)", () => {
    expect(walk("going_offline.migrating", "AGAIN", "AGAIN")).toEqual({
      leaf: "going_offline.migrating",
      steps: ["migrate", "migrate"],
    });
  });

  test("after a page was found not isolated: back to migration (facts §4.2 step 9)", () => {
    expect(walk("going_offline.verifying", "AGAIN", "DONE")).toEqual({
      leaf: "going_offline.dissolving",
      steps: ["migrate", "dissolve"],
    });
  });

  test("is known to no other state", () => {
    const again = transitLeaves().filter((leaf) => snapshotIn(leaf).can(eventOf("AGAIN")));
    expect(again).toEqual(["going_offline.migrating", "going_offline.verifying"]);
  });
});

describe("what a block remembers", () => {
  const started = () => reviveActor({ block: 40, node: 1, leaf: "offline", ports: recordingPorts() });

  test("the type asked for, and why the last attempt failed", () => {
    const handle = started();
    handle.send({ type: "ONLINE", onlineType: "kernel" });
    handle.send({ type: "FAILED", refusal: busy });
    expect(handle.actor.getSnapshot().context).toMatchObject({ onlineType: "kernel", refusal: busy });
  });

  test("a veto until the next attempt", () => {
    const handle = started();
    for (const type of ["ONLINE", "DONE", "FAILED", "DONE"] as const) handle.send(eventOf(type));
    expect(handle.actor.getSnapshot().context.refusal).toEqual(busy);
    handle.send({ type: "ONLINE", onlineType: "online" });
    expect(handle.actor.getSnapshot().context).toMatchObject({ onlineType: "online", refusal: null });
  });

  test("nothing of an offline that failed once it is tried again, or of anything once it is gone", () => {
    const online = reviveActor({ block: 40, node: 1, leaf: "online", ports: recordingPorts() });
    for (const type of ["OFFLINE", "FAILED", "OFFLINE"] as const) online.send(eventOf(type));
    expect(online.actor.getSnapshot().context.refusal).toBeNull();
    const removed = started();
    for (const type of ["ONLINE", "FAILED", "REMOVE"] as const) removed.send(eventOf(type));
    expect(removed.actor.getSnapshot().context.refusal).toBeNull();
  });
});

/** Leaves that are neither at rest nor the end. */
function transitLeaves(): BlockLeaf[] {
  return Object.keys(reached()).filter((leaf) => snapshotIn(leaf).hasTag("transit"));
}

const traversal = {
  input: { block: 40, node: 1, ports: recordingPorts() },
  events: everyEvent,
  serializeState: (snapshot: Snapshot) => leafOf(snapshot.value),
  filterEvents: (snapshot: Snapshot, event: BlockEvent) => snapshot.can(event),
};

/** The shortest path to each leaf, from a block's first state. */
function reached(): Record<BlockLeaf, readonly EventName[]> {
  const paths = getShortestPaths(blockMachine, traversal);
  return Object.fromEntries(
    paths.map(({ state, steps }) => [
      leafOf(state.value),
      steps
        .map(({ event }) => everyEvent.find(({ type }) => type === event.type)?.type)
        .filter((type) => type !== undefined),
    ]),
  );
}

describe("the graph", () => {
  test("every state is reached, and the farthest by eleven events", () => {
    const paths = reached();
    expect(Object.keys(paths)).toHaveLength(16);
    expect(paths["gone"]).toEqual(["REMOVE"]);
    expect(paths["going_offline.withdrawing"]).toEqual(["ONLINE", ...done(4), "OFFLINE", ...done(6)]);
  });

  test("from every state a block comes to rest again", () => {
    for (const leaf of Object.keys(reached())) {
      const toRest = getShortestPaths(blockMachine, {
        ...traversal,
        fromState: snapshotIn(leaf),
        toState: (snapshot) => snapshot.hasTag("rest") || snapshot.status === "done",
      });
      expect([leaf, toRest.length > 0]).toEqual([leaf, true]);
    }
  });

  test("without another round every path from a rest state ends in a rest state", () => {
    const events = everyEvent.filter(({ type }) => type !== "AGAIN");
    let paths = 0;
    const follow = (snapshot: Snapshot, length: number): void => {
      if (length > 0 && (snapshot.hasTag("rest") || snapshot.status === "done")) {
        paths += 1;
        return;
      }
      const able = events.filter((event) => snapshot.can(event));
      const leaf = leafOf(snapshot.value);
      expect({ leaf, isStuck: able.length === 0, isCircle: length > 11 }).toEqual({
        leaf,
        isStuck: false,
        isCircle: false,
      });
      for (const event of able) follow(getNextSnapshot(blockMachine, snapshot, event), length + 1);
    };
    for (const leaf of ["offline", "online"]) follow(snapshotIn(leaf), 0);
    // Online: done, or failed in one of three steps; removed; offline: done, or failed in one of six.
    expect(paths).toBe(1 + 3 + 1 + 1 + 6);
  });

  test("every step of the kernel is begun by just one state", () => {
    const begun = everyStateNode().flatMap(({ entry }) =>
      entry.map((action) => (action as unknown as { params: { step: string } }).params.step),
    );
    expect(begun.sort()).toEqual([...blockSteps].sort());
  });

  test("every state tells a reader of the diagram what it is (STYLE)", () => {
    const silent = everyStateNode().filter(({ description }) => description?.endsWith(".") !== true);
    expect(silent.map(({ id }) => id)).toEqual([]);
    const tags = Object.values(blockMachine.root.states).map((node) => [node.key, ...node.tags]);
    expect(tags).toEqual([
      ["offline", "rest"],
      ["going_online", "transit"],
      ["online", "rest"],
      ["going_offline", "transit"],
      ["gone"],
    ]);
  });
});

function everyStateNode(): AnyStateNode[] {
  const collect = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(collect)];
  return collect(blockMachine.root).slice(1);
}
