import { type BlockEvent, compileTable, reviveActor, rowHandle } from "@memhp/block";
import fc from "fast-check";
import { expect, test } from "vitest";
import { busy, everyEvent, recordingPorts } from "./events.ts";

const table = compileTable();

const event: fc.Arbitrary<BlockEvent> = fc.oneof(
  fc.constantFrom("online", "kernel", "movable").map((onlineType) => ({ type: "ONLINE", onlineType }) as const),
  fc
    .constantFrom("EBUSY", "EINVAL", "ENOMEM")
    .map((errno) => ({ type: "FAILED", refusal: { ...busy, errno } }) as const),
  fc.constantFrom({ type: "OFFLINE" } as const, { type: "DONE" } as const, { type: "AGAIN" } as const),
);

test("a row and an actor of the same block agree on 20,000 random events, in state and in steps begun", () => {
  const runs = 100;
  const length = 220;
  let compared = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...table.leaves.filter((leaf) => leaf !== "gone")),
      fc.array(fc.nat(), { minLength: length, maxLength: length }),
      (leaf, picks) => {
        const byActor = recordingPorts();
        const byRow = recordingPorts();
        const actor = reviveActor({ block: 40, node: 1, leaf, ports: byActor });
        const row = rowHandle(table, { block: 40, node: 1, leaf, ports: byRow });
        for (const pick of picks) {
          // REMOVE ends a life; the others go on for ever.
          const able = everyEvent.filter(
            ({ type }) => type !== "REMOVE" && actor.actor.getSnapshot().can({ type } as BlockEvent),
          );
          const next = able[pick % able.length] ?? { type: "DONE" };
          actor.send(next);
          row.send(next);
          expect(row.leaf).toBe(actor.leaf);
          compared += 1;
        }
        expect(byRow.performed).toEqual(byActor.performed);
      },
    ),
    { seed: 20_000, numRuns: runs },
  );
  expect(compared).toBeGreaterThanOrEqual(20_000);
});

test("and on what they do not expect: both refuse it, and neither moves", () => {
  fc.assert(
    fc.property(fc.constantFrom(...table.leaves), fc.array(event, { maxLength: 40 }), (leaf, events) => {
      const byActor = recordingPorts();
      const byRow = recordingPorts();
      const actor = reviveActor({ block: 3, node: 0, leaf, ports: byActor });
      const row = rowHandle(table, { block: 3, node: 0, leaf, ports: byRow });
      for (const next of events) {
        const [one, other] = [actor, row].map((handle) => {
          try {
            handle.send(next);
            return undefined;
          } catch (error) {
            return (error as Error).message;
          }
        });
        expect(other).toBe(one);
        expect(row.leaf).toBe(actor.leaf);
      }
      expect(byRow.performed).toEqual(byActor.performed);
    }),
    { seed: 3, numRuns: 300 },
  );
});
