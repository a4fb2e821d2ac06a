import {
  compareEvents,
  NOTIFY_OK,
  notifierFromErrno,
  onlineTypes,
  type PfnRange,
  type SimEvent,
  ZONE_NORMAL,
} from "@memhp/abi";
import {
  blockEndPfn,
  blockStartPfn,
  BlockFlag,
  BlockState,
  isZoneEmpty,
  type MemoryMap,
  nodeOf,
  recountZone,
  type Zone,
  zoneEndPfn,
} from "@memhp/engine";
import type { NodeRequest } from "@memhp/hotplug";
import { countNodeMasks } from "@memhp/notifier";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Answer, add, blocks, contigZones, createLab, FIRST, type Lab, remove } from "./lab.ts";
import { type Kernel, kernelIds } from "../../../tools/conformance/src/kernels.ts";
import { expectEqual } from "../../../tools/conformance/test/expect-equal.ts";

/** 1 GiB on node 0, with the firmware's holes; 256 MiB on node 1; node 2 comes and goes with its DIMMs. */
const ram: readonly PfnRange[][] = [
  [
    { startPfn: 1, endPfn: 0x9f },
    { startPfn: 0x100, endPfn: 0x3ffe0 },
  ],
  [{ startPfn: 0x40000, endPfn: 0x50000 }],
  [],
];

const at = fc.nat(15);
const pick = fc.nat();
/** The chain refuses this step, and which action of it. */
const veto = fc.option(fc.constantFrom("ENOMEM", "EBUSY", "EPERM"), { nil: undefined, freq: 6 });

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant("add"), node: fc.nat(2), at, count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant("online"),
      pick,
      count: fc.integer({ min: 1, max: 3 }),
      type: fc.constantFrom(...onlineTypes, "remembered"),
      veto,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constant("offline"), pick, count: fc.integer({ min: 1, max: 3 }), veto }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("remove"), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant("remember_type"), pick, type: fc.constantFrom(...onlineTypes) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("mark"),
      pick,
      flag: fc.constantFrom("unmovable", "poisoned"),
      on: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Dimm {
  readonly node: number;
  readonly first: number;
  readonly count: number;
}

/** A machine, its DIMMs, and a callback that can be told to refuse. */
class Bench {
  readonly lab: Lab;
  readonly events: SimEvent[] = [];
  readonly #dimms: Dimm[] = [];
  #veto: string | undefined;

  constructor(kernel: string, autoMovable: boolean) {
    const policy = autoMovable ? { ...contigZones, policy: "auto-movable" as const } : contigZones;
    this.lab = createLab(kernel, { ram, policy, rowsFrom: 2 });
    this.lab.chain.register({
      name: "moody",
      call: (action) =>
        this.#veto !== undefined && action.startsWith("MEM_GOING")
          ? notifierFromErrno(this.#veto as "EBUSY")
          : NOTIFY_OK,
    });
  }

  /** Runs a step if the machine allows it now; the answer, or undefined. */
  async perform(taken: Step): Promise<Answer | undefined> {
    const requests = this.#requests(taken);
    if (requests.length === 0) return undefined;
    this.#veto = "veto" in taken ? taken.veto : undefined;
    const answer = await this.lab.run(requests);
    this.events.push(...answer.events);
    return answer;
  }

  #requests(taken: Step): NodeRequest[] {
    const { map } = this.lab;
    const ids = [...map.blocks.ids()];
    const one = ids["pick" in taken ? taken.pick % ids.length : 0] ?? 0;
    switch (taken.op) {
      case "add": {
        const dimm = { node: taken.node, first: FIRST + taken.at, count: taken.count };
        if (blocks(dimm.first, dimm.count).some((id) => map.blocks.has(id))) return [];
        this.#dimms.push(dimm);
        return [add(dimm.node, dimm.first, dimm.count)];
      }
      case "remove": {
        const index = this.#dimms.findIndex(
          ({ first }) => first === this.#dimms[taken.pick % this.#dimms.length]?.first,
        );
        const dimm = this.#dimms[index];
        const isOff = (id: number) => map.blocks.state(id) === BlockState.offline;
        if (dimm === undefined || !blocks(dimm.first, dimm.count).every(isOff)) return [];
        this.#dimms.splice(index, 1);
        return [remove(dimm.node, dimm.first, dimm.count, dimm.node !== 2)];
      }
      case "remember_type":
        return [{ op: "remember_type", node: map.blocks.node(one), block: one, type: taken.type }];
      case "mark":
        if (taken.flag === "poisoned") {
          map.blocks.setFlag(one, BlockFlag.poisoned, taken.on);
          this.lab.replica.blocks.setFlag(one, BlockFlag.poisoned, taken.on);
          return [];
        }
        return [{ op: "set_unmovable", node: map.blocks.node(one), block: one, unmovable: taken.on }];
      default:
        return this.#changes(taken.op, ids, taken);
    }
  }

  /** An online or offline of some neighbours, as one request for each of their nodes. */
  #changes(
    op: "online" | "offline",
    ids: number[],
    taken: Extract<Step, { count: number; pick: number }>,
  ): NodeRequest[] {
    const { map } = this.lab;
    const from = taken.pick % ids.length;
    const chosen = ids.slice(from, from + taken.count);
    const nodes = [...new Set(chosen.map((id) => map.blocks.node(id)))];
    return nodes.map((node): NodeRequest => {
      const list = chosen.filter((id) => map.blocks.node(id) === node);
      return op === "offline"
        ? { op, node, blocks: list }
        : { op, node, blocks: list, type: (taken as { type: "online" }).type };
    });
  }
}

function checkCounters(kernel: Kernel, map: MemoryMap): void {
  for (const node of map.nodes.values()) {
    for (const zone of node.zones) {
      const found = recountZone(map, node.id, zone.index);
      expectEqual([zone.presentPages, zone.earlyPages], [found.presentPages, found.earlyPages]);
    }
    expectEqual(
      node.presentPages,
      node.zones.reduce((sum, zone) => sum + zone.presentPages, 0),
    );
    const counted = countNodeMasks(
      kernel,
      node.zones.map((zone) => zone.presentPages),
    );
    expectEqual({ normalMemory: node.hasNormalMemory, memory: node.hasMemory }, counted);
  }
}

const bounds = (zone: Zone) => (isZoneEmpty(zone) ? [0, 0] : [zone.startPfn, zoneEndPfn(zone)]);

/** 6.x: each edge of a span is a page that is online (observed-6 §4). */
function checkTightSpans(map: MemoryMap): void {
  for (const node of map.nodes.values()) {
    for (const zone of node.zones) {
      const { startPfn, endPfn } = recountZone(map, node.id, zone.index);
      expectEqual(bounds(zone), [startPfn, endPfn]);
    }
  }
}

/** 4.1: the span of a zone holds all its blocks, online or offline (facts §3.1 step 3). */
function checkCoveringSpans(map: MemoryMap): void {
  for (const id of map.blocks.ids()) {
    const node = nodeOf(map, map.blocks.node(id));
    const index = map.blocks.zone(id);
    // Boot RAM need not fill its last block.
    if (index < ZONE_NORMAL || index > 3) continue;
    const zone = node.zones[index as 2];
    const isCovered = zone.startPfn <= blockStartPfn(map, id) && zoneEndPfn(zone) >= blockEndPfn(map, id);
    expectEqual({ id, isCovered }, { id, isCovered: true });
  }
}

/** No two events of a node have one place in the stream, over all batches. */
function checkOrder(events: readonly SimEvent[]): void {
  for (const node of new Set(events.map((event) => event.node))) {
    const own = events.filter((event) => event.node === node);
    const misplaced = own.filter((event, i) => i > 0 && compareEvents(own[i - 1] ?? event, event) >= 0);
    expect(misplaced).toEqual([]);
  }
}

const contents = ({ blocks: table, parts, nodes }: MemoryMap) => ({
  rows: [...table.ids()].map((id) => table.row(id)),
  parts,
  nodes,
});

/** What a refused change must leave as it was. A remembered type is used up by the attempt (facts §2.8). */
function untouched(map: MemoryMap): unknown {
  const { rows, parts, nodes } = contents(map);
  return structuredClone({ rows: rows.map(({ onlineType: _onlineType, ...row }) => row), parts, nodes });
}

/** The same without what 4.1 moves before it asks anybody: the zones and spans (observed-4.1 Q2). */
function counted(map: MemoryMap): unknown {
  const { rows, nodes } = contents(map);
  return {
    rows: rows.map(({ onlineType: _onlineType, zone: _zone, ...row }) => row),
    nodes: [...nodes.values()].map(({ zones, presentPages, hasMemory, hasNormalMemory, online }) => [
      zones.map((zone) => [zone.presentPages, zone.managedPages, zone.earlyPages]),
      [presentPages, hasMemory, hasNormalMemory, online],
    ]),
  };
}

function isAllRefused({ results }: Answer): boolean {
  const changes = results.map((result) =>
    "outcomes" in result ? result.outcomes.filter((outcome) => outcome === "changed").length : 1,
  );
  return changes.every((count) => count === 0);
}

const cases = [...kernelIds.map((kernel) => [kernel, false] as const), ["6.1", true] as const].map(
  ([kernel, autoMovable], index) =>
    [kernel, autoMovable ? "auto-movable" : "contig-zones", autoMovable, 500 + index] as const,
);

test.for(cases)(
  "property: %s, %s: after any sequence counters, masks and spans equal a recount, a refusal leaves no trace, the replica follows",
  async ([kernel, , autoMovable, seed]) => {
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 70, size: "max" }), async (steps) => {
        const bench = new Bench(kernel, autoMovable);
        const { map, replica } = bench.lab;
        const isBound = map.kernel.zones.zoneBinding === "at-add";
        for (const taken of steps) {
          const look = isBound && taken.op === "online" ? counted : untouched;
          const before = look(map);
          const answer = await bench.perform(taken);
          if (answer === undefined) continue;
          expectEqual(answer.events.toReversed().sort(compareEvents), answer.events);
          if (isAllRefused(answer)) {
            refusals += 1;
            expectEqual(look(map), before);
          }
          checkCounters(bench.lab.kernel, map);
          if (isBound) checkCoveringSpans(map);
          else checkTightSpans(map);
          expectEqual(contents(replica), contents(map));
        }
        checkOrder(bench.events);
      }),
      { seed, numRuns: 30 },
    );
    // The sequences did meet refusals.
    expect(refusals).toBeGreaterThan(50);
  },
);
