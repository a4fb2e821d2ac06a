import { type BlockEvent, blockMachine, compileTable, leafOf, valueOf } from "@memhp/block";
import { type AnyStateMachine, fromPromise, getNextSnapshot, setup, type StateValue } from "xstate";
import { describe, expect, test } from "vitest";
import { everyEvent } from "./events.ts";

const table = compileTable();

test("has a row for each leaf of the statechart, in its order", () => {
  expect(table.leaves).toEqual([
    "offline",
    "going_online.choosing_zone",
    "going_online.notifying",
    "going_online.populating",
    "going_online.announcing",
    "going_online.cancelling",
    "online",
    "going_offline.checking",
    "going_offline.isolating",
    "going_offline.notifying",
    "going_offline.migrating",
    "going_offline.dissolving",
    "going_offline.verifying",
    "going_offline.withdrawing",
    "going_offline.cancelling",
    "gone",
  ]);
  for (const [index, leaf] of table.leaves.entries()) expect(table.indexOf(leaf)).toBe(index);
});

test("a leaf that does not exist is refused with those that do", () => {
  expect(() => table.indexOf("going_online")).toThrow(
    /^leaf: expected one of offline, .*, gone, found "going_online"$/,
  );
});

test.for([...table.leaves])("row %s answers each event as XState does", (leaf) => {
  for (const event of everyEvent) {
    const context = { block: 1, node: 0, onlineType: null, refusal: null };
    const snapshot = blockMachine.resolveState({ value: valueOf(leaf) as StateValue, context });
    const edge = table.edge(table.indexOf(leaf), event.type);
    if (!snapshot.can(event)) {
      expect(edge, `${leaf} on ${event.type}`).toBeUndefined();
      continue;
    }
    const next = getNextSnapshot(blockMachine, snapshot, event);
    expect(edge === undefined ? undefined : table.leaves[edge.target], `${leaf} on ${event.type}`).toBe(
      leafOf(next.value),
    );
  }
});

test("what no row knows has no edge", () => {
  expect(table.edge(table.leaves.length, "DONE")).toBeUndefined();
  expect(table.edge(0, "NONSENSE" as BlockEvent["type"])).toBeUndefined();
});

test("a leaf's path and its state value are two forms of one thing", () => {
  expect(valueOf("going_offline.migrating")).toEqual({ going_offline: "migrating" });
  expect(leafOf({ a: { b: { c: "d" } } })).toBe("a.b.c.d");
  for (const leaf of table.leaves) expect(leafOf(valueOf(leaf))).toBe(leaf);
});

describe("a machine whose answers could depend on more than the leaf is refused", () => {
  const kit = setup({
    types: { events: {} as BlockEvent },
    guards: { isLucky: () => true },
    actors: { work: fromPromise(() => Promise.resolve()) },
  });
  const compile = (machine: AnyStateMachine) => () => compileTable(machine as unknown as typeof blockMachine);

  test("with a guard", () => {
    const machine = kit.createMachine({
      id: "odd",
      initial: "offline",
      states: { offline: { on: { ONLINE: { target: "online", guard: "isLucky" } } }, online: {} },
    });
    expect(compile(machine)).toThrow("odd.offline has a guard; a table cannot run it");
  });

  test("with a guard in a state inside a state", () => {
    const machine = kit.createMachine({
      id: "odd",
      initial: "a",
      states: { a: { initial: "b", states: { b: { on: { DONE: [{ guard: "isLucky", target: "c" }, "c"] } }, c: {} } } },
    });
    expect(compile(machine)).toThrow("odd.a.b has a guard");
  });

  test("with a timer", () => {
    const machine = kit.createMachine({
      id: "odd",
      initial: "offline",
      states: { offline: { after: { 120_000: "online" } }, online: {} },
    });
    expect(compile(machine)).toThrow("odd.offline has invoke, always or after");
  });

  test("with an actor of its own", () => {
    const machine = kit.createMachine({
      id: "odd",
      initial: "offline",
      states: { offline: { invoke: { src: "work" } } },
    });
    expect(compile(machine)).toThrow("odd.offline has invoke, always or after");
  });

  test("with a transition that needs no event", () => {
    const machine = kit.createMachine({
      id: "odd",
      initial: "offline",
      states: { offline: { always: "online" }, online: {} },
    });
    expect(compile(machine)).toThrow("odd.offline has invoke, always or after");
  });

  test("with states beside each other", () => {
    const machine = kit.createMachine({ id: "odd", type: "parallel", states: { a: {}, b: {} } });
    expect(compile(machine)).toThrow("odd is parallel; a table cannot run it");
  });

  test("with a memory of where it was", () => {
    const machine = kit.createMachine({
      id: "odd",
      initial: "a",
      states: { a: { initial: "b", states: { b: {}, back: { type: "history" } } } },
    });
    expect(compile(machine)).toThrow("odd.a.back is history; a table cannot run it");
  });
});

describe("a machine that begins more than one step at once, or one that no port knows, is refused", () => {
  const kit = setup({
    types: { events: {} as BlockEvent },
    actions: { perform: (_context, _params: { step: string }) => {} },
  });
  const begin = (step: string) => ({ type: "perform" as const, params: { step } });
  const machineOf = (...steps: string[]) =>
    kit.createMachine({
      id: "odd",
      initial: "offline",
      states: { offline: { on: { ONLINE: "online" } }, online: { entry: steps.map(begin) } },
    });
  const compile = (...steps: string[]) => compileTable(machineOf(...steps) as unknown as typeof blockMachine);

  test("one known step is fine", () => {
    const compiled = compile("populate");
    expect(compiled.edge(compiled.indexOf("offline"), "ONLINE")?.step).toBe("populate");
  });

  test("two are not", () => {
    expect(() => compile("populate", "verify")).toThrow("memhp bug: offline on ONLINE performs populate, verify");
  });

  test("an unknown one is not", () => {
    expect(() => compile("pray")).toThrow("memhp bug: offline on ONLINE performs pray");
  });
});
