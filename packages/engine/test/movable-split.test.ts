import { type PfnRange } from "@memhp/abi";
import {
  coreOptionPages,
  findZoneMovablePfns,
  type MovableOptions,
  type NodeRam,
  type SplitGeometry,
} from "@memhp/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kernelOf } from "../../../tools/conformance/src/kernels.ts";

const GIB_PAGES = 0x40000;
const MIB_PAGES = 0x100;
const MAX_ORDER_PAGES = 1024;

const node = (id: number, ...ranges: (readonly [number, number])[]): NodeRam => ({
  node: id,
  ranges: ranges.map(([startPfn, endPfn]) => ({ startPfn, endPfn })),
  hotpluggable: [],
});

/** The machines of facts §8.2. */
const machines = {
  A: {
    nodes: [node(0, [1, 0x9f], [0x100, 0xbffe0], [0x100000, 0x140000]), node(1, [0x140000, 0x240000])],
    low: 0x100000,
  },
  B: { nodes: [node(0, [1, 0x9f], [0x100, 0x7ffe0])], low: 0x1000 },
  C: { nodes: [node(0, [0x100000, 0x140000]), node(1, [0x140000, 0x240000])], low: 0x100000 },
} as const;

const geometry = (lowestPfn: number): SplitGeometry => ({ lowestPfn, maxOrderPages: MAX_ORDER_PAGES });
const none: MovableOptions = { kernelcorePages: undefined, movablecorePages: undefined, movableNode: false };

function split(kernel: string, name: keyof typeof machines, options: Partial<MovableOptions>): Map<number, number> {
  const { nodes, low } = machines[name];
  return findZoneMovablePfns(kernelOf(kernel), nodes, { ...none, ...options }, geometry(low));
}

/** Pages of RAM at or above a start. */
function pagesFrom(ranges: readonly PfnRange[], startPfn: number): number {
  return ranges.reduce((sum, range) => sum + Math.max(0, range.endPfn - Math.max(range.startPfn, startPfn)), 0);
}

test("the totals of facts §8.2", () => {
  const total = (name: keyof typeof machines) =>
    machines[name].nodes.reduce((sum, { ranges }) => sum + pagesFrom(ranges, 0), 0);
  expect([total("A"), total("B")]).toEqual([2097022, 524158]);
});

/** Machine, kernelcore and movablecore in MiB, then [zm, movable pages] of each node: facts §8.2, every row. */
const workedExamples: readonly [
  machine: keyof typeof machines,
  kernelcoreMib: number | undefined,
  movablecoreMib: number | undefined,
  expected: readonly (readonly [zm: number, pages: number])[],
][] = [
  [
    "A",
    2048,
    undefined,
    [
      [0x100000, 262144],
      [0x140000, 1048576],
    ],
  ],
  [
    "A",
    4096,
    undefined,
    [
      [0x120400, 130048],
      [0x160400, 916480],
    ],
  ],
  [
    "A",
    5120,
    undefined,
    [
      [0x140000, 0],
      [0x180400, 785408],
    ],
  ],
  [
    "A",
    undefined,
    2048,
    [
      [0x100400, 261120],
      [0x200000, 262144],
    ],
  ],
  [
    "A",
    5120,
    1024,
    [
      [0x120400, 130048],
      [0x220000, 131072],
    ],
  ],
  [
    "A",
    undefined,
    102400,
    [
      [0x140000, 0],
      [0x240000, 0],
    ],
  ],
  [
    "A",
    102400,
    undefined,
    [
      [0x140000, 0],
      [0x240000, 0],
    ],
  ],
  ["B", 512, undefined, [[0x20400, 392160]]],
  [
    "C",
    3072,
    undefined,
    [
      [0x140000, 0],
      [0x1c0000, 524288],
    ],
  ],
  [
    "C",
    undefined,
    1001,
    [
      [0x140000, 0],
      [0x201400, 257024],
    ],
  ],
];

describe.for(workedExamples)(
  "machine %s, kernelcore=%sM movablecore=%sM (facts §8.2)",
  ([name, core, movable, rows]) => {
    const options = {
      kernelcorePages: core === undefined ? undefined : core * MIB_PAGES,
      movablecorePages: movable === undefined ? undefined : movable * MIB_PAGES,
    };

    test.for(["4.1", "4.1-nomn"] as const)("%s: a start at a node's end is kept, and its zone is empty", (kernel) => {
      const starts = split(kernel, name, options);
      expect([...starts].sort(([a], [b]) => a - b)).toEqual(rows.map(([zm], id) => [id, zm]));
      const pages = machines[name].nodes.map(({ node: id, ranges }) => pagesFrom(ranges, starts.get(id) ?? Infinity));
      expect(pages).toEqual(rows.map(([, movablePages]) => movablePages));
    });

    test.for(["6.1", "6.12"] as const)("%s: a node whose start would be its end has no ZONE_MOVABLE", (kernel) => {
      const starts = split(kernel, name, options);
      const kept = rows.flatMap(([zm, pages], id) => (pages === 0 ? [] : [[id, zm]]));
      expect([...starts].sort(([a], [b]) => a - b)).toEqual(kept);
    });
  },
);

describe("steps of the distribution (facts §8.1)", () => {
  test("without an option there is no ZONE_MOVABLE", () => {
    expect(split("4.1", "A", {}).size).toBe(0);
    expect(split("4.1", "A", { kernelcorePages: 0 }).size).toBe(0);
    expect(split("6.1", "A", { movablecorePages: 0 }).size).toBe(0);
  });

  test("memory below 4 GiB is charged to kernelcore in full, so the other node is all Movable (facts §11, 14)", () => {
    const starts = split("6.1", "A", { kernelcorePages: 2 * GIB_PAGES });
    expect(starts.get(1)).toBe(0x140000);
    expect(starts.get(0)).toBe(0x100000);
  });

  test("kernelcore and movablecore together: the larger kernel share wins", () => {
    const both = split("6.1", "A", { kernelcorePages: 5 * GIB_PAGES, movablecorePages: GIB_PAGES });
    expect(both).toEqual(split("6.1", "A", { movablecorePages: GIB_PAGES }));
    const smaller = split("6.1", "A", { kernelcorePages: 4 * GIB_PAGES, movablecorePages: 6 * GIB_PAGES });
    expect(smaller).toEqual(split("6.1", "A", { kernelcorePages: 4 * GIB_PAGES }));
  });

  test("movablecore is rounded up to MAX_ORDER_NR_PAGES before it is subtracted", () => {
    const starts = split("6.1", "C", { movablecorePages: 1 });
    expect(starts).toEqual(split("6.1", "C", { movablecorePages: MAX_ORDER_PAGES }));
    expect([...starts]).toEqual([[1, 0x23fc00]]);
  });

  test("movablecore beyond RAM: 4.1 wraps and all memory is kernel memory, 6.x clamps and kernelcore decides", () => {
    const options = { kernelcorePages: 2 * GIB_PAGES, movablecorePages: 100 * GIB_PAGES };
    const wrapped = split("4.1", "A", options);
    expect([...wrapped]).toEqual([
      [0, 0x140000],
      [1, 0x240000],
    ]);
    expect(split("6.1", "A", options)).toEqual(split("6.1", "A", { kernelcorePages: 2 * GIB_PAGES }));
  });

  test("kernelcore beyond RAM is ignored by 6.x and distributed by 4.1 (observed-4.1 Q6)", () => {
    expect(split("6.1", "B", { kernelcorePages: 100 * GIB_PAGES }).size).toBe(0);
    // RAM ends at 0x7ffe0; the start is rounded up past it.
    expect([...split("4.1", "B", { kernelcorePages: 100 * GIB_PAGES })]).toEqual([[0, 0x80000]]);
  });

  test("nodes without memory have no share", () => {
    const { nodes, low } = machines.A;
    const options = { ...none, kernelcorePages: 4 * GIB_PAGES };
    const linux61 = kernelOf("6.1");
    const more = [...nodes, node(2), node(3)];
    expect(findZoneMovablePfns(linux61, more, options, geometry(low))).toEqual(split("6.1", "A", options));
  });

  test("a machine without memory has nothing to split", () => {
    expect(findZoneMovablePfns(kernelOf("4.1"), [node(0)], { ...none, kernelcorePages: 1 }, geometry(0)).size).toBe(0);
  });
});

describe("movable_node (facts §8.1 step 1)", () => {
  const nodes: NodeRam[] = [
    machines.C.nodes[0],
    {
      ...machines.C.nodes[1],
      hotpluggable: [
        { startPfn: 0x200000, endPfn: 0x240000 },
        { startPfn: 0x180000, endPfn: 0x200000 },
      ],
    },
  ];
  const starts = (kernel: string, options: Partial<MovableOptions>) => [
    ...findZoneMovablePfns(kernelOf(kernel), nodes, { ...none, ...options }, geometry(0x100000)),
  ];

  test("ZONE_MOVABLE begins at the lowest hot-pluggable range of a node", () => {
    expect(starts("4.1", { movableNode: true })).toEqual([[1, 0x180000]]);
    expect(starts("6.1", { movableNode: true })).toEqual([[1, 0x180000]]);
  });

  test("it overrides kernelcore and movablecore", () => {
    const options = { movableNode: true, kernelcorePages: GIB_PAGES, movablecorePages: GIB_PAGES };
    expect(starts("6.1", options)).toEqual([[1, 0x180000]]);
  });

  test("4.1 built without MOVABLE_NODE does not know it, and kernelcore counts", () => {
    expect(starts("4.1-nomn", { movableNode: true })).toEqual([]);
    const options = { kernelcorePages: 3 * GIB_PAGES };
    expect(starts("4.1-nomn", { ...options, movableNode: true })).toEqual(starts("4.1-nomn", options));
  });

  test("boot memory that nobody marked leaves no ZONE_MOVABLE (boot-2n-6g-movable_node)", () => {
    expect(split("4.1", "A", { movableNode: true }).size).toBe(0);
  });
});

describe("reading kernelcore= and movablecore= (facts §8)", () => {
  const pages = (kernel: string, text: string | undefined) => coreOptionPages(kernelOf(kernel), text, 524158, 12);

  test("bytes with a suffix, rounded down to pages", () => {
    expect(pages("4.1", "1G")).toBe(GIB_PAGES);
    expect(pages("4.1", "512M")).toBe(512 * MIB_PAGES);
    expect(pages("6.1", "8191")).toBe(1);
    expect(pages("6.1", "0x100000")).toBe(MIB_PAGES);
  });

  test("absent or without a digit: no option (boot-1n-kernelcore-bad)", () => {
    expect(pages("4.1", undefined)).toBeUndefined();
    expect(pages("4.1", "foo")).toBeUndefined();
  });

  test("6.x takes a share of all pages (a_boot_2node_kernelcore_50pct)", () => {
    expect(pages("6.1", "50%")).toBe(262079);
    expect(pages("6.1", "25%")).toBe(Math.floor((524158 * 100 * 25) / 10000));
  });

  test("a share of nothing or of everything is no split", () => {
    expect(pages("6.1", "0%")).toBeUndefined();
    expect(pages("6.1", "100%")).toBeUndefined();
  });

  test("4.1 reads 50% as 50 bytes: no page", () => {
    expect(pages("4.1", "50%")).toBe(0);
  });
});

test("property: starts are rounded to MAX_ORDER_NR_PAGES and never below the zone that is cut; 6.x keeps none at or past a node's end", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 0x20000 }), { minLength: 1, maxLength: 5 });
  const option = fc.option(fc.integer({ min: 0, max: 0x100000 }), { nil: undefined });
  const kernels = fc.constantFrom<string>("4.1", "6.1");
  fc.assert(
    fc.property(kernels, sizes, option, option, (kernel, pages, kernelcorePages, movablecorePages) => {
      let next = 0x100000;
      const nodes = pages.map((size, id) => {
        const startPfn = next;
        next += size;
        return size === 0 ? node(id) : node(id, [startPfn, next]);
      });
      const options = { ...none, kernelcorePages, movablecorePages };
      const starts = findZoneMovablePfns(kernelOf(kernel), nodes, options, geometry(0x100000));
      for (const [id, start] of starts) {
        expect(start % MAX_ORDER_PAGES).toBe(0);
        expect(start).toBeGreaterThanOrEqual(nodes[id]?.ranges[0]?.startPfn ?? Infinity);
        if (kernel === "6.1") expect(start).toBeLessThan(nodes[id]?.ranges.at(-1)?.endPfn ?? 0);
      }
    }),
    { seed: 8 },
  );
});

test("property: kernel memory is what kernelcore asks for, to within a page per node and the rounding", () => {
  const sizes = fc.array(fc.integer({ min: 8 * MAX_ORDER_PAGES, max: 0x20000 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(sizes, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (pages, share) => {
      let next = 0x100000;
      const nodes = pages.map((size, id) => node(id, [next, (next += size)]));
      const total = next - 0x100000;
      const need = Math.floor(total * share);
      const options = { ...none, kernelcorePages: need };
      const starts = findZoneMovablePfns(kernelOf("6.1"), nodes, options, geometry(0x100000));
      const kernelPages = nodes.reduce((sum, { node: id, ranges }) => {
        const all = pagesFrom(ranges, 0);
        return sum + all - pagesFrom(ranges, starts.get(id) ?? Infinity);
      }, 0);
      expect(kernelPages).toBeGreaterThanOrEqual(need - nodes.length);
      expect(kernelPages).toBeLessThanOrEqual(need + nodes.length * MAX_ORDER_PAGES);
    }),
    { seed: 81 },
  );
});
