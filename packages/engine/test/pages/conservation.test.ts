import { MIB, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  allocateLoad,
  churnLoads,
  counterErrors,
  dissolveHugepages,
  growHugepagePool,
  hardOfflinePage,
  isIsolated,
  isolateBlock,
  type Load,
  type LoadKind,
  loadKinds,
  migrateBatch,
  type PageStore,
  pmdOrder,
  populateBlock,
  Prng,
  refuseUnlessIsolated,
  releaseLoad,
  scanMovable,
  shrinkHugepagePool,
  undoIsolation,
  unpinLoad,
  withdrawBlock,
} from "@memhp/engine";
import { expect, test } from "vitest";
import { contextOf, softOffline, storeOf } from "./machines.ts";
import { kernelIds } from "../../../../tools/conformance/src/kernels.ts";

const OPERATIONS = 10_000;
/** Few enough that there is often room to migrate to, and sometimes not. */
const MOST_LOADS = 40;
/** Blocks of 4 MiB: the largest chunk, so that every operation crosses their edges. */
const BLOCK_PAGES = 1024;
const LAYOUT = Array.from({ length: 12 }, (_, i) => {
  const zone = i % 3 === 2 ? ZONE_MOVABLE : ZONE_NORMAL;
  return [1000 + i, i < 6 ? 0 : 1, zone] as const;
});

/** A machine under random use; each operation leaves it in a state that the recount must confirm. */
class RandomMachine {
  readonly store: PageStore;
  readonly #prng: Prng;
  readonly #loads: Load[] = [];
  readonly #offline = new Set<number>();
  #names = 0;
  offlined = 0;

  constructor(kernel: string, seed: number) {
    this.store = storeOf(kernel, LAYOUT, BLOCK_PAGES);
    this.#prng = new Prng(seed);
  }

  get onlinePages(): number {
    return (LAYOUT.length - this.#offline.size) * BLOCK_PAGES;
  }

  step(): void {
    const operations: readonly (readonly [weight: number, run: () => void])[] = [
      [25, () => this.#load()],
      [20, () => this.#release()],
      [30, () => this.#churn()],
      [5, () => this.#poolOrPin()],
      [12, () => this.#isolateAndBack()],
      [6, () => this.#offlineBlock()],
      [6, () => this.#onlineBlock()],
      [1, () => this.#poison()],
    ];
    let at = this.#prng.below(operations.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, run] of operations) {
      if (at < weight) return run();
      at -= weight;
    }
  }

  #block(): readonly [number, number, 2 | 3] {
    return LAYOUT.at(this.#prng.below(LAYOUT.length))!;
  }
  #load(): void {
    if (this.#loads.length >= MOST_LOADS) return this.#release();
    const kind: LoadKind = loadKinds.at(this.#prng.below(loadKinds.length))!;
    const mode = (["bind", "prefer", "interleave"] as const).at(this.#prng.below(3))!;
    const nodes = this.#prng.next() < 0.5 ? [this.#prng.below(2)] : [0, 1];
    const bytes = 1 + this.#prng.below(kind === "thp" || kind === "hugetlb" ? 6 * MIB : MIB / 4);
    const pin = this.#prng.next() < 0.5 ? "short" : "long";
    const request = { id: `${kind}${this.#names++}`, kind, bytes, pin, policy: { mode, nodes } } as const;
    const result = allocateLoad(this.store, request, contextOf(this.store));
    if (result.ok) this.#loads.push(result.value);
    else if (result.refusal.code !== "no_target_memory") throw new Error(result.refusal.rule);
  }
  #pick(): number {
    return this.#prng.below(this.#loads.length);
  }
  #release(): void {
    if (this.#loads.length > 0) releaseLoad(this.store, this.#loads.splice(this.#pick(), 1).at(0)!);
  }
  #churn(): void {
    if (this.#loads.length === 0) return;
    const loads = [...new Set([this.#pick(), this.#pick(), this.#pick()])].map((at) => this.#loads.at(at)!);
    churnLoads(this.store, loads, this.#prng.next(), this.#prng, contextOf(this.store));
  }
  #poolOrPin(): void {
    const node = this.#prng.below(2);
    const order = pmdOrder(this.store);
    if (this.#loads.length > 0 && this.#prng.next() < 0.3) unpinLoad(this.store, this.#loads.at(this.#pick())!);
    else if (this.#prng.next() < 0.6) growHugepagePool(this.store, node, order, 1 + this.#prng.below(3));
    else shrinkHugepagePool(this.store, node, order, 1 + this.#prng.below(3));
  }
  #isolateAndBack(): void {
    const [block] = this.#block();
    if (this.#offline.has(block) || isolateBlock(this.store, block) !== undefined) return;
    const scan = scanMovable(this.store, block);
    if (scan.found === "page") migrateBatch(this.store, block, scan.pfn, contextOf(this.store, this.#prng.below(2)));
    undoIsolation(this.store, block);
    if (isIsolated(this.store, block)) throw new Error(`block ${block} is still isolated`);
  }
  #offlineBlock(): void {
    const [block] = this.#block();
    if (this.#offline.has(block) || isolateBlock(this.store, block) !== undefined) return;
    for (let round = 0; round < 5; round++) {
      const scan = scanMovable(this.store, block);
      if (scan.found !== "page") break;
      migrateBatch(this.store, block, scan.pfn, contextOf(this.store));
    }
    const refusal = dissolveHugepages(this.store, block) ?? refuseUnlessIsolated(this.store, block);
    if (refusal !== undefined) {
      undoIsolation(this.store, block);
      return;
    }
    if (withdrawBlock(this.store, block) !== BLOCK_PAGES) throw new Error("pages were lost");
    this.#offline.add(block);
    this.offlined++;
  }
  #onlineBlock(): void {
    const [block, node, zone] = this.#block();
    if (!this.#offline.delete(block)) return;
    populateBlock(this.store, { block, node, zone });
  }
  #poison(): void {
    const pfn = this.#block()[0] * BLOCK_PAGES + this.#prng.below(BLOCK_PAGES);
    if (this.#prng.next() < 0.5) softOffline(this.store, pfn);
    else hardOfflinePage(this.store, pfn);
  }
}

const runs = kernelIds.map((kernel, i) => ({ kernel, seed: i + 1 }));

/** A recount takes as long as many operations, and what is lost or counted wrongly stays so: one in a hundred is looked at. */
const LOOK_EVERY = 100;

/** What a recount finds wrong; undefined for nothing. */
function wrongIn({ store, onlinePages }: RandomMachine): unknown {
  const present = store.presentPages.reduce((sum, pages) => sum + pages, 0);
  const errors = counterErrors(store);
  return errors.length > 0 || present !== onlinePages ? { errors, present, onlinePages } : undefined;
}

/** The first operation of a run that leaves something wrong: the run is made anew and looked at after each. */
function firstWrong(kernel: string, seed: number): unknown {
  const machine = new RandomMachine(kernel, seed);
  for (let operation = 1; operation <= OPERATIONS; operation++) {
    machine.step();
    const wrong = wrongIn(machine);
    if (wrong !== undefined) return { operation, wrong };
  }
  return undefined;
}

test.for(runs)(
  "$kernel, seed $seed: pages are conserved and every counter is a recount's",
  { timeout: 60_000 },
  ({ kernel, seed }) => {
    const machine = new RandomMachine(kernel, seed);
    for (let i = 1; i <= OPERATIONS; i++) {
      machine.step();
      if (i % LOOK_EVERY === 0 && wrongIn(machine) !== undefined)
        expect(firstWrong(kernel, seed) ?? wrongIn(machine)).toBeUndefined();
    }
    // The run went where the engine is difficult.
    expect(machine.offlined).toBeGreaterThan(50);
    expect(machine.store.migrateSuccess).toBeGreaterThan(1000);
    expect(machine.store.corruptedPages).toBeGreaterThan(10);
  },
);
