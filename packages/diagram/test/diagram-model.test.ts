import { diagramModel } from "@memhp/diagram";
import { expect, test } from "vitest";
import { createMachine } from "xstate";
import { light, player, recorder } from "./machines.ts";

test("states are listed in the order of the machine, outer before inner, with what the machine says of them", () => {
  const { id, description, kind, states } = diagramModel(light);
  expect({ id, description, kind }).toEqual({
    id: "light",
    description: "A traffic light with a walk signal.",
    kind: "compound",
  });
  expect(states.map(({ path }) => path)).toEqual([
    "green",
    "yellow",
    "red",
    "red.walk",
    "red.wait",
    "red.stop",
    "dark",
  ]);
  expect(states[0]).toEqual({
    id: "light.green",
    path: "green",
    kind: "atomic",
    initial: true,
    description: "Cars drive.",
    tags: ["cars"],
    entry: [],
    exit: [],
    invokes: [],
  });
  expect(states[3]).toEqual({
    id: "light.red.walk",
    path: "red.walk",
    parent: "light.red",
    kind: "atomic",
    initial: true,
    description: "",
    tags: [],
    entry: [],
    exit: [],
    invokes: [],
  });
  expect(states.filter(({ initial }) => initial).map(({ path }) => path)).toEqual(["green", "red.walk"]);
  expect(states.map((state) => state.kind)).toEqual([
    "atomic",
    "atomic",
    "compound",
    "atomic",
    "atomic",
    "atomic",
    "final",
  ]);
});

test("edges name source and target by id, and say whether the source is entered anew", () => {
  const { edges } = diagramModel(light);
  expect(edges).toContainEqual({
    source: "light.green",
    target: "light.yellow",
    event: "TIMER",
    reenter: false,
    actions: [],
  });
  expect(edges).toContainEqual({
    source: "light.red",
    target: "light.dark",
    event: "BROKEN",
    reenter: true,
    actions: [],
  });
  expect(edges).toContainEqual({
    source: "light.red.stop",
    target: "light.green",
    event: "SKIP",
    reenter: false,
    actions: [],
  });
  expect(edges).toHaveLength(10);
});

test("delays, eventless transitions, guards and transitions without a target are edges too", () => {
  expect(diagramModel(light).edges).toContainEqual({
    source: "light.green",
    target: "light.yellow",
    event: "xstate.after.5000.light.green",
    reenter: false,
    actions: [],
  });
  const { edges } = diagramModel(player);
  expect(edges).toContainEqual({
    source: "player",
    target: "player",
    event: "TICK",
    reenter: false,
    actions: ["action"],
    internal: true,
  });
  expect(edges).toContainEqual({
    source: "player.sound.normal",
    target: "player.sound.muted",
    event: "DUCK",
    reenter: false,
    actions: [],
    guard: "isLoud",
  });
  expect(edges).toContainEqual({
    source: "player.sound.muted",
    target: "player.sound.normal",
    event: "",
    reenter: false,
    actions: [],
    guard: "guard",
  });
});

test("parallel and history states keep their kind; no child of a parallel state is initial", () => {
  const { kind, states } = diagramModel(player);
  expect(kind).toBe("parallel");
  expect(states.find(({ path }) => path === "sound.last")?.kind).toBe("history");
  expect(states.filter(({ initial }) => initial).map(({ path }) => path)).toEqual(["sound.normal", "track.loading"]);
});

test("a transition to several states is one edge to each", () => {
  const several = createMachine({
    id: "m",
    initial: "a",
    states: {
      a: { on: { GO: { target: ["#m.p.x.one", "#m.p.y.two"] } } },
      p: {
        type: "parallel",
        states: { x: { initial: "one", states: { one: {} } }, y: { initial: "two", states: { two: {} } } },
      },
    },
  });
  expect(diagramModel(several).edges.map(({ target }) => target)).toEqual(["m.p.x.one", "m.p.y.two"]);
});

test("a model is plain data", () => {
  const model = diagramModel(player);
  expect(JSON.parse(JSON.stringify(model))).toEqual(model);
});

test("a machine without states has none, and is no error", () => {
  expect(diagramModel(createMachine({ id: "bare" }))).toEqual({
    id: "bare",
    kind: "atomic",
    description: "",
    entry: [],
    exit: [],
    invokes: [],
    states: [],
    edges: [],
  });
});

test("what states do, what lives in them, and what runs on the way", () => {
  const { states, edges } = diagramModel(recorder);
  const stateOf = (path: string): object | undefined => states.find((state) => state.path === path);
  expect(stateOf("working")).toMatchObject({
    kind: "parallel",
    entry: ["open", "perform(check, 3)"],
    exit: ["close", "action"],
    invokes: [{ src: "disk", id: "writer" }, { src: "clock" }],
  });
  expect(stateOf("working.head.last")).toMatchObject({ kind: "history", history: "deep" });
  expect(stateOf("working.tape.back")).toMatchObject({ kind: "history", history: "shallow" });
  // XState's own actions by which a delay is kept are none of the machine's.
  expect(stateOf("idle")).toMatchObject({ entry: [], exit: [] });
  const edge = (event: string): object | undefined => edges.find((each) => each.event === event);
  expect(edge("GO")).toMatchObject({ guard: "and(isReady, not(isFull))", actions: ["count", "assign"] });
  expect(edges.filter(({ fallback }) => fallback === true)).toEqual([
    {
      source: "recorder.working.head.last",
      target: "recorder.working.head.up",
      event: "",
      reenter: false,
      actions: [],
      fallback: true,
    },
  ]);
});
