import { Prng } from "@memhp/engine";
import { expect, test } from "vitest";
import { SinglePages } from "../../src/pages/single-pages.ts";

const PAGES = 3000;

test.for([1, 2, 3])(
  "seed %i: the list of single pages is a list, whatever leaves it and however long it gets",
  (seed) => {
    const singles = new SinglePages();
    const places = new Int32Array(PAGES);
    const prng = new Prng(seed);
    const model: number[] = [];
    const others = Array.from({ length: PAGES }, (_, index) => index);
    const drawn = (from: number[]): number => from.splice(prng.below(from.length), 1).at(0)!;
    let mostBytes = 0;
    for (let phase = 0; phase < 12; phase++) {
      // By turns it gets longer and shorter; the last time it empties.
      const grows = phase % 2 === 0 ? 8 : 3;
      for (let i = 0; i < 1000; i++) {
        if (prng.below(10) < grows && others.length > 0) {
          const index = drawn(others);
          if (prng.below(2) === 0) {
            singles.putFirst(index, places, model.length);
            model.unshift(index);
          } else {
            singles.putLast(index, places, model.length);
            model.push(index);
          }
        } else if (prng.below(10) < 8 && model.length > 0) {
          // From the middle, and now and then from the ends.
          const at = [0, model.length - 1, prng.below(model.length), prng.below(model.length)].at(prng.below(4))!;
          const [index] = model.splice(at, 1) as [number];
          expect(singles.at(places.at(index)!)).toBe(index);
          singles.remove(places.at(index)!);
          others.push(index);
        } else {
          const most = 1 + prng.below(5);
          const pages = new Int32Array(most);
          const taken = singles.takeFirst(most, pages);
          expect([...pages.subarray(0, taken)]).toEqual(model.slice(0, most));
          others.push(...model.splice(0, most));
        }
        if (prng.below(50) === 0 && model.length > 20) {
          const leave = Int32Array.from({ length: 8 }, () => drawn(model));
          singles.removeEach(
            leave.map((index) => places.at(index)!),
            leave.length,
          );
          others.push(...leave);
        }
        if (prng.below(50) === 0 && others.length > 300) {
          const come = Int32Array.from({ length: 1 + prng.below(300) }, () => drawn(others));
          singles.putEachLast(come, come.length, places, model.length);
          model.push(...come);
        }
        expect(singles.first).toBe(model.at(0) ?? -1);
        if (i % 200 === 0) expect([...singles]).toEqual(model);
      }
      expect([...singles]).toEqual(model);
      mostBytes = Math.max(mostBytes, singles.bytes);
    }
    expect(singles.takeFirst(PAGES, new Int32Array(PAGES))).toBe(model.length);
    expect([...singles]).toEqual([]);
    expect(mostBytes).toBeGreaterThan(1024);
    // Gaps are closed: never more than four places a page.
    expect(mostBytes).toBeLessThanOrEqual(4 * 4 * PAGES);
    expect(singles.bytes).toBeLessThanOrEqual(1024);
  },
);
