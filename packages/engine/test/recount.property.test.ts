import { onlineTypes, type PfnRange, ZONE_DMA } from "@memhp/abi";
import {
  blockEndPfn,
  blockStartPfn,
  BlockState,
  isZoneEmpty,
  type MemoryMap,
  nodeOf,
  recountZone,
  type Zone,
  zoneEndPfn,
} from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK, boot, HIGH } from "./boards.ts";
import { contigZones, driverOf, type HotplugDriver } from "./hotplug-driver.ts";
import { expectEqual } from "../../../tools/conformance/test/expect-equal.ts";

/** Small, so that many steps meet: 1 GiB on node 0, 256 MiB of whole blocks on node 1, nothing on node 2. */
const ram: readonly PfnRange[][] = [[{ startPfn: 1, endPfn: 0x40000 }], [{ startPfn: 0x40000, endPfn: 0x50000 }], []];

const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("add"),
      node: fc.nat(2),
      at: fc.nat(15),
      blocks: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constant("online"), pick: fc.nat(), type: fc.constantFrom(...onlineTypes) }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("offline"), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("remove"), pick: fc.nat() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Dimm {
  readonly node: number;
  readonly first: number;
  readonly blocks: number;
}

/** The machine and what is plugged into it. */
class Bench {
  readonly driver: HotplugDriver;
  readonly dimms: Dimm[] = [];

  constructor(kernel: string, autoMovable: boolean) {
    this.driver = driverOf(boot(kernel, ram), autoMovable ? { ...contigZones, policy: "auto-movable" } : contigZones);
  }

  /** Carries a step out as far as the machine allows it; true if it was refused. */
  perform(taken: Step): boolean {
    const { map } = this.driver;
    if (taken.op === "add") {
      const { node, at, blocks } = taken;
      const first = HIGH / BLOCK + at;
      const isFree = Array.from({ length: blocks }, (_, i) => first + i).every((id) => !map.blocks.has(id));
      if (!isFree) return false;
      this.driver.add(node, first * BLOCK, blocks);
      this.dimms.push({ node, first, blocks });
      return false;
    }
    if (taken.op === "remove") {
      const index = taken.pick % this.dimms.length;
      const dimm = this.dimms[index];
      if (dimm === undefined) return false;
      const { node, first, blocks } = dimm;
      const ids = Array.from({ length: blocks }, (_, i) => first + i);
      for (const id of ids) if (map.blocks.state(id) === BlockState.online) this.driver.offline(id);
      if (ids.some((id) => map.blocks.state(id) !== BlockState.offline)) return false;
      this.driver.remove(node, first * BLOCK, blocks);
      this.dimms.splice(index, 1);
      return false;
    }
    const wanted = taken.op === "online" ? BlockState.offline : BlockState.online;
    const able = [...map.blocks.ids()].filter((id) => map.blocks.state(id) === wanted);
    const block = able[taken.pick % able.length];
    if (block === undefined) return false;
    return !(taken.op === "online" ? this.driver.online(block, taken.type) : this.driver.offline(block)).ok;
  }
}

function checkCounts(map: MemoryMap): void {
  for (const node of map.nodes.values()) {
    for (const zone of node.zones) {
      const found = recountZone(map, node.id, zone.index);
      expectEqual([zone.presentPages, zone.earlyPages], [found.presentPages, found.earlyPages]);
    }
    expectEqual(
      node.presentPages,
      node.zones.reduce((sum, zone) => sum + zone.presentPages, 0),
    );
  }
}

const bounds = (zone: Zone) => (isZoneEmpty(zone) ? [0, 0] : [zone.startPfn, zoneEndPfn(zone)]);

/** 6.x: no zone spans more than from its first to its last online page, and a node is the hull of its zones. */
function checkTightSpans(map: MemoryMap): void {
  for (const node of map.nodes.values()) {
    for (const zone of node.zones) {
      const { startPfn, endPfn } = recountZone(map, node.id, zone.index);
      expectEqual(bounds(zone), [startPfn, endPfn]);
    }
    const spanned = node.zones.filter((zone) => !isZoneEmpty(zone));
    const hull = [
      Math.min(...spanned.map((zone) => zone.startPfn), Infinity),
      Math.max(...spanned.map(zoneEndPfn), -Infinity),
    ];
    if (spanned.length === 0) expectEqual(node.spannedPages, 0);
    else expectEqual([node.startPfn, node.startPfn + node.spannedPages], hull);
  }
}

/** 4.1: each block that exists lies in the span of its zone and of its node. */
function checkCoveringSpans(map: MemoryMap): void {
  for (const id of map.blocks.ids()) {
    const node = nodeOf(map, map.blocks.node(id));
    const zone = node.zones[map.blocks.zone(id) as 0] as Zone | undefined;
    // Block 0 is in DMA and DMA32.
    if (zone === undefined) continue;
    const spans = [
      [zone.startPfn, zoneEndPfn(zone)],
      [node.startPfn, node.startPfn + node.spannedPages],
    ] as const;
    const isCovered = spans.every(([start, end]) => start <= blockStartPfn(map, id) && end >= blockEndPfn(map, id));
    expectEqual({ id, isCovered, isDma: zone.index === ZONE_DMA }, { id, isCovered: true, isDma: false });
  }
}

/** All that a refusal must leave as it was. 4.1 may give an empty zone a wait table and a start (observed-4.1 §4). */
function visible(map: MemoryMap): unknown {
  const nodes = [...map.nodes.values()].map(({ nrZones: _nrZones, zones, ...node }) => ({
    ...node,
    zones: zones.map(({ initialised: _initialised, startPfn, ...zone }) => ({
      ...zone,
      startPfn: isZoneEmpty({ ...zone, initialised: true, startPfn }) ? 0 : startPfn,
    })),
  }));
  return structuredClone({ nodes, rows: [...map.blocks.ids()].map((id) => map.blocks.row(id)) });
}

const kernels = [
  ["4.1", false, 41],
  ["4.1-nomn", false, 410],
  ["6.1", false, 61],
  ["6.1", true, 610],
  ["6.12", false, 612],
] as const;

test.for(kernels)(
  "property: %s (auto-movable %s): after any steps the counters equal a recount and the spans fit",
  ([kernel, autoMovable, seed]) => {
    let refusals = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60, size: "max" }), (steps) => {
        const bench = new Bench(kernel, autoMovable);
        const { map } = bench.driver;
        for (const taken of steps) {
          const before = visible(map);
          if (bench.perform(taken)) {
            refusals += 1;
            expectEqual(visible(map), before);
          }
          checkCounts(map);
          if (map.kernel.zones.zoneBinding === "at-add") checkCoveringSpans(map);
          else checkTightSpans(map);
        }
      }),
      { seed, numRuns: 40 },
    );
    // The sequences did meet refusals: block 0, at least.
    expect(refusals).toBeGreaterThan(20);
  },
);
