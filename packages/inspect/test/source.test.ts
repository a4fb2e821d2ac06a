import { expect, test } from "vitest";
import { type AnyActorRef, createActor, fromPromise, setup } from "xstate";
import { bridge, lines, startLamp } from "./bridge.ts";
import { lamp, light, player } from "./machines.ts";

test("an actor is introduced, and its events and states are told in order", () => {
  const { source, recorded, settle } = bridge();
  startLamp(source, 7).send({ type: "PRESS" });
  settle();
  expect(lines(recorded)).toEqual([
    "w1/lamp-7 is lamp-7",
    "w1/lamp-7 hears xstate.init",
    'w1/lamp-7 at "off"',
    "w1/lamp-7 hears PRESS",
    'w1/lamp-7 at {"on":"dim"}',
  ]);
});

test("a message is plain data: context without its functions, tags, time by the source's clock, and the machine's definition", () => {
  const { source, recorded, settle } = bridge();
  startLamp(source, 7, 3);
  settle();
  const [actor, , snapshot] = recorded.events();
  expect(actor).toMatchObject({
    type: "@xstate.actor",
    sessionId: "w1/lamp-7",
    rootId: "w1/lamp-7",
    name: "lamp-7",
    createdAt: "0",
    id: null,
  });
  const definition = JSON.parse((actor as { definition: string }).definition);
  expect(Object.keys(definition.states)).toEqual(["off", "on", "broken"]);
  expect(definition.context).toEqual({ type: "context" });
  expect(snapshot).toMatchObject({
    type: "@xstate.snapshot",
    createdAt: "2",
    event: { type: "xstate.init", input: { number: 7, street: 3 } },
    snapshot: {
      status: "active",
      value: "off",
      tags: ["dark"],
      context: { number: 7, street: 3, presses: 0, wires: {} },
    },
  });
});

test("actors that XState names x:0 in every thread have ids of their own, and the name of their machine", () => {
  const { source, recorded, settle } = bridge();
  const actor = createActor(light, { inspect: source.inspect }).start();
  settle();
  expect(recorded.events()[0]).toMatchObject({ sessionId: `w1/${actor.sessionId}`, name: "light" });
});

test("two actors of one name that live at the same time are told apart", () => {
  const { source, recorded, settle } = bridge();
  startLamp(source, 1);
  startLamp(source, 1);
  settle();
  expect(lines(recorded).filter((line) => line.includes(" is "))).toEqual([
    "w1/lamp-1 is lamp-1",
    "w1/lamp-1#2 is lamp-1",
  ]);
});

test("an actor that ends and is started anew goes on under its id, and is introduced once", () => {
  const { source, recorded, settle } = bridge();
  startLamp(source, 1).stop();
  startLamp(source, 1).send({ type: "BREAK", why: "stone" });
  settle();
  expect(lines(recorded)).toEqual([
    "w1/lamp-1 is lamp-1",
    "w1/lamp-1 hears xstate.init",
    'w1/lamp-1 at "off"',
    'w1/lamp-1 at "off" stopped',
    "w1/lamp-1 hears xstate.init",
    'w1/lamp-1 at "off"',
    "w1/lamp-1 hears BREAK",
    'w1/lamp-1 at "broken" done',
  ]);
});

test("children are told with their parents and senders", async () => {
  const { source, recorded, settle } = bridge();
  const parent = setup({ actors: { child: fromPromise(async () => 42) } }).createMachine({
    id: "parent",
    initial: "waiting",
    states: { waiting: { invoke: { id: "job", src: "child", onDone: "ready" } }, ready: {} },
  });
  createActor(parent, { id: "boss", inspect: source.inspect }).start();
  await new Promise((resolve) => setTimeout(resolve));
  settle();
  expect(recorded.events().find(({ sessionId }) => sessionId === "w1/boss/job")).toMatchObject({
    parentId: "w1/boss",
    rootId: "w1/boss",
    name: "job",
  });
  expect(lines(recorded)).toContain("w1/boss hears xstate.done.actor.job from w1/boss/job");
  const waiting = recorded.events().find((event) => event.type === "@xstate.snapshot" && event.sessionId === "w1/boss");
  expect(waiting).toMatchObject({ snapshot: { children: { job: { xstate$$type: 1, id: "job" } } } });
});

test("who is not chosen is counted by group and outer state", () => {
  const { source, recorded, settle } = bridge({ choose: { attributes: { number: [2] } }, groupBy: "street" });
  const lamps = [1, 2, 3, 4].map((number) => startLamp(source, number, 9));
  lamps[3]?.send({ type: "PRESS" });
  settle();
  expect(lines(recorded).slice(3)).toEqual(["w1/street-9 is street-9", 'w1/street-9 at {"off":2,"on":1}']);
  lamps[0]?.send({ type: "PRESS" });
  lamps[0]?.send({ type: "PRESS" });
  settle();
  expect(lines(recorded).at(-1)).toBe('w1/street-9 at {"off":1,"on":2}');
  lamps[0]?.stop();
  lamps[3]?.send({ type: "BREAK", why: "age" });
  settle();
  expect(lines(recorded).at(-1)).toBe('w1/street-9 at {"off":1}');
});

test("a change within an outer state does not touch the counts", () => {
  const { source, recorded, settle } = bridge({ choose: [] });
  const actor = startLamp(source, 1);
  actor.send({ type: "PRESS" });
  settle();
  const before = recorded.messages.length;
  actor.send({ type: "PRESS" });
  settle();
  expect(recorded.messages.length).toBe(before);
  expect(lines(recorded).at(-1)).toBe('w1/lamp at {"on":1}');
});

test("what is no actor at all can be counted too", () => {
  const { source, recorded, settle } = bridge({ choose: [], groupBy: "street" });
  source.tally("street-1", { off: 440, on: 8 });
  startLamp(source, 1);
  settle();
  expect(lines(recorded).at(-1)).toBe('w1/street-1 at {"off":441,"on":8}');
  source.tally("street-1", { on: 448 });
  settle();
  expect(lines(recorded).at(-1)).toBe('w1/street-1 at {"off":1,"on":448}');
});

test("an actor becomes chosen by the state that it reaches, and stays so", () => {
  const { source, recorded, settle } = bridge({ choose: { states: ["on"] } });
  const actor = startLamp(source, 1);
  settle();
  expect(lines(recorded)).toEqual(["w1/lamp is lamp", 'w1/lamp at {"off":1}']);
  for (let i = 0; i < 3; i++) actor.send({ type: "PRESS" });
  settle();
  expect(lines(recorded).slice(2)).toEqual([
    "w1/lamp-1 is lamp-1",
    'w1/lamp-1 at {"on":"dim"}',
    "w1/lamp-1 hears PRESS",
    'w1/lamp-1 at {"on":"bright"}',
    "w1/lamp-1 hears PRESS",
    'w1/lamp-1 at "off"',
    "w1/lamp at {}",
  ]);
});

test("a function may choose, by id, group, attributes and states", () => {
  const asked: unknown[] = [];
  const { source, recorded, settle } = bridge({
    groupBy: "street",
    choose: (candidate) => {
      asked.push(candidate);
      return candidate.id === "lamp-2";
    },
  });
  startLamp(source, 1, 5);
  startLamp(source, 2, 5);
  settle();
  expect(asked[0]).toEqual({
    id: "lamp-1",
    group: "street-5",
    attributes: { number: 1, street: 5, presses: 0 },
    states: ["off"],
  });
  expect(lines(recorded).filter((line) => line.includes(" is "))).toEqual([
    "w1/lamp-2 is lamp-2",
    "w1/street-5 is street-5",
  ]);
});

test("parallel states are told each by its path", () => {
  const states: (readonly string[])[] = [];
  const { source } = bridge({ choose: (candidate) => states.push(candidate.states) > 0 });
  createActor(player, { inspect: source.inspect }).start();
  expect(states[0]).toEqual(["sound.normal", "track.loading"]);
});

test("no more actors than the limit are shown; the others are counted, and have a place when one is given up", () => {
  const { source, recorded, settle } = bridge({ limit: 2 });
  const anonymous = [1, 2, 3].map((number) =>
    createActor(lamp, { input: { number, street: 1 }, inspect: source.inspect }).start(),
  );
  settle();
  expect(lines(recorded).filter((line) => line.includes(" is "))).toHaveLength(3);
  expect(lines(recorded).at(-1)).toBe('w1/lamp at {"off":1}');
  anonymous[0]?.stop();
  const next = createActor(lamp, { input: { number: 4, street: 1 }, inspect: source.inspect }).start();
  settle();
  expect(lines(recorded)).toContain(`w1/${next.sessionId} is lamp`);
});

test("an actor with a name keeps its place for its next life", () => {
  const { source, recorded, settle } = bridge({ limit: 1 });
  startLamp(source, 1).stop();
  startLamp(source, 2).stop();
  startLamp(source, 1);
  settle();
  expect(lines(recorded).filter((line) => line.includes(" is "))).toEqual(["w1/lamp-1 is lamp-1", "w1/lamp is lamp"]);
});

test("a choice can change while the actors run", () => {
  const { source, hub, recorded, settle } = bridge({ choose: { ids: ["lamp-1"] } });
  const [first, second] = [startLamp(source, 1), startLamp(source, 2)];
  settle();
  hub.choose({ ids: ["lamp-2"] });
  settle();
  const since = recorded.messages.length;
  first.send({ type: "PRESS" });
  second.send({ type: "PRESS" });
  settle();
  expect(lines(recorded).slice(5, since)).toEqual([
    'w1/lamp-1 at "off" stopped',
    "w1/lamp-2 is lamp-2",
    'w1/lamp-2 at "off"',
    'w1/lamp at {"off":1}',
  ]);
  expect(lines(recorded).slice(since)).toEqual([
    "w1/lamp-2 hears PRESS",
    'w1/lamp-2 at {"on":"dim"}',
    'w1/lamp at {"on":1}',
  ]);
});

test("what is no actor yet can ask whether it would be shown, and has its place then", () => {
  const { source } = bridge({ limit: 1, choose: { attributes: { number: [[1, 5]] } } });
  const candidate = (number: number) => ({ id: `lamp-${number}`, group: "", attributes: { number }, states: ["off"] });
  expect([9, 1, 2, 1].map((number) => source.wants(candidate(number)))).toEqual([false, true, false, true]);
});

test("an actor that runs already can be attached, with its children, and is not told twice", () => {
  const { source, recorded, settle } = bridge();
  const parent = setup({ actors: { lamp } }).createMachine({
    id: "house",
    invoke: { id: "porch", src: "lamp", input: { number: 1, street: 1 } },
  });
  const actor = createActor(parent, { id: "house" }).start();
  source.attach(actor);
  source.attach(actor);
  const porch = actor.getSnapshot().children["porch"] as AnyActorRef;
  porch.send({ type: "PRESS" });
  settle();
  expect(lines(recorded)).toEqual([
    "w1/house is house",
    "w1/house/porch is porch",
    "w1/house/porch hears PRESS",
    'w1/house/porch at {"on":"dim"}',
  ]);
  startLamp(source, 5);
  settle();
  expect(lines(recorded)).toHaveLength(7);
});

test("an actor that fails is shown as failed", () => {
  const { source, recorded, settle } = bridge();
  const failing = setup({ actors: { bad: fromPromise(async () => 1) } }).createMachine({
    id: "bad",
    on: {
      GO: {
        actions: () => {
          throw new Error("broken");
        },
      },
    },
  });
  const parent = setup({ actors: { failing } }).createMachine({
    id: "p",
    invoke: { id: "bad", src: "failing", onError: {} },
  });
  const actor = createActor(parent, { id: "p", inspect: source.inspect }).start();
  (actor.getSnapshot().children["bad"] as AnyActorRef).send({ type: "GO" });
  const alone = createActor(failing, { id: "alone", inspect: source.inspect });
  alone.subscribe({ error: () => {} });
  alone.start().send({ type: "GO" });
  settle();
  const last = (id: string): unknown =>
    recorded.events().findLast((event) => event.type === "@xstate.snapshot" && event.sessionId === id);
  for (const id of ["w1/p/bad", "w1/alone"])
    expect(last(id)).toMatchObject({ snapshot: { status: "error", error: { name: "Error", message: "broken" } } });
});

test("contexts and events can be made fit to be seen", () => {
  const { source, recorded, settle } = bridge({
    sanitizeContext: () => ({ hidden: true }),
    sanitizeEvent: ({ type }) => ({ type }),
  });
  startLamp(source, 1).send({ type: "BREAK", why: "secret" });
  settle();
  expect(recorded.toJsonLines()).not.toContain("secret");
  expect(recorded.events().at(-1)).toMatchObject({ event: { type: "BREAK" }, snapshot: { context: { hidden: true } } });
});

test("who describes an actor decides its group and by what it can be chosen", () => {
  const { source, recorded, settle } = bridge({
    describe: ({ id, machine }) => ({ group: `all ${machine}s`, attributes: { last: id.slice(-1) } }),
    choose: { attributes: { last: ["2"] } },
  });
  startLamp(source, 1);
  startLamp(source, 2);
  settle();
  expect(lines(recorded).filter((line) => line.includes(" is "))).toEqual([
    "w1/lamp-2 is lamp-2",
    "w1/all lamps is all lamps",
  ]);
});

test("a closed source tells nothing more", () => {
  const { source, hub, recorded } = bridge();
  const actor = startLamp(source, 1);
  source.close();
  actor.send({ type: "PRESS" });
  source.flush();
  hub.flush();
  expect(recorded.messages).toHaveLength(3);
  expect(hub.report().sources[0]).toEqual({ source: "w1", received: 3, lost: 0, repeatedBatches: 0, ended: true });
});
