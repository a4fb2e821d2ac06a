import fc from "fast-check";
import { expect, test } from "vitest";
import { absentRow, BlockState, BlockTable } from "../src/index.ts";

/** Around the border of two chunks of 1,024. */
const FIRST = 1016;
const BLOCKS = 16;

test("property: runs of ranges say of each of their blocks what its row says", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(BlockState.absent, BlockState.offline, BlockState.online), {
        minLength: BLOCKS,
        maxLength: BLOCKS,
      }),
      fc.array(fc.nat(BLOCKS), { minLength: 1, maxLength: 6 }),
      (states, cuts) => {
        const table = new BlockTable();
        for (const [i, state] of states.entries())
          if (state !== BlockState.absent) table.put({ ...absentRow(FIRST + i), state, node: i < 12 ? 0 : 1 });
        const ends = [...new Set(cuts)].sort((a, b) => a - b);
        const ranges = ends.slice(1).map((end, i) => ({ first: FIRST + (ends[i] as number), end: FIRST + end }));
        const runs = table.runsOf(ranges.filter((_, i) => i % 2 === 0));
        const told = runs.flatMap(({ row, count }) =>
          Array.from({ length: count }, (_, i) => ({ ...row, id: row.id + i })),
        );
        const asked = ranges
          .filter((_, i) => i % 2 === 0)
          .flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i));
        expect(told).toEqual(asked.map((id) => (table.has(id) ? table.row(id) : absentRow(id))));
        for (let i = 1; i < runs.length; i++) {
          const { row, count } = runs[i - 1] as (typeof runs)[number];
          const next = (runs[i] as (typeof runs)[number]).row.id;
          if (next === row.id + count) expect(table.areAlike(row.id, next)).toBe(false);
        }
        for (let i = 0; i < BLOCKS; i++) {
          let alike = 1;
          while (i + alike < BLOCKS && table.areAlike(FIRST + i, FIRST + i + alike)) alike++;
          expect(table.alikeFrom(FIRST + i, BLOCKS - i)).toBe(alike);
        }
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});
