import { onlineTypes, type PfnRange } from "@memhp/abi";
import { BlockState, isRemovable, movableStarts, validZones } from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK, boot, type BootOptions, HIGH, layoutOf, lowRam, oneNode2G, ram5G, twoNodes1G } from "./boards.ts";
import { driverOf, type HotplugDriver } from "./hotplug-driver.ts";
import { Pages41 } from "./plain-pages.ts";
import { expectEqual } from "../../../tools/conformance/test/expect-equal.ts";

const boards: readonly { readonly ram: readonly PfnRange[][]; readonly options: BootOptions }[] = [
  { ram: oneNode2G, options: {} },
  { ram: oneNode2G, options: { movablecore: "512M" } },
  { ram: oneNode2G, options: { kernelcore: "1G" } },
  { ram: oneNode2G, options: { kernelcore: "100G" } },
  { ram: [lowRam(0x80000), []], options: {} },
  { ram: [...twoNodes1G, []], options: { movablecore: "300M" } },
  { ram: [ram5G], options: {} },
  { ram: [ram5G, [{ startPfn: 0x180000, endPfn: 0x1a0000 }]], options: { kernelcore: "4G" } },
  { ram: [lowRam(0xc0000), [{ startPfn: HIGH, endPfn: 0x140000 }]], options: { kernelcore: "2G" } },
];
const END = 0x260000;

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant("add"),
      node: fc.nat(2),
      at: fc.nat(12),
      blocks: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ op: fc.constant("online"), pick: fc.nat(), type: fc.constantFrom(...onlineTypes) }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("offline"), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("remove"), pick: fc.nat() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The engine and the plain pages, given the same steps. */
class Twins {
  readonly driver: HotplugDriver;
  readonly pages: Pages41;
  readonly #dimms: { readonly node: number; readonly first: number; readonly count: number }[] = [];
  readonly #firstFree: number;

  constructor({ ram, options }: (typeof boards)[number]) {
    this.driver = driverOf(boot("4.1", ram, options));
    this.pages = new Pages41(ram, movableStarts(layoutOf("4.1", ram, options)), END);
    const last = Math.max(...ram.flat().map(({ endPfn }) => endPfn));
    this.#firstFree = Math.max(HIGH, Math.ceil(last / BLOCK) * BLOCK) / BLOCK;
  }

  /** @returns what both say of an online. */
  perform(taken: Step): readonly [engine: boolean, pages: boolean] | undefined {
    if (taken.op === "add")
      this.#add(taken.node % this.driver.map.nodes.size, this.#firstFree + taken.at, taken.blocks);
    if (taken.op === "remove") this.#remove(taken.pick);
    if (taken.op === "offline") this.#offline(this.#pick(taken.pick, BlockState.online));
    if (taken.op !== "online") return undefined;
    const block = this.#pick(taken.pick, BlockState.offline);
    if (block === undefined) return undefined;
    return [this.driver.online(block, taken.type).ok, this.pages.online(...rangeOf(block), taken.type)];
  }

  #pick(pick: number, state: BlockState): number | undefined {
    const { blocks } = this.driver.map;
    const able = [...blocks.ids()].filter((id) => blocks.state(id) === state);
    return able[pick % Math.max(1, able.length)];
  }

  #add(node: number, first: number, count: number): void {
    const ids = Array.from({ length: count }, (_, i) => first + i);
    if (ids.some((id) => this.driver.map.blocks.has(id))) return;
    this.driver.add(node, first * BLOCK, count);
    this.pages.add(node, first * BLOCK, (first + count) * BLOCK);
    this.#dimms.push({ node, first, count });
  }

  #remove(pick: number): void {
    const [dimm] = this.#dimms.splice(pick % Math.max(1, this.#dimms.length), 1);
    if (dimm === undefined) return;
    const { node, first, count } = dimm;
    const { blocks } = this.driver.map;
    for (let id = first; id < first + count; id++) if (blocks.state(id) === BlockState.online) this.#offline(id);
    this.driver.remove(node, first * BLOCK, count);
    this.pages.remove(first * BLOCK, (first + count) * BLOCK);
  }

  #offline(block: number | undefined): void {
    if (block !== undefined && this.driver.offline(block).ok) this.pages.offline(...rangeOf(block));
  }

  /** Nodes, zones and blocks as the engine has them. */
  engineView(): unknown {
    const { map, policyFor } = this.driver;
    const nodes = [...map.nodes.values()].map((node) => ({
      start: node.startPfn,
      spanned: node.spannedPages,
      nrZones: node.nrZones,
      online: node.online,
      zones: node.zones.slice(0, 4).map((zone) => ({
        start: zone.startPfn,
        spanned: zone.spannedPages,
        present: zone.presentPages,
        initialised: zone.initialised,
      })),
    }));
    const blocks = [...map.blocks.ids()].map((block) => {
      const zones = validZones(map, block, policyFor(map.blocks.node(block)));
      // What an online block's pages hold is not the span's to say.
      const removable = map.blocks.state(block) === BlockState.offline ? isRemovable(map, block) : undefined;
      return [block, zones, removable];
    });
    return { nodes, blocks };
  }

  /** The same as the struct pages have it. */
  pagesView(): unknown {
    const { blocks } = this.driver.map;
    return {
      nodes: this.pages.nodes,
      blocks: [...blocks.ids()].map((block) => [
        block,
        this.pages.validZones(...rangeOf(block)),
        blocks.state(block) === BlockState.offline ? this.pages.isInSpan(...rangeOf(block)) : undefined,
      ]),
    };
  }
}

const rangeOf = (block: number): [startPfn: number, endPfn: number] => [block * BLOCK, (block + 1) * BLOCK];

test("4.1: spans, zones and valid_zones are those of the kernel's loops over struct pages", () => {
  const sequences = fc.property(fc.constantFrom(...boards), fc.array(step, { maxLength: 40 }), (board, steps) => {
    const twins = new Twins(board);
    expectEqual(twins.engineView(), twins.pagesView());
    for (const taken of steps) {
      const [engine, pages] = twins.perform(taken) ?? [];
      expectEqual(engine, pages);
      expectEqual(twins.engineView(), twins.pagesView());
    }
  });
  expect(() => fc.assert(sequences, { seed: 41, numRuns: 40 })).not.toThrow();
});
