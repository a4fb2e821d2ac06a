import { compareEvents, type SimEvent } from "@memhp/abi";
import { type BatchAnswer, type BlockOutcome, EventColumns, inOrder } from "@memhp/hotplug";
import { absentRow } from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packAnswer, unpackAnswer } from "../src/remote/answer-codec.ts";

const place = { atNs: fc.nat(), node: fc.integer({ min: -1, max: 1023 }), seq: fc.nat() };
const nid = fc.integer({ min: -1, max: 1023 });
const word = fc.constantFrom("online", "offline", "going_online.notifying", "early", "late", "add");
const event: fc.Arbitrary<SimEvent> = fc.oneof(
  fc.record({
    ...place,
    type: fc.constant("uevent" as const),
    action: word,
    devpath: fc.nat().map((n) => `/devices/system/memory/memory${n}`),
    subsystem: fc.constant("memory"),
  }),
  fc.record({
    ...place,
    type: fc.constant("uevent" as const),
    action: word,
    devpath: fc.constant("/devices/system/node/node1"),
    subsystem: fc.constant("node"),
  }),
  fc.record({ ...place, type: fc.constant("block" as const), block: fc.nat(), from: word, to: word }),
  fc.record({
    ...place,
    type: fc.constant("zone" as const),
    zone: fc.constantFrom("Normal" as const, "Movable" as const),
    startPfn: fc.nat(),
    spannedPages: fc.nat(),
    presentPages: fc.nat(),
    managedPages: fc.nat(),
  }),
  fc.record(
    {
      ...place,
      type: fc.constant("notifier" as const),
      name: word,
      ret: fc.nat(0xffff),
      action: fc.constant("MEM_ONLINE" as const),
      startPfn: fc.nat(),
      nrPages: fc.nat(),
      statusChangeNidNormal: nid,
      statusChangeNidHigh: nid,
      statusChangeNid: nid,
    },
    {
      requiredKeys: [
        "atNs",
        "node",
        "seq",
        "type",
        "name",
        "ret",
        "action",
        "startPfn",
        "nrPages",
        "statusChangeNidNormal",
        "statusChangeNid",
      ],
    },
  ),
  fc.record({ ...place, type: fc.constant("log" as const), level: fc.nat(7), text: fc.string() }),
);
const outcome: fc.Arbitrary<BlockOutcome> = fc.oneof(
  fc.constantFrom("changed" as const, "unchanged" as const),
  fc.record({
    refusal: fc.constant({ errno: "EBUSY", code: "unmovable_page", rule: "", retry: "no", remedy: [] } as const),
  }),
);

test("an answer is the same on both sides of a worker", () => {
  fc.assert(
    fc.property(
      fc.array(event),
      fc.array(outcome),
      fc.array(fc.nat()),
      fc.boolean(),
      (events, outcomes, ids, finished) => {
        const answer: BatchAnswer = {
          finished,
          endNs: 7,
          results: [{ op: "online", outcomes }, { op: "remember_type" }],
          events: EventColumns.of(events),
          delta: {
            rows: ids.map((id, i) => ({
              row: { ...absentRow(id), state: 3, onlineType: "movable" as const },
              count: i + 1,
            })),
            parts: [],
            nodes: [],
            pages: [],
          },
          targetRequests: [],
          free: [],
          stalled: false,
        };
        const read = ({ events: columns, ...rest }: BatchAnswer) => ({ ...rest, events: [...inOrder(columns)] });
        const before = read(answer);
        const back = read(unpackAnswer(structuredClone(packAnswer(answer))));
        expect(back).toEqual(before);
        expect(back.events).toEqual([...events].sort(compareEvents));
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test("a request that still runs stays a hole in the results", () => {
  const answer: BatchAnswer = {
    finished: false,
    endNs: 0,
    results: [undefined as never, { op: "remember_type" }],
    events: new EventColumns(),
    delta: { rows: [], parts: [], nodes: [], pages: [] },
    targetRequests: [],
    free: [],
    stalled: false,
  };
  expect(unpackAnswer(packAnswer(answer)).results).toEqual(answer.results);
});
