import { compareEvents, type SimEvent } from "@memhp/abi";
import fc from "fast-check";
import { expect, test } from "vitest";

const event = (atNs: number, node: number, seq: number): SimEvent => ({
  type: "log",
  level: 6,
  text: "",
  atNs,
  node,
  seq,
});

test("events are ordered by simulated time, then node, then sequence", () => {
  const order = [event(0, 5, 9), event(1, -1, 3), event(1, 0, 2), event(1, 0, 3), event(1, 2, 0)];
  expect(order.toReversed().toSorted(compareEvents)).toEqual(order);
  expect(compareEvents(event(1, 2, 3), event(1, 2, 3))).toBe(0);
});

test("property: the order of the stream does not depend on the order in which events arrived", () => {
  const events = fc.uniqueArray(fc.tuple(fc.nat(3), fc.integer({ min: -1, max: 3 }), fc.nat(3)), { selector: String });
  fc.assert(
    fc.property(events, (list) => {
      const stream = list.map(([atNs, node, seq]) => event(atNs, node, seq));
      expect(stream.toReversed().toSorted(compareEvents)).toEqual(stream.toSorted(compareEvents));
    }),
  );
});
