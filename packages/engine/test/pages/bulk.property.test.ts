import { ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  counterErrors,
  dissolveHugepages,
  dropCaches,
  endLoad,
  freeUsed,
  growHugepagePool,
  growLoad,
  hardOfflinePage,
  isolateBlock,
  isIsolated,
  type LoadKind,
  migrateBatch,
  type PageStore,
  pin,
  populateBlock,
  Prng,
  reclaimFilePages,
  refuseUnlessIsolated,
  scanMovable,
  undoIsolation,
  unpinOwner,
  withdrawBlock,
} from "@memhp/engine";
import { expect, test } from "vitest";
import { contextOf, emptyStore } from "./machines.ts";
import { growPageByPage, slabPage, migratePageByPage, releasePageByPage, stateOf } from "./page-by-page.ts";
import { touch } from "../../src/pages/split-free-chunk.ts";
import { isWholeUsed } from "../../src/pages/row-form.ts";
import { expectEqual } from "../../../../tools/conformance/test/expect-equal.ts";

/** Two largest chunks, so that blocks are whole often enough, and their halves too. */
const BLOCK_PAGES = 2048;
const LAYOUT = Array.from({ length: 14 }, (_, i) => {
  const zone = i % 3 !== 1 && i > 0 ? ZONE_MOVABLE : i === 0 ? ZONE_DMA32 : ZONE_NORMAL;
  return {
    block: 500 + i,
    node: i < 7 ? 0 : 1,
    zone,
    ...(i === 1 || i === 10 ? { held: { reserved: 1, kernel: 0 } } : {}),
  } as const;
});
const kinds: readonly LoadKind[] = [
  "anon",
  "anon",
  "anon",
  "file",
  "mlock",
  "shm",
  "thp",
  "secret",
  "balloon",
  "pinned",
  "hugetlb",
];
const MOST_LOADS = 8;

/** What differs between doing things in bulk and page by page. */
interface Hands {
  grow(store: PageStore, id: string, kind: LoadKind, nodes: readonly number[], pages: number, floors: number[]): number;
  end(store: PageStore, id: string): void;
  migrate: typeof migrateBatch;
}

const bulk: Hands = {
  grow: (store, id, kind, nodes, pages, floors) => growLoad(store, { id, kind }, nodes, pages, floors),
  end: (store, id) => void endLoad(store, id),
  migrate: migrateBatch,
};

const pageByPage: Hands = {
  grow(store, id, kind, nodes, pages, floors) {
    const owner = store.ownerOf(`load:${id}`);
    // Whatever a program does, the kernel allocates a page for itself.
    slabPage(store, nodes, floors);
    return pages - growPageByPage(store, kind, owner, nodes, pages, floors);
  },
  end(store, id) {
    const owner = store.owners.indexOf(`load:${id}`);
    if (owner < 0) return;
    releasePageByPage(store, owner);
    store.owners[owner] = undefined;
  },
  migrate: migratePageByPage,
};

/** One machine; the same draws give the same operations on every one. */
class Machine {
  readonly store: PageStore;
  readonly #hands: Hands;
  readonly #prng: Prng;
  readonly #loads: string[] = [];
  readonly #offline = new Set<number>();
  #names = 0;

  constructor(kernel: string, seed: number, hands: Hands) {
    this.store = emptyStore(kernel, BLOCK_PAGES);
    for (const each of LAYOUT) populateBlock(this.store, each);
    this.#prng = new Prng(seed);
    this.#hands = hands;
  }

  #below(end: number): number {
    return this.#prng.below(end);
  }

  /** @returns what it came to. */
  step(): unknown {
    const steps: readonly (readonly [number, () => unknown])[] = [
      [30, () => this.#grow()],
      [16, () => this.#end()],
      [30, () => this.#offlineBlock()],
      [8, () => this.#onlineBlock()],
      [5, () => this.#reference()],
      [3, () => hardOfflinePage(this.store, this.#pfn())],
      [4, () => this.#reclaim()],
      [2, () => dropCaches(this.store, 1)],
      [3, () => growHugepagePool(this.store, this.#below(2), this.store.pageblockOrder, this.#below(3))],
      [2, () => this.#unpin()],
    ];
    let at = this.#below(steps.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, run] of steps) {
      if (at < weight) return run();
      at -= weight;
    }
    return undefined;
  }

  #block(): number {
    return LAYOUT.at(this.#below(LAYOUT.length))!.block;
  }
  #pfn(): number {
    return this.#block() * BLOCK_PAGES + this.#below(BLOCK_PAGES);
  }
  #floors(): number[] {
    const floor = this.#below(3) * 500;
    return Array.from({ length: 10 }, (_, zone) => (zone % 5 === ZONE_MOVABLE ? 0 : floor));
  }

  #grow(): unknown {
    if (this.#loads.length >= MOST_LOADS) return this.#end();
    const id = `l${this.#names++}`;
    this.#loads.push(id);
    const kind = kinds.at(this.#below(kinds.length))!;
    const nodes = [[0], [1], [0, 1], [1, 0]].at(this.#below(4))!;
    const pages = 1 + this.#below([10, 700, 3 * BLOCK_PAGES, 8 * BLOCK_PAGES].at(this.#below(4))!);
    return this.#hands.grow(this.store, id, kind, nodes, pages, this.#floors());
  }
  #end(): unknown {
    if (this.#loads.length === 0) return undefined;
    const id = this.#loads.splice(this.#below(this.#loads.length), 1).at(0)!;
    this.#hands.end(this.store, id);
    return id;
  }
  #unpin(): void {
    if (this.#loads.length > 0) unpinOwner(this.store, this.#loads.at(this.#below(this.#loads.length))!);
  }
  #reference(): unknown {
    const pfn = this.#pfn();
    if (this.#offline.has(Math.floor(pfn / BLOCK_PAGES))) return undefined;
    const index = touch(this.store, pfn);
    const code = this.store.state.at(index)!;
    if (code === 0 || code >= 0x80) return undefined;
    pin(this.store, index, this.#below(3) === 0 ? -1 : 1);
    return code;
  }
  #reclaim(): unknown {
    return reclaimFilePages(this.store, this.#below(2), ZONE_MOVABLE, 1 + this.#below(3 * BLOCK_PAGES), this.#floors());
  }

  #offlineBlock(): unknown {
    const block = this.#block();
    if (this.#offline.has(block)) return undefined;
    const refusal = isolateBlock(this.store, block);
    if (refusal !== undefined) return refusal;
    const context = { ...contextOf(this.store, this.#below(2)), floors: this.#floors() };
    const outcomes: unknown[] = [];
    for (let round = 0; round < 12; round++) {
      const scan = scanMovable(this.store, block);
      if (scan.found !== "page") break;
      const outcome = this.#hands.migrate(this.store, block, scan.pfn, context);
      outcomes.push(outcome);
      if (outcome.result !== "moved") break;
    }
    const stays = dissolveHugepages(this.store, block) ?? refuseUnlessIsolated(this.store, block);
    if (stays === undefined && this.#below(4) > 0) {
      withdrawBlock(this.store, block);
      this.#offline.add(block);
    } else {
      undoIsolation(this.store, block);
      if (isIsolated(this.store, block)) throw new Error(`block ${block} is still isolated`);
    }
    return [outcomes, stays];
  }
  #onlineBlock(): void {
    const at = this.#below(LAYOUT.length);
    const each = LAYOUT.at(at)!;
    if (!this.#offline.delete(each.block)) return;
    populateBlock(this.store, { block: each.block, node: each.node, zone: each.zone });
  }
}

const SEEDS = [1, 5];
test.for(["4.1", "6.1", "6.12"].flatMap((kernel) => SEEDS.map((seed) => [kernel, seed] as const)))(
  "%s, seed %i: in bulk the same frames go to the same owners as page by page, and the lists are the same",
  ([kernel, seed]) => {
    const one = new Machine(kernel, seed, bulk);
    const other = new Machine(kernel, seed, pageByPage);
    let whole = 0;
    for (let i = 0; i < 150; i++) {
      const outcome = one.step();
      expectEqual(outcome, other.step());
      for (const row of one.store.rows.ascending()) whole += Number(isWholeUsed(one.store, row));
      if (i % 3 === 0 || i > 140) expectEqual(stateOf(one.store), stateOf(other.store));
    }
    expect(counterErrors(one.store)).toEqual([]);
    // Rows in use did come up.
    expect(whole).toBeGreaterThan(0);
  },
);

/** Blocks in use, of which pages here and there were freed in random order; somebody else holds a few. */
function usedForLong(kernel: string): PageStore {
  // 4.1 moves pages to kernel zones only, where 6.x would put slab of the loads.
  const zone = kernel === "4.1" ? ZONE_NORMAL : ZONE_MOVABLE;
  const store = emptyStore(kernel, BLOCK_PAGES);
  for (let block = 500; block < 506; block++) populateBlock(store, { block, node: block < 503 ? 0 : 1, zone });
  const prng = new Prng(11);
  for (let left = 6 * BLOCK_PAGES, i = 0; left > 0; left -= 300, i++)
    growLoad(store, { id: `l${i % 3}`, kind: "anon" }, [0, 1], Math.min(left, 300));
  const order = Array.from({ length: 6 * BLOCK_PAGES }, (_, i) => 500 * BLOCK_PAGES + i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = prng.below(i + 1);
    [order[i], order[j]] = [order[j], order[i]] as [number, number];
  }
  for (const pfn of order.slice(0, (order.length * 5) / 8)) {
    const index = touch(store, pfn);
    const code = store.state.at(index)!;
    if (code !== 0 && code < 0x80) freeUsed(store, index);
  }
  for (const pfn of [501 * BLOCK_PAGES + 1700, 501 * BLOCK_PAGES + 1702, 502 * BLOCK_PAGES + 3]) {
    const index = touch(store, pfn);
    if (store.state.at(index)! < 0x80 && store.state.at(index)! > 0) pin(store, index, 1);
  }
  return store;
}

test.for(["4.1", "6.1", "6.12"])(
  "%s: memory that was used for long, without runs, moves in bulk as it does page by page, and is free as it would be",
  (kernel) => {
    const one = usedForLong(kernel);
    const other = usedForLong(kernel);
    for (const block of [500, 502, 501]) {
      for (const [store, migrate] of [[one, migrateBatch] as const, [other, migratePageByPage] as const]) {
        expect(isolateBlock(store, block)).toBeUndefined();
        for (let round = 0; round < 12; round++) {
          const scan = scanMovable(store, block);
          if (scan.found !== "page") break;
          if (migrate(store, block, scan.pfn, contextOf(store, 1)).result !== "moved") break;
        }
      }
      expectEqual(stateOf(one), stateOf(other));
      undoIsolation(one, block);
      undoIsolation(other, block);
      expectEqual(stateOf(one), stateOf(other));
    }
    expect(one.migrateSuccess).toBeGreaterThan(BLOCK_PAGES / 2);
    expect(counterErrors(one)).toEqual([]);
  },
);
