import fc from "fast-check";
import { expect, test } from "vitest";
import { createTree } from "../src/index.ts";
import { fakePort, nodeView, zoneView } from "./fake-port.ts";
import { valueOf } from "./result.ts";
import { kernelIds, kernelOf } from "../../../tools/conformance/src/kernels.ts";

function read(kernel: string, file: string, zone: Parameters<typeof zoneView>[1]): string[] {
  const nodes = [nodeView(0, { zones: [zoneView("Normal", zone)] })];
  return valueOf(createTree(fakePort({ kernel, nodes })).read(`/proc/${file}`)).split("\n");
}

const numbers = (line = ""): number[] =>
  line
    .match(/\d+(?= )/g)
    ?.slice(1)
    .map(Number) ?? [];

test.each(kernelIds)("property: on %s the rows of pagetypeinfo add up to the row of buddyinfo", (kernel) => {
  const types = kernelOf(kernel).sysfs.pagetypeinfo.rows;
  const counts = fc.array(fc.nat({ max: 20_000 }), { minLength: 11, maxLength: 11 });
  const rows = fc.tuple(...types.map((type) => fc.record({ type: fc.constant(type), freeChunks: counts })));
  fc.assert(
    fc.property(rows, (types) => {
      const pageTypes = types.map((row, index) => ({ ...row, pageblocks: index }));
      const freeChunks = [...Array(11).keys()].map((order) => sum(types.map((row) => row.freeChunks[order] ?? 0)));
      const zone = { presentPages: 1, freeChunks, pageTypes };
      const [buddyinfo] = read(kernel, "buddyinfo", zone);
      const printed = read(kernel, "pagetypeinfo", zone).filter((line) => line.includes(", type "));
      expect(printed).toHaveLength(kernelOf(kernel).sysfs.pagetypeinfo.rows.length);
      expect(numbers(buddyinfo?.slice(6))).toEqual(freeChunks.slice(1));
      const columns = printed.map((line) => numbers(line.slice(6)));
      expect(freeChunks.slice(1)).toEqual(freeChunks.slice(1).map((_, i) => sum(columns.map((row) => row[i] ?? 0))));
    }),
  );
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

test("a zone without present pages, or a node without memory, has no row", () => {
  expect(read("6.12", "buddyinfo", { presentPages: 0, spannedPages: 4 })).toEqual([""]);
  const port = fakePort({ kernel: "6.12", nodes: [nodeView(0, { zones: [zoneView("Normal", { presentPages: 1 })] })] });
  const memoryless = { ...port, nodeMasks: () => ({ ...port.nodeMasks(), hasMemory: [] }) };
  expect(valueOf(createTree(memoryless).read("/proc/pagetypeinfo"))).toBe("");
});

test("later kernels stop counting a free list at 100,000 chunks", () => {
  const freeChunks = [250_000, 7];
  const zone = {
    presentPages: 1,
    freeChunks,
    pageTypes: [{ type: "Movable", freeChunks, pageblocks: 1 }] as const,
  };
  const row = (kernel: string): string | undefined =>
    read(kernel, "pagetypeinfo", zone).find((line) => line.includes("Movable "));
  expect(row("6.1")).toBe("Node    0, zone   Normal, type      Movable >100000      7 ");
  expect(row("4.1")).toBe("Node    0, zone   Normal, type      Movable 250000      7 ");
});
