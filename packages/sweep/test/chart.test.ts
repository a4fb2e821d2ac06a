import { expect, test } from "vitest";
import { chartData, chartKinds, chartSvg, chartText } from "../src/chart/index.ts";
import { type RunResult, type Sweep, summarise } from "../src/index.ts";
import { sweepOf } from "./sweep-file.ts";

/** Results of a sweep, made up from its parameters. */
function results(sweep: Sweep, of: (point: RunResult) => number): RunResult[] {
  return Array.from({ length: sweep.runs }, (_, run) => {
    const point = sweep.point(run);
    return { ...point, measures: { errno: of(point) } };
  });
}

test("sizes make curves, one for each of the other parameters, with medians between the least and the most", () => {
  const sweep = sweepOf({
    parameters: { word: ["a", "b<"], size: ["1G", "128M", "256M"] },
    seeds: { count: 3 },
  });
  const made = results(sweep, ({ seed, parameters }) => (parameters["size"] === "1G" ? 8 : 1) + seed);
  const chart = chartData(summarise(sweep, made), made);
  expect(chart).toMatchObject({ kind: "curves", x: "size", measure: "errno" });
  const points = [
    { x: 2 ** 27, label: "128M", median: 2, min: 1, max: 3 },
    { x: 2 ** 28, label: "256M", median: 2, min: 1, max: 3 },
    { x: 2 ** 30, label: "1G", median: 9, min: 8, max: 10 },
  ];
  expect(chart.kind === "curves" && chart.lines).toEqual([
    { name: "word a", points },
    { name: "word b<", points },
  ]);
  const svg = chartSvg(chart, "t & t");
  expect(svg.match(/<circle /g)).toHaveLength(6);
  expect(svg).toContain("<title>t &amp; t</title>");
  expect(svg).toContain("<title>word b&lt;</title>");
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  // The same as the other pictures that there can be: medians by size, and all eighteen runs.
  expect(chartKinds(summarise(sweep, made))).toEqual(["curves", "heatmap", "distribution"]);
  expect(chartData(summarise(sweep, made), made, "errno", "heatmap")).toMatchObject({
    columns: ["1G", "128M", "256M"],
    rows: [
      { name: "word a", cells: [9, 2, 2] },
      { name: "word b<", cells: [9, 2, 2] },
    ],
  });
  const all = chartData(summarise(sweep, made), made, "errno", "distribution");
  expect(all.kind === "distribution" && all.bins.reduce((sum, { runs }) => sum + runs, 0)).toBe(18);
  // A long title is not cut off.
  expect(chartSvg(all, "t".repeat(200))).toMatch(/ width="1416" /);
  expect(chartText(chart)).toContain(`word a, size 1G  ${"█".repeat(40)} 9\n`);
});

test("curves have a tick at every value that one of them has", () => {
  const point = (x: number) => ({ x, label: `${x}G`, median: 1, min: 1, max: 1 });
  const lines = [
    { name: "a", points: [point(1), point(2)] },
    { name: "b", points: [point(2), point(4)] },
  ];
  const svg = chartSvg({ kind: "curves", measure: "errno", x: "size", lines }, "t");
  expect([...svg.matchAll(/>(\d+)G</g)].map(([, size]) => size)).toEqual(["1", "2", "4"]);
});

test("words make a heat map", () => {
  const sweep = sweepOf({ parameters: { size: ["1M", "2M"], word: ["x", "y"] }, seeds: [0] });
  const made = results(sweep, ({ run }) => run);
  const chart = chartData(summarise(sweep, made), made, "errno");
  expect(chart).toEqual({
    kind: "heatmap",
    measure: "errno",
    x: "word",
    columns: ["x", "y"],
    rows: [
      { name: "size 1M", cells: [0, 1] },
      { name: "size 2M", cells: [2, 3] },
    ],
  });
  expect(chartSvg(chart, "t").match(/<rect x=/g)).toHaveLength(4);
});

test("drawn parameters make a distribution: every run is in one of its parts", () => {
  const sweep = sweepOf({
    parameters: { size: { from: 1, to: 100, whole: true, unit: "M" } },
    search: { random: 50 },
    seeds: [0],
  });
  const made = results(sweep, ({ run }) => run ** 2);
  const chart = chartData(summarise(sweep, made), made);
  if (chart.kind !== "distribution") throw new Error(chart.kind);
  expect(chart.bins.reduce((sum, { runs }) => sum + runs, 0)).toBe(50);
  expect([chart.bins[0]?.from, chart.bins.at(-1)?.to]).toEqual([0, 49 ** 2]);
  expect(chartSvg(chart, "t")).not.toMatch(/NaN|undefined/);
});

test("what cannot be drawn is told", () => {
  const sweep = sweepOf({ seeds: [0] });
  const none = results(sweep, () => 0).map((result) => ({ ...result, measures: { state: "x" } }));
  expect(() => chartData(summarise(sweep, none), none, "nothing")).toThrow(
    /"nothing" is not known \(there are: errno, /,
  );
  expect(() => chartData(summarise(sweep, none), none, "state")).toThrow(/no run has a number/);
});

test("as many runs as a sweep may have are spread over the bins of one picture", () => {
  const sweep = sweepOf({ parameters: { size: ["1G"] }, seeds: { count: 200_000 } });
  const made = results(sweep, ({ run }) => run);
  const chart = chartData(summarise(sweep, made), made, "errno", "distribution");
  expect(chart).toMatchObject({ kind: "distribution" });
  expect(chart.kind === "distribution" && chart.bins.map(({ runs }) => runs)).toEqual(Array(20).fill(10_000));
});
