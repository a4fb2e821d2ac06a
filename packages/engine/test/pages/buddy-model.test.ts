import { ZONE_NORMAL } from "@memhp/abi";
import {
  allocateFrom,
  counterErrors,
  freeUsed,
  indexOf,
  MigrateClass,
  PageKind,
  type PageStore,
  pfnOf,
  zonelist,
} from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { storeOf } from "./machines.ts";
import { membersOf } from "../../src/pages/free-lists.ts";

const BLOCK_PAGES = 2048;
const FIRST_BLOCK = 500;
const BLOCKS = 3;
const START = FIRST_BLOCK * BLOCK_PAGES;
const MAX_ORDER = 10;
const layout = Array.from({ length: BLOCKS }, (_, i) => [FIRST_BLOCK + i, 0, ZONE_NORMAL] as const);

/** The buddy allocator as one would write it down: lists of first frames, by order, leader first. */
class NaiveBuddy {
  readonly lists: number[][] = Array.from({ length: MAX_ORDER + 1 }, () => []);

  constructor(kernel: string) {
    // 4.1 onlines upwards to the head of the list, 6.x to its tail.
    for (let pfn = START; pfn < START + BLOCKS * BLOCK_PAGES; pfn += 2 ** MAX_ORDER) {
      if (kernel === "4.1") this.lists.at(MAX_ORDER)!.unshift(pfn);
      else this.lists.at(MAX_ORDER)!.push(pfn);
    }
  }

  allocate(order: number): number | undefined {
    const from = this.lists.findIndex((list, at) => at >= order && list.length > 0);
    if (from < 0) return undefined;
    const pfn = this.lists.at(from)!.shift()!;
    for (let half = from - 1; half >= order; half--) this.lists.at(half)!.unshift(pfn + 2 ** half);
    return pfn;
  }

  free(pfn: number, order: number): void {
    const buddy = buddyOf(pfn, order);
    const at = order < MAX_ORDER ? this.lists.at(order)!.indexOf(buddy) : -1;
    if (at >= 0) {
      this.lists.at(order)!.splice(at, 1);
      this.free(Math.min(pfn, buddy), order + 1);
      return;
    }
    const isMergeNear =
      order < MAX_ORDER - 1 && this.lists.at(order + 1)!.includes(buddyOf(Math.min(pfn, buddy), order + 1));
    if (isMergeNear) this.lists.at(order)!.push(pfn);
    else this.lists.at(order)!.unshift(pfn);
  }
}

function buddyOf(pfn: number, order: number): number {
  const size = 2 ** order;
  return (pfn / size) % 2 === 0 ? pfn + size : pfn - size;
}

/** The engine's movable lists in the model's shape. Untouched blocks stand for their chunks. */
function listsOf(store: PageStore): number[][] {
  const zone = store.zoneSlot(0, ZONE_NORMAL);
  return Array.from({ length: MAX_ORDER + 1 }, (_, order) => {
    const pfns: number[] = [];
    for (const id of membersOf(store, zone, order, MigrateClass.movable)) {
      if (id >= 0) {
        pfns.push(pfnOf(store, id));
      } else {
        const row = -2 - id;
        const chunks = [0, 1024].map((at) => store.rows.block.at(row)! * BLOCK_PAGES + at);
        pfns.push(...(store.rules.placeMoved === "head" ? chunks.toReversed() : chunks));
      }
    }
    return pfns;
  });
}

/** Single pages for the most part: several stand on their list at a time. */
const order = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 10 }) },
);
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant("allocate" as const), n: order }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("free" as const), n: fc.nat() }) },
);

test.for(["4.1", "6.12"])("%s: allocations, splits, merges and list order are a naive buddy allocator's", (kernel) => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 150 }), (operations) => {
      const store = storeOf(kernel, layout, BLOCK_PAGES);
      const zones = zonelist(store, [0], ZONE_NORMAL);
      const model = new NaiveBuddy(kernel);
      const held: { pfn: number; order: number }[] = [];
      for (const { op, n } of operations) {
        if (op === "allocate") {
          const pfn = model.allocate(n);
          const index = allocateFrom(store, zones, n, MigrateClass.movable, PageKind.anonymous, 0);
          expect(index < 0 ? undefined : pfnOf(store, index)).toBe(pfn);
          if (pfn !== undefined) held.push({ pfn, order: n });
        } else if (held.length > 0) {
          const [{ pfn, order }] = held.splice(n % held.length, 1) as [{ pfn: number; order: number }];
          model.free(pfn, order);
          freeUsed(store, indexOf(store, pfn));
        }
        expect(listsOf(store)).toEqual(model.lists);
      }
      expect(counterErrors(store)).toEqual([]);
    }),
    { numRuns: 60, seed: 41 },
  );
});
