import {
  createInspectionHub,
  createInspectionSource,
  createRecordingSink,
  type InspectionControl,
  type InspectionHub,
  type InspectionSource,
  inspectorSink,
  textSink,
} from "@memhp/inspect";
import { expect, test, vi } from "vitest";
import { bridge, counter, lines, never, startLamp } from "./bridge.ts";

function sourceOf(hub: InspectionHub, workerId: string, now: () => number, limit = 50): InspectionSource {
  const source = createInspectionSource({ workerId, now, limit, schedule: never, send: (batch) => hub.receive(batch) });
  hub.connect(workerId, (message) => source.control(message));
  return source;
}

test("several sources become one stream in the order of time, each in its own order", () => {
  const hub = createInspectionHub({ schedule: never });
  const recorded = createRecordingSink();
  hub.addSink(recorded);
  let now = 0;
  const [a, b] = [sourceOf(hub, "a", () => now), sourceOf(hub, "b", () => now)];
  const [first, second] = [startLamp(a, 1), startLamp(b, 2)];
  now = 1;
  second.send({ type: "PRESS" });
  now = 2;
  first.send({ type: "PRESS" });
  b.flush();
  a.flush();
  hub.flush();
  expect(lines(recorded).filter((line) => line.includes("hears"))).toEqual([
    "a/lamp-1 hears xstate.init",
    "b/lamp-2 hears xstate.init",
    "b/lamp-2 hears PRESS",
    "a/lamp-1 hears PRESS",
  ]);
});

test("a source whose clock jumps back keeps its order", () => {
  const times = [5, 4, 3, 9, 1, 2];
  const { source, recorded, settle } = bridge({ now: () => times.shift() ?? 0 });
  startLamp(source, 1).send({ type: "PRESS" });
  settle();
  expect(recorded.messages.map(({ at }) => at)).toEqual([5, 4, 3, 9, 1]);
});

test("who comes late is told all actors and their states first, and no history", () => {
  const { source, hub, settle } = bridge({ choose: { attributes: { number: [1, 2] } } });
  const [first, second] = [1, 2, 3].map((number) => startLamp(source, number));
  for (let i = 0; i < 4; i++) first?.send({ type: "PRESS" });
  second?.stop();
  settle();
  const late = createRecordingSink();
  const remove = hub.addSink(late);
  expect(lines(late)).toEqual([
    "w1/lamp-1 is lamp-1",
    'w1/lamp-1 at {"on":"dim"}',
    "w1/lamp-2 is lamp-2",
    'w1/lamp-2 at "off" stopped',
    "w1/lamp is lamp",
    'w1/lamp at {"off":1}',
  ]);
  first?.send({ type: "PRESS" });
  settle();
  expect(lines(late).at(-1)).toBe('w1/lamp-1 at {"on":"bright"}');
  remove();
  first?.send({ type: "PRESS" });
  settle();
  expect(late.messages).toHaveLength(8);
});

test("of actors that have ended, only the last hundred are remembered", () => {
  const { source, hub, settle } = bridge({ limit: 1000 });
  const stay = startLamp(source, 0);
  for (let i = 1; i <= 150; i++) startLamp(source, i).stop();
  settle();
  const ids = hub.picture().flatMap(({ kind, actor }) => (kind === "actor" ? [actor] : []));
  expect(ids).toHaveLength(101);
  expect(ids.slice(0, 2)).toEqual(["w1/lamp-0", "w1/lamp-51"]);
  expect(stay.getSnapshot().status).toBe("active");
});

test("two sources of one name are refused, unless the first has closed", () => {
  const hub = createInspectionHub({ schedule: never });
  const source = sourceOf(hub, "a", counter());
  expect(() => hub.connect("a", never)).toThrow('two inspection sources are called "a"');
  source.close();
  startLamp(sourceOf(hub, "a", counter()), 1);
  expect(hub.report().sources).toHaveLength(1);
});

test("text goes to a socket as the official receiver reads it, one message at a time", () => {
  const { source, hub, settle } = bridge();
  const sent: string[] = [];
  hub.addSink(textSink((text) => sent.push(text)));
  startLamp(source, 1);
  settle();
  expect(sent.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual([
    "@xstate.actor",
    "@xstate.event",
    "@xstate.snapshot",
  ]);
});

test("an official inspector is given events through its adapter", () => {
  const { source, hub, settle } = bridge();
  const sent: unknown[] = [];
  hub.addSink(inspectorSink({ adapter: { send: (event) => sent.push(event) } }));
  startLamp(source, 1);
  settle();
  expect(sent[2]).toMatchObject({ type: "@xstate.snapshot", sessionId: "w1/lamp-1", _version: expect.any(String) });
});

test("a sink that throws is removed, and the others hear the rest", () => {
  const errors: unknown[] = [];
  const hub = createInspectionHub({ schedule: never, onSinkError: (error) => errors.push(error) });
  hub.addSink({
    take: () => {
      throw new Error("socket closed");
    },
  });
  const recorded = createRecordingSink();
  hub.addSink(recorded);
  const source = sourceOf(hub, "a", counter());
  startLamp(source, 1);
  source.flush();
  hub.flush();
  expect(errors).toEqual([new Error("socket closed")]);
  expect(recorded.messages).toHaveLength(3);
  expect(hub.report().delivered).toBe(3);
});

test("by default a hub delivers within a moment", () => {
  vi.useFakeTimers();
  const hub = createInspectionHub();
  const recorded = createRecordingSink();
  hub.addSink(recorded);
  const source = sourceOf(hub, "a", counter());
  startLamp(source, 1);
  source.flush();
  expect(recorded.messages).toHaveLength(0);
  vi.advanceTimersByTime(10);
  expect(recorded.messages).toHaveLength(3);
  vi.useRealTimers();
});

test("places are divided where more are wanted than there are, and what one source does not want goes to another", () => {
  const hub = createInspectionHub({ schedule: never, limit: 10 });
  const recorded = createRecordingSink();
  hub.addSink(recorded);
  const sources = ["a", "b"].map((name) => sourceOf(hub, name, counter(), 10));
  const [a, b] = sources as [InspectionSource, InspectionSource];
  for (let i = 0; i < 30; i++) startLamp(a, i);
  for (let i = 0; i < 3; i++) startLamp(b, i);
  for (let round = 0; round < 3; round++) for (const source of sources) source.flush();
  hub.flush();
  const shown = hub.picture().filter(({ kind, text }) => kind === "snapshot" && text.includes('"status":"active"'));
  expect(shown.filter(({ actor }) => actor.startsWith("a/lamp-"))).toHaveLength(7);
  expect(shown.filter(({ actor }) => actor.startsWith("b/lamp-"))).toHaveLength(3);
  expect(lines(recorded)).toContain('a/lamp at {"off":23}');
});

test("sources are told when nobody watches any more", () => {
  const hub = createInspectionHub({ schedule: never });
  const heard: InspectionControl[] = [];
  hub.connect("a", (message) => heard.push(message));
  hub.close();
  expect(heard).toEqual([{ type: "end" }]);
});
