import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseSweep, type Parameters, SweepRunner } from "../src/index.ts";

type Values = Readonly<Record<string, unknown>>;

function textOf(study: string): string {
  return readFileSync(new URL(`../studies/${study}.yaml`, import.meta.url), "utf8");
}

/** Measures of those runs of a study, with the first seed, that have these parameters. */
function measured(study: string, ...wanted: Parameters[]): Promise<Values[]> {
  return measuredIn(textOf(study), study, ...wanted);
}

async function measuredIn(text: string, study: string, ...wanted: Parameters[]): Promise<Values[]> {
  const sweep = parseSweep(text, study);
  expect(sweep.document).toMatchObject({ question: expect.any(String), answer: expect.any(String) });
  expect(sweep.document.facts?.length).toBeGreaterThan(0);
  const runner = new SweepRunner(sweep);
  const points = Array.from({ length: sweep.combinations }, (_, run) => sweep.point(run));
  const measures: Values[] = [];
  for (const some of wanted) {
    const point = points.find(({ parameters }) =>
      Object.entries(some).every(([name, value]) => parameters[name] === value),
    );
    const { measures: values, failure } = await runner.run(point?.run ?? -1);
    expect(failure).toBeUndefined();
    measures.push(values ?? {});
  }
  return measures;
}

test("12 GiB fit a guest of 256 MiB only with memmap_on_memory (facts 5.3: 2 MiB of struct pages a block)", async () => {
  const [without, withIt] = await measured(
    "memmap-on-memory",
    { kernel: "6.12", state: "offline", memmap: "N" },
    { kernel: "6.12", state: "offline", memmap: "Y" },
  );
  expect(withIt).toMatchObject({ onlined: 96, refused: 0, free_after_kib: withIt?.["free_before_kib"] });
  expect(without?.["refused"]).toBe(96 - Number(without?.["onlined"]));
  // What was taken is 2 MiB a DIMM, and what is left is less than one more could have.
  const taken = Number(without?.["free_before_kib"]) - Number(without?.["free_after_kib"]);
  expect(taken / 1024 / Number(without?.["onlined"])).toBeCloseTo(2, 0);
});

test("auto_movable_ratio counts boot memory only: 301 leaves 3 of 63 GiB movable, 6400 leaves the kernel no room", async () => {
  const [usual, all] = await measured(
    "auto-movable-ratio",
    { kernel: "7.3", memmap: "N", ratio: 301 },
    { kernel: "7.3", memmap: "N", ratio: 6400 },
  );
  expect(usual).toMatchObject({ movable_pages: 3 * 2 ** 18, kernel_4g: 0, movable_blocks: 24, back: 24 });
  expect(all?.["kernel_4g"]).toBe("ENOMEM");
  expect(Number(all?.["total_kib"])).toBeLessThan(Number(usual?.["total_kib"]));
});

test("kernelcore counts what lies below 4 GiB: 4G adds no room for the kernel, 8G does, 32G reaches node 7", async () => {
  const [small, more, most] = await measured(
    "kernelcore",
    { kernel: "6.12", kernelcore: "4G" },
    { kernel: "6.12", kernelcore: "8G" },
    { kernel: "6.12", kernelcore: "32G" },
  );
  expect([small?.["slab_4g"], more?.["slab_4g"], more?.["slab_2g_node7"], most?.["slab_2g_node7"]]).toEqual([
    "ENOMEM",
    0,
    "ENOMEM",
    0,
  ]);
  expect(Number(most?.["node7_movable"])).toBeLessThan(Number(more?.["node7_movable"]));
});

test("rising order: 4.1 onlines one block as movable, 6.12 all, and all of these go again", async () => {
  const [old, later] = await measured(
    "kernels-compared",
    { kernel: "4.1", type: "movable" },
    { kernel: "6.12", type: "movable" },
  );
  expect(old).toMatchObject({ onlined: 1, offlined: 1 });
  expect(later).toMatchObject({ onlined: 16, offlined: 16, refused: 0 });
});

test("after a week of churn all that is movable comes back on 6.12, in either order, and on 4.1 the order decides how much there is", async () => {
  const [rising, plain, old, oldFalling] = await measured(
    "week-of-churn",
    { kernel: "6.12", word: "online_movable", falling: false },
    { kernel: "6.12", word: "online", falling: false },
    { kernel: "4.1", word: "online_movable", falling: false },
    { kernel: "4.1", word: "online_movable", falling: true },
  );
  expect(rising).toMatchObject({ onlined: 8, back: 8 });
  expect(Number(plain?.["back"])).toBeLessThan(8);
  expect(old).toMatchObject({ onlined: 1, back: 1 });
  expect(oldFalling?.["onlined"]).toBe(8);
});

test("of a tenth of 10,000 blocks at once the kernel onlines all before udev does, and a late script loses DIMMs (facts 5.3: 64 bytes a page)", async () => {
  // 1,000 blocks of 128 MiB need 1.95 GiB of struct pages, which a guest of 1 GiB has only where DIMMs come online one by one.
  const text = textOf("who-onlines").replace("size: 125G", "size: 12800M").replace("[12G, 32G]", "[1G]");
  const [script, udev, both] = await measuredIn(
    text,
    "who-onlines",
    { who: "script" },
    { who: "udev" },
    { who: "kernel and udev" },
  );
  expect(udev).toMatchObject({ first: "udev", last: "udev", onlined: 1000 });
  expect(both).toMatchObject({ first: "auto_online_blocks", last: "auto_online_blocks", onlined: 1000 });
  // An add and a change for each block, whoever onlined it.
  expect([udev?.["udev_events"], both?.["udev_events"]].map(Number)).toEqual([2010, 2010]);
  expect(script).toMatchObject({ first: "script", last: "script" });
  expect(Number(script?.["onlined"])).toBeLessThan(1000);
  expect(Number(script?.["total_kib"])).toBeLessThan(Number(udev?.["total_kib"]));
});

test("of kernel memory virtio-mem gives back all but single sub-blocks, DIMMs go whole or not at all (observed-newer 2)", async () => {
  // Half a day is one round of churn.
  const text = textOf("dimms-and-virtio-mem").replace("s: 604800", "s: 43200");
  const [dimm, virtio] = await measuredIn(
    text,
    "dimms-and-virtio-mem",
    { kernel: "6.12", word: "online", device: "dimm" },
    { kernel: "6.12", word: "online", device: "virtio-mem" },
  );
  const left = (of: Values | undefined): number => Number(of?.["left_kib"]) - Number(of?.["booted_kib"]);
  expect(Number(virtio?.["plugged_bytes"]) % 2 ** 21).toBe(0);
  expect(left(virtio)).toBeGreaterThan(0);
  expect(left(dimm)).toBeGreaterThan(10 * left(virtio));
  expect(left(dimm) % 2 ** 20).toBe(0);
});
