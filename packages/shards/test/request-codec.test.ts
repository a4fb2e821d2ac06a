import { allEvents, type Batch, type NodeRequest } from "@memhp/hotplug";
import { defaultPolicy } from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packBatch, unpackBatch } from "../src/remote/request-codec.ts";

const node = fc.nat(1023);
/** In any order, more than once, and mostly neighbours. */
const blocks = fc
  .array(fc.tuple(fc.nat(2 ** 33), fc.integer({ min: 1, max: 5 })), { maxLength: 5 })
  .map((runs) => runs.flatMap(([first, count]) => Array.from({ length: count }, (_, i) => first + i)));

const request: fc.Arbitrary<NodeRequest> = fc.oneof(
  fc.record({ op: fc.constant("online" as const), node, blocks, type: fc.constant("movable" as const) }),
  fc.record({ op: fc.constant("offline" as const), node, blocks, patienceNs: fc.nat() }),
  fc.record({ op: fc.constant("set_firmware" as const), node, blocks }),
  fc.record({ op: fc.constant("set_unmovable" as const), node, block: fc.nat(), unmovable: fc.boolean() }),
);

test("property: a batch crosses to a worker as it is", () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 4 }), (requests) => {
      const batch: Batch = {
        startNs: 5,
        untilNs: Number.POSITIVE_INFINITY,
        requests,
        policy: defaultPolicy,
        wants: allEvents,
      };
      expect(unpackBatch(structuredClone(packBatch(batch)))).toEqual(batch);
    }),
    { seed: 12, numRuns: 200 },
  );
});
