import { expect, test } from "vitest";
import { tracesNamed, withoutGiven } from "../src/index.ts";

/** Runs about blocks of a kernel zone that the kernel had come to use or not, and what it used beside them. */
const named = ["e_del", "f_memmap", "g_state", "j_", "n_absent", "n_hwpoison", "x_default", "x_firmware"];

test.for([
  ["6.1", 0.9, 0.98],
  ["6.12", 0.9, 0.98],
  ["7.3", 0.92, 0.92],
] as const)("%s: kernel pages of hot-added memory, nothing given", async ([kernel, allTheWay, foretold]) => {
  const sum = { total: 0, matched: 0, foretold: 0 };
  for (const id of tracesNamed(kernel, named).filter((each) => each.startsWith(`${kernel}/`))) {
    const one = await withoutGiven(id);
    sum.total += one.total;
    sum.matched += one.matched;
    sum.foretold += one.foretold;
  }
  expect(sum.total).toBeGreaterThan(50);
  expect(sum.matched / sum.total).toBeGreaterThanOrEqual(allTheWay);
  expect(sum.foretold / sum.total).toBeGreaterThanOrEqual(foretold);
});
