import { describe, expect, test } from "vitest";
import { BLOCK, FIRST, kernels, kernels41, kernels6, lab, type Lab, MIB, onNode, refusalOf } from "./lab.ts";

const PAGE = 4096;
const SYSFS = "/sys/devices/system/memory";
const at = (pfn: number): string => `0x${(pfn * PAGE).toString(16)}`;
const offline = ({ machine }: Lab, kind: "soft" | "hard", pfn: number) =>
  machine.write(`${SYSFS}/${kind}_offline_page`, at(pfn));
const corruptedKb = ({ read }: Lab): number => Number(/HardwareCorrupted: +(\d+) kB/.exec(read("/proc/meminfo"))?.[1]);

/** A page of a load in a block. */
async function pageOf({ runsIn }: Lab, block: number, owner: string): Promise<number> {
  const run = (await runsIn(block)).find(({ page }) => page?.owner === owner);
  if (run === undefined) throw new Error(`${owner} has nothing in block ${block}`);
  return run.startPfn;
}

/** A Movable block with a load in it, and three offline blocks before it. */
async function withLoad(kernel: string): Promise<{ lab: Lab; block: number; pfn: number }> {
  const opened = await lab(kernel);
  const block = FIRST + 3;
  await opened.online("online_movable", block);
  await opened.load("db", "anon", 4 * MIB);
  return { lab: opened, block, pfn: await pageOf(opened, block, "load:db") };
}

describe("what works", () => {
  test.for(kernels)("%s: a page in use moves away and its frame is out of use, 4 kB of it", async (kernel) => {
    const { lab: opened, block, pfn } = await withLoad(kernel);
    const { machine, pagesIn } = opened;
    const before = machine.pages.loads.pagesOf("db");
    expect(await offline(opened, "soft", pfn)).toMatchObject({ ret: at(pfn).length, errno: 0 });
    expect(corruptedKb(opened)).toBe(4);
    expect(machine.pages.loads.pagesOf("db")).toBe(before);
    expect((await machine.pages.runs(pfn, 1))[0]?.page).toMatchObject({ kind: "hwpoison", isPoisoned: true });
    expect((await pagesIn(block)).get("kernel")).toBe(1);
    expect(await machine.pages.audit()).toEqual([]);
  });

  test.for(kernels)("%s: a page in use is lost to its program at once by hard_offline_page", async (kernel) => {
    const { lab: opened, pfn } = await withLoad(kernel);
    const before = opened.machine.pages.loads.pagesOf("db");
    expect(await offline(opened, "hard", pfn)).toMatchObject({ errno: 0 });
    expect(opened.machine.pages.loads.pagesOf("db")).toBe(before - 1);
    expect(corruptedKb(opened)).toBe(4);
    expect(await opened.machine.pages.audit()).toEqual([]);
  });

  test.for(kernels)("%s: a block with poisoned pages goes offline (observed-6 §9; facts §4.5)", async (kernel) => {
    const { lab: opened, block, pfn } = await withLoad(kernel);
    await offline(opened, "hard", pfn);
    expect(await opened.write(block, "offline")).toMatchObject({ ret: 7, errno: 0 });
    expect(corruptedKb(opened)).toBe(4);
  });

  test.for(kernels41)(
    "%s: not where a poisoned page with a reference follows one that moves (page-offline)",
    async (kernel) => {
      const { lab: opened, block, pfn } = await withLoad(kernel);
      await offline(opened, "hard", pfn + 1);
      expect(refusalOf(await opened.write(block, "offline"))).toMatchObject({
        errno: "EBUSY",
        code: "unmovable_page",
        rule: "facts §4.4: a page with references that is not on the LRU puts the whole batch back",
        pages: [{ pfn: pfn + 1, kind: "hwpoison" }],
      });
    },
  );
});

describe("poisoned", () => {
  test.for(kernels41)("%s: soft EBUSY, hard success (observed-4.1 §10: page-offline)", async (kernel) => {
    const { lab: opened, block, pfn } = await withLoad(kernel);
    await offline(opened, "soft", pfn);
    expect(refusalOf(await offline(opened, "soft", pfn))).toEqual({
      errno: "EBUSY",
      code: "poisoned",
      rule: "facts §2.5: soft_offline_page: poisoned already",
      block,
      node: 1,
      zone: "Movable",
      pages: [{ pfn, kind: "hwpoison", pageblock: Math.floor(pfn / 512), owner: "kernel" }],
      total: 1,
      retry: "no",
      remedy: ["the page is out of use already: nothing is left to do"],
    });
    expect(await offline(opened, "hard", pfn)).toMatchObject({ errno: 0 });
    expect(corruptedKb(opened)).toBe(4);
  });

  test.for(kernels6)("%s: soft success, hard EHWPOISON (facts §2.5; g_hwpoison)", async (kernel) => {
    const { lab: opened, pfn, block } = await withLoad(kernel);
    await offline(opened, "hard", pfn);
    expect(await offline(opened, "soft", pfn)).toMatchObject({ errno: 0 });
    expect(refusalOf(await offline(opened, "hard", pfn))).toMatchObject({
      errno: "EHWPOISON",
      code: "poisoned",
      rule: "facts §2.5: hard_offline_page: poisoned already",
      block,
      zone: "Movable",
      pages: [{ pfn, kind: "hwpoison" }],
      total: 1,
      retry: "no",
    });
    expect(corruptedKb(opened)).toBe(4);
  });
});

describe("pinned_page", () => {
  test.for(kernels)("%s: a pinned page stays: EIO in 4.1, EBUSY in 6.x", async (kernel) => {
    const { lab: opened, block, pfn } = await withLoad(kernel);
    await opened.machine.pages.reference(pfn, 1);
    expect(refusalOf(await offline(opened, "soft", pfn))).toMatchObject({
      errno: kernels41.includes(kernel) ? "EIO" : "EBUSY",
      code: "pinned_page",
      block,
      node: 1,
      zone: "Movable",
      pages: [{ pfn, kind: "anonymous", owner: "load:db" }],
      total: 1,
      retry: "maybe",
      remedy: ["wait until load:db unpins its pages, or end it"],
    });
    await opened.machine.pages.reference(pfn, -1);
    expect(await offline(opened, "soft", pfn)).toMatchObject({ errno: 0 });
  });
});

describe("unmovable_page", () => {
  test.for(kernels)(
    "%s: a kernel page: soft EIO or EBUSY, hard EBUSY and it counts (observed-4.1 §10; g_hwpoison)",
    async (kernel) => {
      const opened = await lab(kernel);
      await opened.online("online_kernel", FIRST);
      await opened.load("k", "slab", MIB);
      const pfn = await pageOf(opened, FIRST, "load:k");
      const seen = {
        code: "unmovable_page",
        block: FIRST,
        zone: "Normal",
        pages: [{ pfn, kind: "slab", owner: "load:k" }],
        total: 1,
        retry: "no",
      };
      expect(refusalOf(await offline(opened, "soft", pfn))).toMatchObject({ ...seen, errno: "EIO" });
      expect(corruptedKb(opened)).toBe(0);
      expect(refusalOf(await offline(opened, "hard", pfn))).toMatchObject({ ...seen, errno: "EBUSY" });
      expect(corruptedKb(opened)).toBe(4);
      expect(await opened.machine.pages.audit()).toEqual([]);
    },
  );
});

describe("no_target_memory", () => {
  test.for(kernels)("%s: soft offline finds no other page: ENOMEM", async (kernel) => {
    const opened = await lab(kernel, { nodes: [], memory: "256M", dimm: { bytes: 128 * MIB, node: 0 } });
    await opened.online("online_movable", FIRST);
    const policy = onNode(0);
    // In portions, until not even a page is left.
    for (let bytes = 64 * MIB; bytes >= PAGE; bytes /= 2) {
      for (let n = 0; ; n++) {
        const started = await opened.machine.pages.loads.start({
          id: `${bytes}-${n}`,
          kind: "anon",
          sizeBytes: bytes,
          policy,
        });
        if (!started.ok) break;
      }
    }
    const owner = [...(await opened.pagesIn(FIRST)).keys()].find((name) => name.startsWith("load:")) ?? "";
    const pfn = await pageOf(opened, FIRST, owner);
    const refusal = refusalOf(await offline(opened, "soft", pfn));
    expect(refusal).toMatchObject({
      errno: "ENOMEM",
      code: "no_target_memory",
      zone: "Movable",
      pages: [{ pfn, owner }],
      retry: "maybe",
      remedy: ["free or online memory where the pages may go", `shrink ${owner}`],
    });
  });
});

describe("memory that is not online", () => {
  test.for(kernels)(
    "%s no_ram_resource: a page of an offline block: soft EIO (observed-4.1 §10; g_hwpoison)",
    async (kernel) => {
      const { lab: opened } = await withLoad(kernel);
      expect(refusalOf(await offline(opened, "soft", FIRST * BLOCK + 5))).toMatchObject({
        errno: "EIO",
        code: "no_ram_resource",
        block: FIRST,
        retry: "no",
        remedy: ["choose the address of online memory (/proc/iomem shows RAM, memoryN/state what is online)"],
      });
      expect(corruptedKb(opened)).toBe(0);
    },
  );

  test.for(kernels41)(
    "%s no_ram_resource: hard EBUSY, and it counts as corrupted (observed-4.1 §10)",
    async (kernel) => {
      const { lab: opened } = await withLoad(kernel);
      expect(refusalOf(await offline(opened, "hard", FIRST * BLOCK + 5))).toMatchObject({
        errno: "EBUSY",
        code: "no_ram_resource",
        block: FIRST,
      });
      expect(corruptedKb(opened)).toBe(4);
    },
  );

  test.for(kernels6)("%s out_of_range: hard ENXIO (facts §2.5: not online)", async (kernel) => {
    const { lab: opened } = await withLoad(kernel);
    expect(refusalOf(await offline(opened, "hard", FIRST * BLOCK + 5))).toMatchObject({
      errno: "ENXIO",
      code: "out_of_range",
    });
    expect(corruptedKb(opened)).toBe(0);
  });

  test.for(kernels)("%s out_of_range: an address without memory: ENXIO", async (kernel) => {
    const { lab: opened } = await withLoad(kernel);
    for (const kind of ["soft", "hard"] as const) {
      expect(refusalOf(await offline(opened, kind, 0x40_0000_0))).toEqual({
        errno: "ENXIO",
        code: "out_of_range",
        rule: `facts §2.5: ${kind}_offline_page: no memory at this address`,
        retry: "no",
        remedy: ["give a physical address inside memory (/proc/iomem shows it)"],
      });
    }
  });
});

test.for(kernels)("%s bad_word: what is no number: EINVAL", async (kernel) => {
  const { machine } = await lab(kernel);
  for (const kind of ["soft", "hard"])
    expect(await machine.write(`${SYSFS}/${kind}_offline_page`, "pfn 5")).toMatchObject({
      errno: "EINVAL",
      refusal: { code: "bad_word" },
    });
});
