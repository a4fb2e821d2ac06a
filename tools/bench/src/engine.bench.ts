import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { archProfile, kernelProfile, MIB, ZONE_MOVABLE } from "@memhp/abi";
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
import type { Benchmark, Measure } from "./benchmark.ts";

const BLOCK_PAGES = 32_768;
const TOUCHED_BLOCKS = 256;
const UNTOUCHED_BLOCKS = 524_288;

function storeOf(nodes: readonly number[], blocksPerNode: number): PageStore {
  const profile = kernelProfile("6.12");
  const store = new PageStore(profile, archProfile("x86_64", profile.generation), BLOCK_PAGES);
  for (const node of nodes) {
    for (let i = 0; i < blocksPerNode; i++) {
      populateBlock(store, { block: 32 + node * blocksPerNode + i, node, zone: ZONE_MOVABLE });
    }
  }
  return store;
}

/** Columns like the store's, for loops that do the store's reads and writes and decide nothing. */
class Plain {
  readonly state = new Uint8Array(2 * BLOCK_PAGES);
  readonly next = new Int32Array(2 * BLOCK_PAGES);
  readonly prev = new Int32Array(2 * BLOCK_PAGES);
  readonly heads = new Int32Array(64);
  readonly counts = new Int32Array(64);
  readonly sums = new Float64Array(64);
  readonly pageblocks = new Uint8Array(2 * BLOCK_PAGES);
  readonly bits = new Int32Array(4);

  /** What taking a page off a list reads and writes. */
  unlink(index: number, list: number): void {
    const next = this.next[index]!;
    const prev = this.prev[index]!;
    this.counts[list]!--;
    this.heads[list] = next;
    this.prev[next & (BLOCK_PAGES - 1)] = prev;
  }
  /** What putting one on a list does. */
  link(index: number, list: number): void {
    const old = this.heads[list]!;
    this.state[index] = 0x80 + list;
    this.next[index] = old;
    this.prev[index] = index;
    this.prev[old & (BLOCK_PAGES - 1)] = index;
    this.heads[list] = index;
    this.counts[list]!++;
  }
  /** An allocation with one split: every allocation of a whole block has one, but one in 1,024. */
  allocate(index: number): void {
    this.unlink(index, 3);
    this.sums[0]!--;
    this.link(index ^ 1, 4);
    this.sums[1]!++;
    this.state[index] = 5;
    this.next[index] = 6;
    this.prev[index] = 0;
    this.sums[2]!++;
    this.bits[index >> 15]! |= 2;
  }
  /** A free with one merge. */
  free(index: number): void {
    const kind = this.state[index]! & 31;
    const zone = this.pageblocks[index >> 9]!;
    const type = this.pageblocks[(index >> 9) + 64]!;
    this.sums[kind]!--;
    this.sums[this.next[index]! & 31]!--;
    this.state[index] = 0;
    this.sums[zone]! += 1 + type;
    this.heads[5] = this.state[index ^ 1]!;
    this.unlink(index ^ 1, 3);
    this.state[index ^ 1] = 0;
    this.link(index, 4);
  }
}

/** One side of a comparison: each run is prepared outside the clock. */
interface Side<T> {
  prepare(): T;
  run(prepared: T): void;
}

const RUNS = 60;

/** Milliseconds of the fastest of many short runs, by turns, so that both sides see the same machine. */
function fastest<A, B>(engine: Side<A>, bare: Side<B>): { engine: number; bare: number } {
  const best = { engine: Number.POSITIVE_INFINITY, bare: Number.POSITIVE_INFINITY };
  const time = <T>({ prepare, run }: Side<T>): number => {
    const prepared = prepare();
    const begin = performance.now();
    run(prepared);
    return performance.now() - begin;
  };
  for (let i = 0; i < RUNS; i++) {
    best.engine = Math.min(best.engine, time(engine));
    best.bare = Math.min(best.bare, time(bare));
  }
  return best;
}

function nothing(): void {}

function allocateAndFree(): Measure[] {
  const store = storeOf([0], 1);
  const zones = zonelist(store, [0], ZONE_MOVABLE);
  const taken = new Int32Array(BLOCK_PAGES);
  const plain = new Plain();
  const { engine, bare } = fastest(
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
          plain.allocate(i);
          taken[i] = i;
        }
        for (let i = 0; i < BLOCK_PAGES; i++) plain.free(taken[i]!);
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
          plain.allocate(i);
          plain.free(i + BLOCK_PAGES);
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
    { prepare: nothing, run: () => void recountPages(store) },
    {
      prepare: nothing,
      run() {
        for (let i = 0; i < BLOCK_PAGES; i++) {
          plain.counts[plain.state[i]! & 63]!++;
          plain.sums[plain.next[i]! & 63]!++;
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
