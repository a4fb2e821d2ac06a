import type { LoadKind } from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { BLOCK, FIRST, GIB, kernels, kernels41, kernels6, lab, MIB, onNode, refusalOf } from "./lab.ts";

const PAGEBLOCK = 512;
const HUGEPAGES = "hugepages/hugepages-2048kB/nr_hugepages";
const GIGANTIC_KB = 2 ** 20;

describe("before isolation", () => {
  test.for(kernels)("%s mixed_zones: block 0 is in two zones (facts §4.1 step 2, §4.2 step 1)", async (kernel) => {
    const { write, heard } = await lab(kernel);
    heard();
    expect(refusalOf(await write(0, "offline"))).toMatchObject({
      errno: "EINVAL",
      code: "mixed_zones",
      block: 0,
      node: 0,
      retry: "no",
      remedy: ["choose another block: the pages of this one belong to several zones for as long as this boot lasts"],
    });
    expect(heard()).toEqual([]);
  });

  test.for(kernels6)("%s memory_hole: 32 pages of the last boot block are no RAM (observed-6 §9)", async (kernel) => {
    const { write } = await lab(kernel);
    expect(refusalOf(await write(15, "offline"))).toMatchObject({
      errno: "EINVAL",
      code: "memory_hole",
      rule: "facts §4.2 step 3: a block with memory holes cannot go offline",
      block: 15,
      node: 1,
      zone: "DMA32",
      retry: "no",
      remedy: ["choose another block: the firmware's memory map has a hole in this one"],
      detail: "32 of 32768 pages are no RAM",
    });
  });

  test("4.1 does not ask for holes (facts §4.1)", async () => {
    // The memmap of the DIMM lies elsewhere.
    const { write } = await lab("4.1", { dimm: { node: 0 } });
    expect(await write(15, "offline")).toMatchObject({ ret: 7, errno: 0 });
  });

  test("4.1-nomn last_normal_memory: Normal memory outlasts Movable memory (4.1-nomn/q-nomn-offline-last-normal)", async () => {
    const nodes = [
      { nodeid: 0, mem: "2G", cpus: "0-1" },
      { nodeid: 1, mem: 0 },
    ];
    const { online, write } = await lab("4.1-nomn", { nodes });
    await online("online_kernel", FIRST);
    await online("online_movable", FIRST + 3);
    expect(refusalOf(await write(FIRST, "offline"))).toEqual({
      errno: "EINVAL",
      code: "last_normal_memory",
      rule: "facts §4.1 step 3: without MOVABLE_NODE a node with Movable memory keeps Normal memory",
      block: FIRST,
      node: 1,
      zone: "Normal",
      retry: "maybe",
      remedy: ["offline the Movable blocks of node 1 first", "use a kernel built with MOVABLE_NODE"],
    });
    await online("offline", FIRST + 3);
    expect(await write(FIRST, "offline")).toMatchObject({ ret: 7, errno: 0 });
  });
});

describe("unmovable_page at isolation (facts §4.3)", () => {
  test.for(kernels)("%s: what boot reserved stays, by name", async (kernel) => {
    const { write, heard, state } = await lab(kernel, { kernelBlocks: [9] });
    heard();
    const refusal = refusalOf(await write(9, "offline"));
    expect(refusal).toMatchObject({
      errno: "EBUSY",
      code: "unmovable_page",
      rule: "facts §4.3: has_unmovable_pages",
      block: 9,
      node: 1,
      zone: "DMA32",
      // The memmap of the DIMM's four blocks gathers behind it.
      total: 1024 + 4 * 512,
      retry: "no",
      remedy: ["choose another block: boot put these pages here, where they stay until the next boot"],
    });
    expect(refusal.pages).toHaveLength(8);
    expect(refusal.pages?.[0]).toEqual({
      pfn: 9 * BLOCK,
      kind: "reserved",
      pageblock: (9 * BLOCK) / PAGEBLOCK,
      owner: "kernel",
    });
    // No notifier was called, so none is told of a cancel (facts §4.1 step 4; 6.1/c_unmovable_hold).
    expect(heard()).toEqual([]);
    expect(state(9)).toBe("online\n");
  });

  const kinds: readonly (readonly [LoadKind, kind: string, remedy: readonly string[]])[] = [
    ["slab", "slab", []],
    ["dentry", "slab_reclaimable", ["drop_caches frees reclaimable slab"]],
    ["pagetable", "page_table", []],
    ["pipe", "pipe_buffer", []],
  ];
  for (const [load, kind, remedy] of kinds) {
    test.for(kernels)(`%s: ${kind} in a kernel zone`, async (kernel) => {
      const { online, load: start, write, runsIn } = await lab(kernel);
      await online("online_kernel", FIRST);
      await start("k", load, MIB);
      const refusal = refusalOf(await write(FIRST, "offline"));
      expect(refusal).toMatchObject({
        errno: "EBUSY",
        code: "unmovable_page",
        rule: "facts §4.3: has_unmovable_pages",
        block: FIRST,
        node: 1,
        zone: "Normal",
        // The slab of the kernel itself stays, whatever happens to the load.
        retry: "no",
        remedy: [...remedy, "online this range as movable before the kernel allocates from it"],
      });
      const used = (await runsIn(FIRST)).flatMap((run) =>
        run.page === undefined || run.page.kind === "free"
          ? []
          : [{ pfn: run.startPfn, count: run.count, ...run.page }],
      );
      expect(refusal.total).toBe(used.reduce((sum, { count }) => sum + count, 0));
      const ofLoad = used.filter(({ owner }) => owner === "load:k");
      expect(ofLoad.reduce((sum, { count }) => sum + count, 0)).toBe(256);
      expect(new Set(ofLoad.map((run) => run.kind))).toEqual(new Set([kind]));
      // The first offenders, each where it lies, with its owner.
      expect(refusal.pages).toHaveLength(8);
      for (const { pfn, kind: found, owner, pageblock } of refusal.pages ?? []) {
        const run = used.find((each) => pfn >= each.pfn && pfn < each.pfn + each.count);
        expect([found, owner, pageblock]).toEqual([run?.kind, run?.owner, Math.floor(pfn / PAGEBLOCK)]);
      }
    });
  }

  test.for(kernels)(
    "%s: a block that slab was in stays busy when the load has ended (6.1: c_load_dentry_kernel)",
    async (kernel) => {
      const { machine, online, load, write, pagesIn } = await lab(kernel);
      await online("online_kernel", FIRST);
      await load("k", "slab", MIB);
      await machine.pages.loads.end("k");
      const refusal = refusalOf(await write(FIRST, "offline"));
      const found = new Set(refusal.pages?.map(({ kind, owner }) => `${kind} of ${owner}`));
      // What it made the kernel take in 6.x besides (fresh-zones.ts).
      found.delete("kernel of kernel");
      expect(found).toEqual(new Set(["slab of kernel"]));
      expect([...(await pagesIn(FIRST)).keys()]).toEqual(["kernel"]);
    },
  );

  test.for(kernels)("%s: nothing of what programs hold is refused (observed-6 §9; observed-4.1 §6)", async (kernel) => {
    const { online, load, write, pagesIn } = await lab(kernel);
    await online("online_movable", FIRST + 3);
    for (const kind of ["anon", "file", "shm", "mlock", "thp"] as const) {
      await load(kind, kind, 4 * MIB);
      expect((await pagesIn(FIRST + 3)).get(`load:${kind}`)).toBe(1024);
    }
    expect(await write(FIRST + 3, "offline")).toMatchObject({ ret: 7, errno: 0 });
  });
});

describe("a kernel page in ZONE_MOVABLE", () => {
  test.for(kernels41)("%s unmovable_page: found at the final check (facts §4.1 step 11)", async (kernel) => {
    const { machine, online, write, heard, state } = await lab(kernel);
    await online("online_movable", FIRST + 3);
    await machine.markUnmovable([FIRST + 3], true);
    heard();
    const pfn = (FIRST + 3) * BLOCK;
    expect(refusalOf(await write(FIRST + 3, "offline"))).toEqual({
      errno: "EBUSY",
      code: "unmovable_page",
      rule: "facts §4.1 step 11: a page is neither free nor isolated",
      block: FIRST + 3,
      node: 1,
      zone: "Movable",
      pages: [{ pfn, kind: "kernel", pageblock: pfn / PAGEBLOCK, owner: "given" }],
      total: 1,
      retry: "maybe",
      remedy: ["try again: pages on per-cpu lists leave by themselves"],
    });
    expect(heard()).toEqual(["MEM_GOING_OFFLINE", "MEM_CANCEL_OFFLINE"]);
    expect(state(FIRST + 3)).toBe("online\n");
  });

  test.for(kernels6)(
    "%s signal: it starts over until somebody signals the writer (facts §4.2 step 9)",
    async (kernel) => {
      const { machine, online, write } = await lab(kernel);
      await online("online_movable", FIRST);
      await machine.markUnmovable([FIRST], true);
      expect(refusalOf(await write(FIRST, "offline", { signalAtNs: machine.nowNs + 5e9 }))).toMatchObject({
        errno: "EINTR",
        code: "signal",
        zone: "Movable",
        pages: [{ pfn: FIRST * BLOCK, kind: "kernel", owner: "given" }],
        total: 1,
      });
    },
  );
});

describe("hugepages of 1 GiB", () => {
  const inNormal = async (kernel: string) => {
    const all = Array.from({ length: 16 }, (_, i) => FIRST + i);
    const opened = await lab(kernel, { dimm: { bytes: 2 * GIB } });
    await opened.online("online_kernel", ...all);
    await opened.machine.pages.setHugepages(1, GIGANTIC_KB, 1);
    const used = async (): Promise<number[]> => {
      const owned: number[] = [];
      for (const block of all)
        if ((await opened.runsIn(block)).some(({ page }) => page?.kind.startsWith("hugetlb_1g") === true))
          owned.push(block);
      return owned;
    };
    return { ...opened, used };
  };

  test.for(kernels41)(
    "%s unmovable_page: one in use does not move: EBUSY after five rounds (facts §4.4)",
    async (kernel) => {
      const { load, used, write, heard } = await inNormal(kernel);
      await load("huge", "hugetlb_1g", GIB);
      const [block = 0, ...others] = await used();
      expect(others).toHaveLength(7);
      heard();
      expect(refusalOf(await write(block, "offline"))).toMatchObject({
        errno: "EBUSY",
        code: "unmovable_page",
        rule: "facts §4.4: a hugepage larger than a section does not move",
        block,
        zone: "Normal",
        pages: [{ pfn: block * BLOCK, kind: "hugetlb_1g", owner: "load:huge" }],
        retry: "no",
      });
      expect(heard()).toEqual(["MEM_GOING_OFFLINE", "MEM_CANCEL_OFFLINE"]);
    },
  );

  test.for(kernels)("%s: a free one is dissolved (facts §4.5)", async (kernel) => {
    const { used, write } = await inNormal(kernel);
    const [block = 0, ...others] = await used();
    expect(others).toHaveLength(7);
    expect(await write(block, "offline")).toMatchObject({ ret: 7, errno: 0 });
    expect(await used()).toEqual([]);
  });
});

describe("no_target_memory", () => {
  test.for(kernels41)(
    "%s: a 2 MiB hugepage without a target elsewhere: ENOMEM after five rounds (4.1/offline-hugetlb)",
    async (kernel) => {
      const { machine, online, load, write, state, events, pagesIn } = await lab(kernel);
      await online("online_kernel", FIRST, FIRST + 1);
      // What the kernel needs for programs is in the first block then, before the hugepages.
      await load("early", "anon", MIB);
      await machine.write(`/sys/devices/system/node/node1/${HUGEPAGES}`, "100");
      await load("huge", "hugetlb", 200 * MIB);
      const block = FIRST + 1;
      expect([...(await pagesIn(block)).keys()]).toEqual(["load:huge"]);
      events.length = 0;
      const refusal = refusalOf(await write(block, "offline"));
      expect(refusal).toMatchObject({
        errno: "ENOMEM",
        code: "no_target_memory",
        rule: "facts §4.4: no allowed zone has a free target page",
        block,
        node: 1,
        zone: "Normal",
        retry: "maybe",
        remedy: ["free or online memory where the pages may go", "shrink load:huge"],
      });
      expect(refusal.pages?.[0]).toMatchObject({ kind: "hugetlb_2m", owner: "load:huge" });
      const rounds = events.filter((event) => event.type === "block" && event.to === "going_offline.migrating");
      expect(rounds).toHaveLength(5);
      expect(state(block)).toBe("online\n");
    },
  );

  /** 512 MiB of boot memory and a Movable DIMM of 1 GiB, with less room left than a block has pages. */
  const full = async (kernel: string) => {
    const nodes = [
      { nodeid: 0, mem: "384M", cpus: "0" },
      { nodeid: 1, mem: "128M", cpus: "1" },
    ];
    const blocks = Array.from({ length: 8 }, (_, i) => FIRST + i);
    const opened = await lab(kernel, { nodes, memory: "512M", dimm: { bytes: GIB } });
    await opened.online("online_movable", ...blocks);
    await opened.load("small", "anon", 64 * MIB);
    const hog = kernels41.includes(kernel) ? 1380 : 1310;
    await opened.load("hog", "anon", hog * MIB, { policy: { mode: "prefer", nodes: [1] } });
    return opened;
  };

  test.for(kernels41)(
    "%s: the OOM killer ends the largest load, and the offline succeeds (4.1/z-nomem)",
    async (kernel) => {
      const { machine, write, events, state } = await full(kernel);
      expect(await write(FIRST, "offline")).toMatchObject({ ret: 7, errno: 0 });
      expect(machine.pages.loads.list().map(({ id }) => id)).toEqual(["small"]);
      expect(events.flatMap((event) => (event.type === "log" && event.level === 3 ? [event.text] : []))).toEqual([
        "Out of memory: Kill process (load hog)",
      ]);
      expect(state(FIRST)).toBe("offline\n");
      expect(await machine.pages.audit()).toEqual([]);
    },
  );

  test.for(kernels6)(
    "%s: nobody is killed; it tries until the signal (observed-6 §9: c_oom_offline)",
    async (kernel) => {
      const { machine, write, state } = await full(kernel);
      const refusal = refusalOf(await write(FIRST, "offline", { signalAtNs: machine.nowNs + 30e9 }));
      expect(refusal).toMatchObject({
        errno: "EINTR",
        code: "signal",
        block: FIRST,
        zone: "Movable",
        retry: "maybe",
        remedy: ["free or online memory where the pages may go", expect.stringMatching(/^shrink load:/)],
        detail: "until the signal: facts §4.4: no allowed zone has a free target page",
      });
      expect(refusal.pages?.[0]?.owner).toMatch(/^load:/);
      expect(machine.pages.loads.list()).toHaveLength(2);
      expect(state(FIRST)).toBe("online\n");
      expect(await machine.pages.audit()).toEqual([]);
      // Room somewhere else is all that it needs.
      await machine.pages.loads.end("hog");
      expect(await write(FIRST, "offline")).toMatchObject({ ret: 7, errno: 0 });
    },
  );
});

test.for(kernels)("%s notifier_veto: the errno that is injected is what write returns", async (kernel) => {
  const { machine, online, write, state, heard } = await lab(kernel);
  await online("online", FIRST);
  machine.loadErrorInjection(0);
  await machine.write("/sys/kernel/debug/notifier-error-inject/memory/actions/MEM_GOING_OFFLINE/error", "-16");
  heard();
  expect(refusalOf(await write(FIRST, "offline"))).toMatchObject({
    errno: "EBUSY",
    code: "notifier_veto",
    block: FIRST,
    node: 1,
    zone: "Normal",
    retry: "maybe",
  });
  expect(heard()).toEqual(["MEM_GOING_OFFLINE", "MEM_CANCEL_OFFLINE"]);
  expect(state(FIRST)).toBe("online\n");
});

test.for(kernels)("%s: pages of another node's policy are not asked to move", async (kernel) => {
  const { online, load, write, pagesIn } = await lab(kernel);
  await online("online_movable", FIRST + 3);
  await load("away", "anon", 8 * MIB, { policy: onNode(0) });
  expect((await pagesIn(FIRST + 3)).get("load:away")).toBeUndefined();
  expect(await write(FIRST + 3, "offline")).toMatchObject({ ret: 7 });
});
