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
        const ranges: { first: number; end: number }[] = [];
        let first: number | undefined;
        for (const cut of [...new Set(cuts)].sort((a, b) => a - b)) {
          if (first === undefined) first = FIRST + cut;
          else {
            ranges.push({ first, end: FIRST + cut });
            first = undefined;
          }
        }
        const runs = table.runsOf(ranges);
        const told = runs.flatMap(({ row, count }) =>
          Array.from({ length: count }, (_, i) => ({ ...row, id: row.id + i })),
        );
        const asked = ranges.flatMap((each) => Array.from({ length: each.end - each.first }, (_, i) => each.first + i));
        expect(told).toEqual(asked.map((id) => (table.has(id) ? table.row(id) : absentRow(id))));
        let end = -1;
        for (const { row, count } of runs) {
          if (row.id === end) expect(table.areAlike(end - 1, end)).toBe(false);
          end = row.id + count;
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
