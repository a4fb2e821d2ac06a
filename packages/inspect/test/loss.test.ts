import { createInspectionHub, createInspectionSource, createRecordingSink, type InspectionBatch } from "@memhp/inspect";
import { expect, test, vi } from "vitest";
import { bridge, counter, lines, messageCount, never, startLamp } from "./bridge.ts";

test("messages go out many at once, as soon as a batch is full or when its time has come", () => {
  const sent: InspectionBatch[] = [];
  const later: (() => void)[] = [];
  const source = createInspectionSource({
    workerId: "w1",
    batchSize: 4,
    send: (batch) => sent.push(batch),
    schedule: (run) => later.push(run),
  });
  const actor = startLamp(source, 1);
  expect(sent).toEqual([]);
  actor.send({ type: "PRESS" });
  expect(sent.map(messageCount)).toEqual([4]);
  for (const run of later.splice(0)) run();
  expect(sent.map(messageCount)).toEqual([4, 1]);
  expect(sent.map(({ batch, first }) => [batch, first])).toEqual([
    [1, 0],
    [2, 4],
  ]);
  expect(later).toEqual([]);
});

test("by default a batch is sent within a moment", () => {
  vi.useFakeTimers();
  const sent: InspectionBatch[] = [];
  startLamp(createInspectionSource({ workerId: "w1", send: (batch) => sent.push(batch) }), 1);
  vi.advanceTimersByTime(19);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(sent.map(messageCount)).toEqual([3]);
  vi.useRealTimers();
});

test("a batch that was not taken is sent again later, whole", () => {
  let open = false;
  const hub = createInspectionHub({ schedule: never });
  const source = createInspectionSource({
    workerId: "w1",
    schedule: never,
    send: (batch) => {
      if (!open) return false;
      hub.receive(batch);
      return true;
    },
  });
  startLamp(source, 1);
  source.flush();
  open = true;
  source.close();
  expect(hub.report().sources).toEqual([{ source: "w1", received: 3, lost: 0, repeatedBatches: 0, ended: true }]);
});

test("a transport that throws does not disturb the actors", () => {
  const source = createInspectionSource({
    workerId: "w1",
    batchSize: 1,
    schedule: never,
    send: () => {
      throw new Error("closed");
    },
  });
  const actor = startLamp(source, 1);
  actor.send({ type: "PRESS" });
  expect(actor.getSnapshot().value).toEqual({ on: "dim" });
});

test("a full queue is dropped, the loss is counted on both sides, and the present state is told instead", () => {
  let open = false;
  const { source, hub, recorded, settle } = bridge({
    maxQueued: 10,
    send: (batch) => (open ? hub.receive(batch) : false),
  });
  const actor = startLamp(source, 1);
  for (let i = 0; i < 20; i++) actor.send({ type: "PRESS" });
  open = true;
  settle();
  expect(source.dropped).toBe(3 + 2 * 20);
  expect(hub.report().lost).toBe(source.dropped);
  expect(lines(recorded)).toEqual(["w1/lamp-1 is lamp-1", 'w1/lamp-1 at {"on":"bright"}']);
  actor.send({ type: "PRESS" });
  settle();
  expect(lines(recorded).at(-1)).toBe('w1/lamp-1 at "off"');
  expect(hub.report().lost).toBe(source.dropped);
});

test("no more batches are under way than the transport shall hold; a received one makes room", () => {
  const sent: InspectionBatch[] = [];
  const source = createInspectionSource({
    workerId: "w1",
    batchSize: 1,
    maxUnderway: 2,
    schedule: (run) => run(),
    send: (batch) => sent.push(batch),
  });
  const actor = startLamp(source, 1);
  actor.send({ type: "PRESS" });
  expect(sent).toHaveLength(2);
  source.control({ type: "received", batch: 1 });
  expect(sent.map(messageCount)).toEqual([1, 1, 3]);
});

test("batches that overtake each other are put in order", () => {
  const sent: InspectionBatch[] = [];
  const source = createInspectionSource({
    workerId: "w1",
    now: counter(),
    batchSize: 1,
    schedule: never,
    send: (batch) => sent.push(batch),
  });
  const actor = startLamp(source, 1);
  actor.send({ type: "PRESS" });
  source.close();
  const hub = createInspectionHub({ schedule: never });
  const recorded = createRecordingSink();
  hub.addSink(recorded);
  for (const i of [1, 0, 4, 3, 2, 5]) for (const batch of sent.slice(i, i + 1)) hub.receive(batch);
  hub.flush();
  expect(lines(recorded)).toEqual([
    "w1/lamp-1 is lamp-1",
    "w1/lamp-1 hears xstate.init",
    'w1/lamp-1 at "off"',
    "w1/lamp-1 hears PRESS",
    'w1/lamp-1 at {"on":"dim"}',
  ]);
  expect(hub.report().sources[0]).toMatchObject({ received: 5, lost: 0, ended: true });
});

test("a batch that never comes is a loss, and the present state is asked for", () => {
  let swallow = false;
  const { source, hub, recorded, settle } = bridge({
    batchSize: 1,
    send: (batch) => (swallow ? undefined : hub.receive(batch)),
  });
  const actor = startLamp(source, 1);
  hub.flush();
  swallow = true;
  actor.send({ type: "PRESS" });
  swallow = false;
  for (let i = 0; i < 5; i++) actor.send({ type: "PRESS" });
  settle();
  expect(hub.report().sources[0]).toMatchObject({ lost: 2, ended: false });
  expect(lines(recorded).at(-1)).toBe('w1/lamp-1 at "off"');
});

test("what is missing at the end is a loss too", () => {
  const sent: InspectionBatch[] = [];
  const source = createInspectionSource({
    workerId: "w1",
    batchSize: 1,
    schedule: never,
    send: (batch) => sent.push(batch),
  });
  startLamp(source, 1);
  source.close();
  const withoutLast = createInspectionHub({ schedule: never });
  for (const batch of sent.slice(0, -1)) withoutLast.receive(batch);
  expect(withoutLast.report().sources[0]).toMatchObject({ lost: 0, ended: false });
  const withGap = createInspectionHub({ schedule: never });
  for (const batch of sent.toSpliced(1, 1)) withGap.receive(batch);
  withGap.close();
  expect(withGap.report().sources[0]).toMatchObject({ received: 2, lost: 1, ended: true });
});

test("a batch that comes twice is taken once", () => {
  const sent: InspectionBatch[] = [];
  const source = createInspectionSource({ workerId: "w1", schedule: never, send: (batch) => sent.push(batch) });
  startLamp(source, 1);
  source.flush();
  const hub = createInspectionHub({ schedule: never });
  for (const batch of [...sent, ...sent]) hub.receive(batch);
  expect(hub.report().sources[0]).toMatchObject({ received: 3, lost: 0, repeatedBatches: 1 });
});

test("a promise that is rejected counts as a loss, and is no unhandled rejection", async () => {
  let fail = true;
  const hub = createInspectionHub({ schedule: never });
  const recorded = createRecordingSink();
  hub.addSink(recorded);
  const source = createInspectionSource({
    workerId: "w1",
    schedule: never,
    send: async (batch) => {
      if (fail) throw new Error("port closed");
      hub.receive(batch);
    },
  });
  startLamp(source, 1);
  source.flush();
  await Promise.resolve();
  fail = false;
  await new Promise((resolve) => setTimeout(resolve));
  source.close();
  await new Promise((resolve) => setTimeout(resolve));
  hub.close();
  expect(hub.report().sources[0]).toMatchObject({ lost: 3, ended: true });
  expect(lines(recorded)).toEqual(["w1/lamp-1 is lamp-1", 'w1/lamp-1 at "off"']);
});
