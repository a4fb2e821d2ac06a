import type { ZoneIndex } from "@memhp/abi";
import { emptyNode } from "@memhp/engine";
import type { RoundPart, TargetRequest } from "@memhp/hotplug";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type NodeCounters,
  OwnerNames,
  type PartHead,
  readHead,
  readNodes,
  readRequests,
  writePart,
} from "../../src/rounds/part-codec.ts";

const pages = fc.nat({ max: 2 ** 31 });
const counters = fc.array(fc.tuple(pages, pages, pages, pages), { minLength: 5, maxLength: 5 });
const node = fc
  .record({ id: fc.nat({ max: 1023 }), online: fc.boolean(), hasMemory: fc.boolean(), counters })
  .map(({ id, online, hasMemory, counters: zones }) => {
    const memory = Object.assign(emptyNode(id), { online, hasMemory });
    for (const [index, [managedPages, presentPages, earlyPages]] of zones.entries())
      Object.assign(memory.zones[index as ZoneIndex], { managedPages, presentPages, earlyPages });
    return { memory, free: zones.map(([, , , free]) => free) };
  });
/** Some have one sum of letters: "Aa" and "BB" weigh the same where each letter counts 31 times the next. */
const owner = fc.oneof(fc.constantFrom("load:Aa", "load:BB", "load:AaBB", "load:BBAa", ""), fc.string());
const folio = fc.record({ kind: fc.nat({ max: 40 }), order: fc.nat({ max: 18 }), owner, count: pages });
const targetRequest = fc
  .record({
    node: fc.nat({ max: 1023 }),
    atNs: fc.nat(),
    block: fc.nat(),
    zone: fc.constantFrom<ZoneIndex>(0, 1, 2, 3),
    folios: fc.array(folio, { maxLength: 4 }),
    own: fc.boolean(),
  })
  .map(({ own, ...rest }) => (own ? { ...rest, ownNodeFirst: true as const } : rest));
const part: fc.Arbitrary<RoundPart> = fc.record({
  targetRequests: fc.array(targetRequest, { maxLength: 6 }),
  nodes: fc.uniqueArray(node, { maxLength: 4, selector: ({ memory }) => memory.id }),
  finished: fc.boolean(),
  events: fc.nat(),
});

test("the others read of a part what its shard wrote, round after round into the same memory", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const numbers = new Float64Array(4096);
      const names = new OwnerNames();
      for (const told of parts) {
        writePart(numbers, told);
        const head = readHead(numbers) as PartHead;
        const nodes = new Map<number, NodeCounters>();
        const targetRequests: TargetRequest[] = [];
        const at = readNodes(numbers, head, (id) => {
          const counted = { memory: emptyNode(id), free: [] };
          nodes.set(id, counted);
          return counted;
        });
        readRequests(numbers, head, at, names, targetRequests);
        const { finished, events } = head;
        expect({ targetRequests, nodes: [...nodes.values()], finished, events }).toEqual(told);
      }
    }),
  );
});

test("of a part that is longer than its memory nothing is read", () => {
  const numbers = new Float64Array(20);
  const request = { node: 0, atNs: 0, block: 1, zone: 3 as const, folios: [] };
  writePart(numbers, { targetRequests: [request, request], nodes: [], finished: false, events: 0 });
  expect(readHead(numbers)).toBeDefined();
  writePart(numbers, { targetRequests: [request, request, request], nodes: [], finished: false, events: 0 });
  expect(readHead(numbers)).toBeUndefined();
});
