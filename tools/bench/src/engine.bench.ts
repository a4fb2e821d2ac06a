import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MIB, ZONE_MOVABLE } from "@memhp/abi";
import {
  allocateFrom,
  allocateLoad,
  freeUsed,
  isolateBlock,
  migrateBatch,
  MigrateClass,
  type MigrationContext,
  PageKind,
  PageStore,
  populateBlock,
  recountPages,
  takeRange,
  zonelist,
} from "@memhp/engine";
import { defaultKernel } from "@memhp/kernels";
import type { Benchmark, Measure } from "./benchmark.ts";
import { fastest, nothing } from "./fastest.ts";
import { platformOf } from "@memhp/platforms";

const BLOCK_PAGES = 32_768;
const TOUCHED_BLOCKS = 256;
const UNTOUCHED_BLOCKS = 524_288;

function storeOf(nodes: readonly number[], blocksPerNode: number): PageStore {
  const store = new PageStore(defaultKernel.pages, platformOf("x86_64").arch, BLOCK_PAGES);
  for (const node of nodes) {
    for (let i = 0; i < blocksPerNode; i++) {
      populateBlock(store, { block: 32 + node * blocksPerNode + i, node, zone: ZONE_MOVABLE });
    }
  }
  return store;
}

const MAX_ORDER = 10;

/**
 * Columns like the store's, and the reads and writes that the store does to them when a block is taken page by
 * page from the lowest up, and given back in the same order. Nothing is searched, compared or decided: which chunk
 * is split, and with whom a page merges, follows from its number.
 */
class Plain {
  readonly state = new Uint8Array(2 * BLOCK_PAGES);
  readonly next = new Int32Array(2 * BLOCK_PAGES);
  readonly prev = new Int32Array(2 * BLOCK_PAGES);
  readonly heads = new Int32Array(16);
  readonly tails = new Int32Array(16);
  readonly counts = new Int32Array(16);
  readonly zones = new Uint16Array(128);
  readonly types = new Uint8Array(128);
  readonly free = new Float64Array(4);
  readonly kinds = new Float64Array(32);
  readonly owners = new Float64Array(32);
  readonly filter = new Int32Array(2);
  /** Keeps what is read only to be looked at. */
  seen = 0;

  /** Pages 2^order of `index` were one chunk: its halves go to their lists, and its first page is used. */
  take(index: number, order: number): void {
    let seen = this.free[0]! & 1;
    for (let empty = 0; empty < order; empty++) seen ^= this.heads[empty]!;
    this.seen = seen;
    this.heads[order] = this.next[index]!;
    this.counts[order]!--;
    this.tails[order] = index;
    this.free[0]!--;
    for (let half = order - 1; half >= 0; half--) {
      const upper = index + (1 << half);
      this.state[upper] = half;
      this.next[upper] = -1;
      this.prev[upper] = -1;
      this.heads[half] = upper;
      this.tails[half] = upper;
      this.counts[half]!++;
    }
    this.kinds[4]!++;
    this.state[index] = 4;
    this.next[index] = 1;
    this.prev[index] = 0;
    this.owners[1]!++;
    this.filter[index >> 15]! |= 2;
  }

  /** The page merges with the chunks of `order` orders below it, and the whole goes to its list. */
  give(index: number, order: number): void {
    const word = this.next[index]!;
    const zone = this.zones[index >> 9]!;
    this.kinds[this.state[index]!]!--;
    this.owners[word & 1]!--;
    this.free[zone + this.types[index >> 9]!]!++;
    let first = index;
    for (let merged = 0; merged < order; merged++) {
      const buddy = first ^ (1 << merged);
      this.tails[merged] = this.state[buddy]!;
      this.heads[merged] = this.next[buddy]!;
      this.tails[merged] = this.prev[buddy]!;
      this.counts[merged]!--;
      this.state[buddy] = 0;
      first &= buddy;
    }
    // The buddies that are not free, and so end the merging and place the chunk.
    this.seen = this.state[first ^ (1 << order)]! ^ this.state[first ^ (2 << order)]!;
    const old = this.heads[order]!;
    this.state[first] = order;
    this.next[first] = old;
    this.prev[first] = -1;
    this.heads[order] = first;
    this.tails[order] = first;
    this.counts[order]!++;
  }
}

/** Order of the chunk that page number i of a whole block is taken from, and of the one that it completes when freed. */
const takenFrom = Uint8Array.from({ length: BLOCK_PAGES }, (_, i) =>
  Math.min(MAX_ORDER, 31 - Math.clz32(i & -i || 1024)),
);
const mergesInto = Uint8Array.from({ length: BLOCK_PAGES }, (_, i) => takenFrom[(i + 1) % BLOCK_PAGES]!);

const RUNS = 150;

function allocateAndFree(): Measure[] {
  const store = storeOf([0], 1);
  const zones = zonelist(store, [0], ZONE_MOVABLE);
  const taken = new Int32Array(BLOCK_PAGES);
  const plain = new Plain();
  const { engine, bare } = fastest(
    RUNS,
    {
      prepare: nothing,
      run() {
        for (let i = 0; i < BLOCK_PAGES; i++) {
          taken[i] = allocateFrom(store, zones, 0, MigrateClass.movable, PageKind.anonymous, 0);
        }
        for (let i = 0; i < BLOCK_PAGES; i++) freeUsed(store, taken[i]!);
      },
    },
    {
      prepare: nothing,
      run() {
        for (let i = 0; i < BLOCK_PAGES; i++) {
          plain.take(i, takenFrom[i]!);
          taken[i] = i;
        }
        for (let i = 0; i < BLOCK_PAGES; i++) plain.give(taken[i]!, mergesInto[i]!);
      },
    },
  );
  return [
    { measure: "allocate and free of one page", value: (engine / BLOCK_PAGES) * 1e6, unit: "ns" },
    { measure: "the same, to plain typed arrays", value: engine / bare, unit: "ratio", limit: 3 },
  ];
}

/** One full block of node 0, isolated, and room for it on node 1. */
function fullBlock(): { store: PageStore; context: MigrationContext } {
  const store = storeOf([0, 1], 1);
  const context: MigrationContext = { nodeOrder: (node) => [node, 1 - node], taskNode: 0 };
  const policy = { mode: "bind", nodes: [0] } as const;
  // One page less than the block: the watermark of 0 pages wants one free page.
  const bytes = 4096 * (BLOCK_PAGES - 1);
  if (!allocateLoad(store, { id: "full", kind: "anon", bytes, policy }, context).ok) throw new Error("no room");
  if (isolateBlock(store, 32) !== undefined) throw new Error("not isolated");
  return { store, context };
}

function migration(): Measure[] {
  const plain = new Plain();
  const { engine, bare } = fastest(
    RUNS,
    {
      prepare: fullBlock,
      run({ store, context }) {
        const outcome = migrateBatch(store, 32, 32 * BLOCK_PAGES, context);
        if (outcome.migratedPages !== BLOCK_PAGES - 1) throw new Error("the block did not move");
      },
    },
    {
      prepare: nothing,
      run() {
        const list: number[] = [];
        for (let i = 0; i < BLOCK_PAGES; i++) if (plain.state[i] !== 99) list.push(i);
        for (const i of list) {
          plain.take(i, takenFrom[i]!);
          plain.give(i + BLOCK_PAGES, mergesInto[i]!);
        }
      },
    },
  );
  return [
    { measure: "migration of a full block", value: engine, unit: "ms" },
    { measure: "the same, to plain typed arrays", value: engine / bare, unit: "ratio", limit: 4 },
  ];
}

function recount(): Measure[] {
  const { store } = fullBlock();
  const plain = new Plain();
  const { engine, bare } = fastest(
    RUNS,
    { prepare: nothing, run: () => void recountPages(store) },
    {
      prepare: nothing,
      run() {
        for (let i = 0; i < BLOCK_PAGES; i++) {
          plain.counts[plain.state[i]! & 15]!++;
          plain.owners[plain.next[i]! & 31]!++;
        }
      },
    },
  );
  return [
    { measure: "recount of a full block", value: engine, unit: "ms" },
    { measure: "the same, to plain typed arrays", value: engine / bare, unit: "ratio", limit: 2 },
  ];
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that are in use after a collection, those outside the heap included. */
function usedBytes(): number {
  collect();
  // Arrays that were grown are given back beside the program: a collection after the first finds that done.
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function memory(): Measure[] {
  const before = usedBytes();
  const touched = storeOf([0], TOUCHED_BLOCKS);
  for (let i = 0; i < TOUCHED_BLOCKS; i++) takeRange(touched, (32 + i) * BLOCK_PAGES + i, 1, PageKind.kernel, 0);
  const perPage = (usedBytes() - before) / (TOUCHED_BLOCKS * BLOCK_PAGES);
  if (touched.slots !== TOUCHED_BLOCKS) throw new Error("blocks were not touched");

  const empty = usedBytes();
  const untouched = storeOf([0], UNTOUCHED_BLOCKS);
  const above = (usedBytes() - empty) / MIB;
  if (untouched.slots !== 0) throw new Error("blocks were touched");
  return [
    { measure: "memory of a touched page, all told", value: perPage, unit: "bytes", limit: 10 },
    { measure: `${UNTOUCHED_BLOCKS} untouched blocks online, above none`, value: above, unit: "MiB", limit: 64 },
  ];
}

const benchmark: Benchmark = {
  name: "engine",
  run: () => Promise.resolve([...memory(), ...allocateAndFree(), ...migration(), ...recount()]),
};
export default benchmark;
