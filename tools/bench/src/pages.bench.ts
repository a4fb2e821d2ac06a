import { ZONE_MOVABLE } from "@memhp/abi";
import {
  growLoad,
  indexOf,
  freeUsed,
  isolateBlock,
  migrateBatch,
  type MigrationContext,
  PageStore,
  populateBlock,
  Prng,
  scanMovable,
} from "@memhp/engine";
import type { Benchmark, Measure } from "./benchmark.ts";
import { defaultKernel } from "@memhp/kernels";
import { fastest, nothing } from "./fastest.ts";
import { platformOf } from "@memhp/platforms";

const BLOCK_PAGES = 32_768;
const FIRST_BLOCK = 32;
/** Blocks of each of two nodes: 8 GiB. */
const BLOCKS = 64;
const PAGES = BLOCKS * BLOCK_PAGES;
const RUNS = 5;

/** Two nodes, the second one with a block more, since a watermark of 0 wants one page to stay. */
function storeOf(): PageStore {
  const store = new PageStore(defaultKernel.pages, platformOf("x86_64").arch, BLOCK_PAGES);
  for (const node of [0, 1])
    for (let i = 0; i < BLOCKS + node; i++)
      populateBlock(store, { block: FIRST_BLOCK + node * BLOCKS + i, node, zone: ZONE_MOVABLE });
  return store;
}

const context: MigrationContext = { nodeOrder: (node) => [node, 1 - node], taskNode: 0 };

function load(store: PageStore, node: number, pages: number, id = "load"): void {
  // One page stays free, and the kernel has none of its own in ZONE_MOVABLE.
  if (growLoad(store, { id, kind: "anon" }, [node], pages) !== pages) throw new Error("no room");
}

/** Moves everything on node 0 away, block by block. @returns pages that moved. */
function moveAway(store: PageStore): number {
  let moved = 0;
  for (let block = FIRST_BLOCK; block < FIRST_BLOCK + BLOCKS; block++) {
    if (isolateBlock(store, block) !== undefined) throw new Error("not isolated");
    const scan = scanMovable(store, block);
    if (scan.found !== "page") continue;
    moved += migrateBatch(store, block, scan.pfn, context).migratedPages;
  }
  return moved;
}

/** Every page of a node in use, and then every second one freed, in random order: no runs are left. */
function fragment(store: PageStore, node: number): void {
  load(store, node, PAGES - 1, `all${node}`);
  const first = (FIRST_BLOCK + node * BLOCKS) * BLOCK_PAGES;
  const order = Int32Array.from({ length: PAGES / 2 - 1 }, (_, i) => first + 2 * i);
  const prng = new Prng(7);
  for (let i = order.length - 1; i > 0; i--) {
    const j = prng.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  for (const pfn of order) freeUsed(store, indexOf(store, pfn));
}

/** What must be written of each page at least: nine bytes of columns, once for the page that is taken and once for the one that is freed. */
function floor(times: number): {
  prepare: () => { state: Uint8Array; a: Int32Array; b: Int32Array };
  run: (columns: { state: Uint8Array; a: Int32Array; b: Int32Array }) => void;
} {
  const columns = { state: new Uint8Array(PAGES), a: new Int32Array(PAGES), b: new Int32Array(PAGES) };
  return {
    prepare: () => columns,
    run({ state, a, b }) {
      for (let i = 0; i < times; i++) {
        state.fill(i);
        a.fill(i);
        b.fill(i);
      }
    },
  };
}

const perPage = (ms: number, pages: number): number => (ms / pages) * 1e6;

function bulk(): Measure[] {
  const taken = fastest(RUNS, { prepare: storeOf, run: (store) => load(store, 0, PAGES - 1) }, floor(1));
  const moved = fastest(
    RUNS,
    {
      prepare() {
        const store = storeOf();
        load(store, 0, PAGES - 1);
        return store;
      },
      run(store) {
        if (moveAway(store) !== PAGES - 1) throw new Error("not all pages moved");
      },
    },
    floor(2),
  );
  const mixed = fastest(RUNS, { prepare: twoOwners, run: (store) => void moveAway(store) }, floor(2));
  return [
    { measure: "a load of anonymous memory, a page", value: perPage(taken.engine, PAGES), unit: "ns", limit: 2 },
    { measure: "the same, to columns filled once", value: taken.engine / taken.bare, unit: "ratio", limit: 4 },
    { measure: "migration of it, a page", value: perPage(moved.engine, PAGES), unit: "ns", limit: 6 },
    {
      measure: "migration of blocks that two owners share, a page",
      value: perPage(mixed.engine, PAGES),
      unit: "ns",
    },
    { measure: "the same, to columns filled twice", value: mixed.engine / mixed.bare, unit: "ratio" },
  ];
}

/** Runs of 1,000 pages of each of two owners, so that no block is a row, and every move makes chunks of all sizes. */
function twoOwners(): PageStore {
  const store = storeOf();
  for (let left = PAGES - 1, i = 0; left > 0; left -= 1000, i++) load(store, 0, Math.min(left, 1000), `owner${i % 2}`);
  return store;
}

/** Pages in random order of memory, as a list of free pages leads there: what is read and written of each, and nothing decided. */
function scattered(): { prepare: () => void; run: () => void } {
  const next = new Int32Array(PAGES);
  const prev = new Int32Array(PAGES);
  const state = new Uint8Array(PAGES);
  const order = Int32Array.from({ length: PAGES / 2 }, (_, i) => 2 * i);
  const prng = new Prng(9);
  for (let i = order.length - 1; i > 0; i--) {
    const j = prng.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  for (let i = 1; i < order.length; i++) next[order[i - 1]!] = order[i]!;
  return {
    prepare: nothing,
    run() {
      for (let at = order[0]!, i = 0; i < order.length; i++) {
        state[at] = 1;
        prev[at] = 0;
        at = next[at]!;
      }
    },
  };
}

function fragmented(): Measure[] {
  const half = PAGES / 2 - 2;
  const bare = scattered();
  const taken = fastest(
    RUNS,
    {
      prepare() {
        const store = storeOf();
        fragment(store, 0);
        return store;
      },
      run: (store) => load(store, 0, half),
    },
    bare,
  );
  const moved = fastest(
    RUNS,
    {
      prepare() {
        const store = storeOf();
        fragment(store, 0);
        fragment(store, 1);
        return store;
      },
      run(store) {
        if (moveAway(store) < half) throw new Error("not all pages moved");
      },
    },
    bare,
  );
  return [
    {
      measure: "a load where every second page was freed, a page",
      value: perPage(taken.engine, half),
      unit: "ns",
    },
    { measure: "the same, to a walk along scattered pages", value: taken.engine / taken.bare, unit: "ratio", limit: 1 },
    { measure: "migration there, a page", value: perPage(moved.engine, half), unit: "ns" },
    {
      measure: "the same, to a walk along scattered pages",
      value: moved.engine / moved.bare,
      unit: "ratio",
      limit: 3,
    },
  ];
}

const benchmark: Benchmark = {
  name: "pages",
  run: () => Promise.resolve([...bulk(), ...fragmented()]),
};
export default benchmark;
