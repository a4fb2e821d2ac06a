import { ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  allocate,
  counterErrors,
  giveMemmapBack,
  PageKind,
  type PageStore,
  populateBlock,
  refuseUnmovable,
  takeMemmap,
  viewPage,
} from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_PAGES, emptyStore } from "./machines.ts";

const BOOT = [32, 33];
/** 128 MiB of memory need 2 MiB of struct pages (observed-6 §4). */
const PER_BLOCK = 512;

/** Two boot blocks in which the kernel has pages, and one of ZONE_MOVABLE. */
function store(): PageStore {
  const pages = emptyStore("6.12");
  for (const block of BOOT)
    populateBlock(pages, { block, node: 0, zone: ZONE_NORMAL, held: { reserved: 1, kernel: 0 } });
  populateBlock(pages, { block: 40, node: 0, zone: ZONE_MOVABLE });
  return pages;
}

const memmapPages = (pages: PageStore): number => pages.kindPages.at(ZONE_NORMAL * 32 + PageKind.memmap)!;
const freePages = (pages: PageStore): number => pages.freePages.at(ZONE_NORMAL)!;

test("the memmap of two added blocks is one largest chunk of kernel memory, and free when they are gone", () => {
  const pages = store();
  const before = freePages(pages);
  expect(takeMemmap(pages, 0, 2 * PER_BLOCK)).toBe(true);
  expect([before - freePages(pages), memmapPages(pages)]).toEqual([1024, 1024]);
  expect(viewPage(pages, 32 * BLOCK_PAGES + 1024)).toMatchObject({ kind: "memmap", owner: "kernel", isTail: false });
  giveMemmapBack(pages, 2 * PER_BLOCK);
  expect([freePages(pages), memmapPages(pages)]).toEqual([before, 0]);
  expect(counterErrors(pages)).toEqual([]);
});

test("a block full of memmap costs no page of memory, and refuses to go offline", () => {
  const pages = store();
  expect(takeMemmap(pages, 0, 62 * PER_BLOCK)).toBe(true);
  expect(pages.slots).toBe(0);
  expect(refuseUnmovable(pages, 32)).toMatchObject({ total: BLOCK_PAGES });
  expect(counterErrors(pages)).toEqual([]);
});

test("where kernel memory is full nothing is taken at all", () => {
  const pages = store();
  const before = freePages(pages);
  expect(takeMemmap(pages, 0, 2 * BLOCK_PAGES)).toBe(false);
  expect([freePages(pages), memmapPages(pages)]).toEqual([before, 0]);
  expect(counterErrors(pages)).toEqual([]);
});

test("property: memmap comes and goes among other allocations, and every counter is a recount's", () => {
  const step = fc.oneof(
    fc.record({ op: fc.constant("take" as const), blocks: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ op: fc.constant("give" as const), blocks: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ op: fc.constant("allocate" as const), order: fc.integer({ min: 0, max: 10 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const pages = store();
      let taken = 0;
      for (const each of steps) {
        if (each.op === "allocate") allocate(pages, { kind: "kernel", order: each.order, nodes: [0] });
        else if (each.op === "take" && takeMemmap(pages, 0, each.blocks * PER_BLOCK)) taken += each.blocks;
        else if (each.op === "give") {
          const given = Math.min(taken, each.blocks);
          giveMemmapBack(pages, given * PER_BLOCK);
          taken -= given;
        }
        expect(counterErrors(pages)).toEqual([]);
        expect(memmapPages(pages)).toBe(Math.ceil((taken * PER_BLOCK) / 1024) * 1024);
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});
