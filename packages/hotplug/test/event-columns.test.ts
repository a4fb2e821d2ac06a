import { compareEvents, type EventBody, type SimEvent } from "@memhp/abi";
import { EventColumns, EventMerge, inOrder } from "@memhp/hotplug";
import fc from "fast-check";
import { expect, test } from "vitest";

const word = fc.constantFrom("online", "offline", "early", "late");
const numbers = { startPfn: fc.nat(), nrPages: fc.nat(), statusChangeNidNormal: fc.nat(), statusChangeNid: fc.nat() };
const body: fc.Arbitrary<EventBody> = fc.oneof(
  fc.record({ type: fc.constant("block" as const), block: fc.nat(), from: word, to: word }),
  fc.record({
    type: fc.constant("notifier" as const),
    name: word,
    ret: fc.nat(),
    action: fc.constantFrom("MEM_ONLINE" as const, "MEM_OFFLINE" as const),
    ...numbers,
  }),
  fc.record({
    type: fc.constant("uevent" as const),
    action: word,
    devpath: fc.constantFrom(
      "/devices/system/memory/memory7",
      "/devices/system/memory/memory",
      "/devices/system/node/node1",
    ),
    subsystem: fc.constantFrom("memory", "node"),
  }),
  fc.record({ type: fc.constant("migrate" as const), block: fc.nat(), pages: fc.nat(), targetNode: fc.nat() }),
  fc.record({ type: fc.constant("log" as const), level: fc.nat(7), text: fc.string() }),
);
const place = fc.record({ atNs: fc.nat(50), node: fc.integer({ min: -1, max: 4 }) });
const bodies = fc.array(fc.tuple(place, body), { maxLength: 60 });

/** Events with a sequence number of their own each. */
function eventsOf(pairs: readonly (readonly [{ atNs: number; node: number }, EventBody])[], first = 0): SimEvent[] {
  return pairs.map(([at, each], i) => ({ ...each, ...at, seq: first + i }));
}

test("property: columns read back as the events that were added, in the order of the stream", () => {
  fc.assert(
    fc.property(bodies, (pairs) => {
      const events = eventsOf(pairs);
      const columns = EventColumns.of(events);
      const sorted = events.toSorted(compareEvents);
      expect([...inOrder(columns)]).toEqual(sorted);
      // Copied event by event, they are the same.
      const copy = new EventColumns();
      for (let i = 0; i < columns.length; i++) copy.copy(columns, i);
      expect([...inOrder(copy)]).toEqual(sorted);
      copy.pack();
      expect([...inOrder(copy)]).toEqual(sorted);
      const again = new EventColumns(copy.length);
      for (let i = 0; i < copy.length; i++) again.copy(copy, i);
      expect([...inOrder(again)]).toEqual(sorted);
      expect([...inOrder(EventColumns.from(structuredClone(columns.moveOut())))]).toEqual(sorted);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("packed events take the room of their numbers, halved where those are small", () => {
  const block = (number: number): SimEvent => ({
    type: "block",
    block: number,
    from: "a",
    to: "b",
    atNs: 0,
    node: 0,
    seq: 0,
  });
  const bytes = (number: number): number => {
    const columns = EventColumns.of(Array.from({ length: 1000 }, () => block(number)));
    columns.pack();
    return columns.fields.byteLength;
  };
  expect(bytes(2 ** 31 - 1)).toBe(1000 * 3 * 4);
  expect(bytes(2 ** 31)).toBe(1000 * 3 * 8);
});

test("property: origins merge to one stream whoever comes first, and what is not before a time waits", () => {
  fc.assert(
    fc.property(fc.array(bodies, { minLength: 1, maxLength: 4 }), fc.nat(50), (origins, atNs) => {
      const events = origins.map((pairs, origin) => eventsOf(pairs, 1000 * origin));
      const all = events.flat().toSorted(compareEvents);
      for (const order of [events, events.toReversed()]) {
        const merge = new EventMerge();
        for (const each of order) merge.add(EventColumns.of(each));
        expect([...merge.takeBefore(atNs)]).toEqual(all.filter((event) => event.atNs < atNs));
        const later = all.filter((event) => event.atNs >= atNs);
        expect([merge.holds, merge.nextNs]).toEqual([later.length > 0, later[0]?.atNs ?? Number.POSITIVE_INFINITY]);
        expect([...merge.takeBefore(Number.POSITIVE_INFINITY)]).toEqual(later);
        const unread = new EventMerge();
        for (const each of order) unread.add(EventColumns.of(each));
        unread.dropBefore(atNs);
        expect([...unread.takeBefore(Number.POSITIVE_INFINITY)]).toEqual(later);
      }
    }),
    { seed: 6, numRuns: 200 },
  );
});
