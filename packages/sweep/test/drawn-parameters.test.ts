import { describe, expect, test } from "vitest";
import { sweepOf } from "./sweep-file.ts";

/** The values of a parameter in all runs. */
function drawn(range: object, search: object): unknown[] {
  const sweep = sweepOf({ parameters: { size: range }, search, seeds: { count: 1 } });
  return Array.from({ length: sweep.runs }, (_, run) => sweep.point(run).parameters["size"]);
}

describe("a range that says how far its values lie apart", () => {
  test.each([{ random: 200 }, { latin: 200 }])("has those values alone where %o draws them", (search) => {
    const sizes = drawn({ from: 128, to: 512, step: 128, unit: "M" }, search);
    expect(new Set(sizes)).toEqual(new Set(["128M", "256M", "384M", "512M"]));
  });

  test("has each as often, the first and the last as well, in a latin hypercube", () => {
    const sizes = drawn({ from: 100, to: 200, step: 10, unit: "M" }, { latin: 110 });
    const counts = new Map<unknown, number>();
    for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
    const each = [100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200];
    expect(counts).toEqual(new Map(each.map((size) => [`${size}M`, 10])));
  });
});
