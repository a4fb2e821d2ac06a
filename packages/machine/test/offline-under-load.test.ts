import { dimmsOf } from "@memhp/devices";
import { zoneName } from "@memhp/abi";
import { defaultCosts } from "@memhp/hotplug";
import { describe, expect, test } from "vitest";
import {
  between,
  BLOCK,
  FIRST,
  kernels,
  kernels41,
  kernels6,
  lab,
  type Lab,
  MIB,
  onNode,
  refusalOf,
  SECOND,
} from "./lab.ts";

const PAGEBLOCK = 512;

/** A Movable block with a pinned load in it: one page of 256 of which somebody holds a reference. */
async function pinned(kernel: string): Promise<{ lab: Lab; block: number; pfn: number }> {
  const opened = await lab(kernel);
  const block = FIRST + 3;
  await opened.online("online_movable", block);
  await opened.load("db", "anon", MIB);
  const run = (await opened.runsIn(block)).find(({ page }) => page?.owner === "load:db");
  if (run === undefined) throw new Error("the load is elsewhere");
  await opened.machine.pages.reference(run.startPfn, 1);
  opened.events.length = 0;
  return { lab: opened, block, pfn: run.startPfn };
}

describe("a page that somebody has pinned", () => {
  test.for(kernels41)("%s timeout: EAGAIN after exactly 120 s (facts §4.1 step 6; z-pinned)", async (kernel) => {
    const { lab: opened, block, pfn } = await pinned(kernel);
    const { write, events } = opened;
    const refusal = refusalOf(await write(block, "offline"));
    expect(refusal).toMatchObject({
      errno: "EAGAIN",
      code: "timeout",
      rule: "facts §4.1 step 6: 4.1 gives up after 120 s",
      block,
      node: 1,
      zone: "Movable",
      pages: [{ pfn, kind: "anonymous", owner: "load:db", pageblock: Math.floor(pfn / PAGEBLOCK) }],
      total: 1,
      retry: "maybe",
      remedy: ["wait until load:db unpins its pages, or end it"],
      detail: "for 120 s: facts §4.4: a page with extra references stays after every pass",
    });
    // From the first look at the pages to the look at the clock that ends it.
    const elapsed = between(
      events,
      (event) => event.type === "block" && event.to === "going_offline.migrating",
      (event) =>
        event.type === "block" && event.from === "going_offline.migrating" && event.to !== "going_offline.migrating",
    );
    expect(elapsed - defaultCosts.steps.migrate).toBe(120 * SECOND);
  });

  test.for(kernels)(
    "%s signal: EINTR when it comes, and the block is online as before (facts §4.1 step 7, §4.2 step 9)",
    async (kernel) => {
      const { lab: opened, block, pfn } = await pinned(kernel);
      const { machine, write, state } = opened;
      const startedNs = machine.nowNs;
      const refusal = refusalOf(await write(block, "offline", { signalAtNs: startedNs + 4 * SECOND }));
      expect(refusal).toMatchObject({
        errno: "EINTR",
        code: "signal",
        block,
        node: 1,
        zone: "Movable",
        pages: [{ pfn, kind: "anonymous", owner: "load:db" }],
        total: 1,
        retry: "maybe",
        remedy: ["wait until load:db unpins its pages, or end it"],
      });
      expect(machine.nowNs - startedNs).toBeGreaterThanOrEqual(4 * SECOND);
      expect(machine.nowNs - startedNs).toBeLessThan(4.01 * SECOND);
      expect(state(block)).toBe("online\n");
      expect(await machine.pages.audit()).toEqual([]);
    },
  );

  test.for(kernels6)("%s has no timeout: it still tries after ten minutes (facts §4.2 step 9)", async (kernel) => {
    const { lab: opened, block } = await pinned(kernel);
    const { machine, state, write } = opened;
    machine.holdTime();
    const writing = write(block, "offline", { signalAtNs: Number.POSITIVE_INFINITY });
    expect(await machine.passUntil(writing, 600 * SECOND)).toBe(false);
    expect(state(block)).toBe("going-offline\n");
    await machine.signal();
    expect(await machine.passUntil(writing, SECOND)).toBe(true);
    expect(await writing).toMatchObject({ ret: -1, errno: "EINTR" });
  });

  test.for(kernels)(
    "%s: state reads going-offline meanwhile, other writers wait, and the offline succeeds when the pin is gone",
    async (kernel) => {
      const { lab: opened, block, pfn } = await pinned(kernel);
      const { machine, write, state, read } = opened;
      machine.holdTime();
      const writing = write(block, "offline", { signalAtNs: Number.POSITIVE_INFINITY });
      await machine.wait(SECOND);
      expect(state(block)).toBe("going-offline\n");
      expect(read(`memory${block}/online`)).toBe("1\n");

      // Another block's writer waits for the lock, and a load comes and goes all the same.
      const other = write(FIRST + 2, "online");
      await machine.wait(SECOND);
      expect(state(FIRST + 2)).toBe("offline\n");
      await opened.load("meanwhile", "anon", 16 * MIB, { policy: onNode(0) });
      expect(machine.pages.loads.pagesOf("meanwhile")).toBe(4096);
      await machine.pages.loads.end("meanwhile");

      await machine.pages.reference(pfn, -1);
      expect(await machine.passUntil(other, SECOND)).toBe(true);
      expect(await writing).toMatchObject({ ret: 7, errno: 0 });
      expect(await other).toMatchObject({ ret: 6, errno: 0 });
      expect([state(block), state(FIRST + 2)]).toEqual(["offline\n", "online\n"]);
      expect(machine.pages.loads.pagesOf("db")).toBe(256);
      expect(await machine.pages.audit()).toEqual([]);
    },
  );

  test.for(kernels)(
    "%s signal: a writer who is killed while waiting leaves at once and does nothing (facts §2.8; x_going_offline)",
    async (kernel) => {
      const { lab: opened, block } = await pinned(kernel);
      const { machine, write, state } = opened;
      machine.holdTime();
      const writing = write(block, "offline", { signalAtNs: Number.POSITIVE_INFINITY });
      const signal = new AbortController();
      const waiting = write(FIRST + 2, "online", { signal: signal.signal });
      await machine.wait(SECOND);
      const killedNs = machine.nowNs;
      signal.abort();
      expect(await machine.passUntil(waiting, SECOND)).toBe(true);
      expect(machine.nowNs).toBe(killedNs);
      expect(writing.hasEnded).toBe(false);
      expect(refusalOf(await waiting)).toMatchObject({
        errno: "EINTR",
        code: "signal",
        rule: "facts §2.8: the writer was killed while it waited for device_hotplug_lock",
        block: FIRST + 2,
        retry: "yes",
      });
      expect(state(FIRST + 2)).toBe("offline\n");
      await machine.signal();
      expect(await machine.passUntil(writing, SECOND)).toBe(true);
      expect(await writing).toMatchObject({ errno: "EINTR" });
    },
  );
});

describe("undoing a failed offline", () => {
  const isolated = ({ read }: Lab): number =>
    Number(/^Node +1, zone +Movable +(?:\d+ +)*(\d+) *$/m.exec(read("/proc/pagetypeinfo"))?.[1]);

  test.for(kernels)("%s: the pageblocks are isolated meanwhile, and none afterwards", async (kernel) => {
    const { lab: opened, block } = await pinned(kernel);
    const { machine, write, read } = opened;
    const before = read("/proc/zoneinfo");
    expect(isolated(opened)).toBe(0);
    machine.holdTime();
    const writing = write(block, "offline", { signalAtNs: Number.POSITIVE_INFINITY });
    await machine.wait(SECOND);
    expect(isolated(opened)).toBe(BLOCK / PAGEBLOCK);
    await machine.signal();
    await machine.passUntil(writing, SECOND);
    expect(isolated(opened)).toBe(0);
    const spans = (text: string): string[] => text.match(/^ +(?:spanned|present|managed) .*$/gm) ?? [];
    expect(spans(read("/proc/zoneinfo"))).toEqual(spans(before));
  });
});

describe("hugepages", () => {
  test.for(kernels41)(
    "%s: free ones are dissolved; nr_hugepages keeps what was asked for (4.1/offline-hugetlb)",
    async (kernel) => {
      const opened = await lab(kernel);
      const { machine, online, read, write, runsIn } = opened;
      await online("online_kernel", FIRST, FIRST + 1);
      await machine.write("/proc/sys/vm/nr_hugepages", "600");
      const total = (): number => Number(/HugePages_Total: +(\d+)/.exec(read("/proc/meminfo"))?.[1]);
      expect(total()).toBe(600);
      const inBlock = (await runsIn(FIRST)).filter(({ page }) => page?.kind === "hugetlb_2m_free");
      const pages = inBlock.reduce((sum, { count }) => sum + count, 0);
      expect(pages).toBe(BLOCK);
      expect(await write(FIRST, "offline")).toMatchObject({ ret: 7, errno: 0 });
      expect(total()).toBe(600 - BLOCK / PAGEBLOCK);
      expect(read("/proc/sys/vm/nr_hugepages")).toBe("600\n");
      expect(await machine.pages.audit()).toEqual([]);
    },
  );

  test.for(kernels6)("%s: dissolving lowers the pool's target too (facts §4.5)", async (kernel) => {
    const opened = await lab(kernel);
    const { machine, online, read, write, runsIn } = opened;
    await online("online_kernel", FIRST, FIRST + 1);
    await machine.write("/proc/sys/vm/nr_hugepages", "600");
    const pages = (await runsIn(FIRST)).reduce(
      (sum, { page, count }) => sum + (page?.kind === "hugetlb_2m_free" ? count : 0),
      0,
    );
    expect(pages).toBeGreaterThan(0);
    expect(await write(FIRST, "offline")).toMatchObject({ ret: 7, errno: 0 });
    const left = 600 - pages / PAGEBLOCK;
    expect(read("/proc/meminfo")).toMatch(new RegExp(`HugePages_Total: +${left}\\n`));
    expect(read("/proc/sys/vm/nr_hugepages")).toBe(`${left}\n`);
    expect(await machine.pages.audit()).toEqual([]);
  });

  test.for(kernels6)(
    "%s: one in use moves to another node's pool (observed-6 §9: c_hugetlb_movable)",
    async (kernel) => {
      const { machine, online, load, write, pagesIn } = await lab(kernel);
      await online("online_movable", FIRST);
      for (const node of [0, 1])
        await machine.write(`/sys/devices/system/node/node${node}/hugepages/hugepages-2048kB/nr_hugepages`, "16");
      await load("huge", "hugetlb", 32 * MIB);
      expect((await pagesIn(FIRST)).get("load:huge")).toBe(16 * PAGEBLOCK);
      expect(await write(FIRST, "offline")).toMatchObject({ ret: 7, errno: 0 });
      expect(machine.pages.loads.pagesOf("huge")).toBe(16 * PAGEBLOCK);
    },
  );
});

describe("where pages go", () => {
  /** Pages of a load by node and zone. */
  async function placement({ machine, read }: Lab, block: number, load: string): Promise<Record<string, number>> {
    const placed: Record<string, number> = {};
    for (const id of machine.map.blocks.ids()) {
      if (id === block || read(`memory${id}/state`) !== "online\n") continue;
      for (const { page, count } of await machine.pages.runs(id * BLOCK, BLOCK)) {
        if (page?.owner !== `load:${load}`) continue;
        const at = `node ${page.node} ${zoneName(page.zone)}`;
        placed[at] = (placed[at] ?? 0) + count;
      }
    }
    return placed;
  }

  test.for(kernels6)("%s: to other nodes, even where the own one has room (facts §4.4)", async (kernel) => {
    const opened = await lab(kernel);
    await opened.online("online_movable", FIRST, FIRST + 1);
    await opened.load("db", "anon", 8 * MIB);
    opened.events.length = 0;
    const [block = 0] = await blocksOf(opened, "load:db");
    expect(await opened.write(block, "offline")).toMatchObject({ ret: 7 });
    expect(await placement(opened, block, "db")).toEqual({ "node 0 DMA32": 2048 });
    expect(opened.events.filter(({ type }) => type === "migrate")).toEqual([
      expect.objectContaining({ node: 1, block, pages: 2048, targetNode: 0 }),
    ]);
  });

  test.for(kernels6)(
    "%s: to a Movable zone of another node first, from a Movable zone (facts §4.4)",
    async (kernel) => {
      const opened = await lab(kernel);
      await dimmsOf(opened.machine).insert({ id: "d1", memdev: "m1", sizeBytes: 128 * MIB, node: 0 });
      await opened.online("online_movable", FIRST, FIRST + 4);
      await opened.load("db", "anon", 8 * MIB);
      const [block = 0] = await blocksOf(opened, "load:db");
      expect(block).toBe(FIRST);
      expect(await opened.write(block, "offline")).toMatchObject({ ret: 7 });
      expect(await placement(opened, block, "db")).toEqual({ "node 0 Movable": 2048 });
    },
  );

  test.for(kernels41)("%s: never to ZONE_MOVABLE, whatever room it has (facts §4.4)", async (kernel) => {
    const opened = await lab(kernel);
    await dimmsOf(opened.machine).insert({ id: "d1", memdev: "m1", sizeBytes: 128 * MIB, node: 0 });
    await opened.online("online_movable", FIRST + 2, FIRST + 3, FIRST + 4);
    await opened.load("db", "anon", 8 * MIB);
    const [block = 0] = await blocksOf(opened, "load:db");
    expect(await opened.write(block, "offline")).toMatchObject({ ret: 7 });
    // The writer runs on node 0.
    expect(await placement(opened, block, "db")).toEqual({ "node 0 DMA32": 2048 });
  });
});

/** Blocks that hold pages of an owner. */
async function blocksOf({ machine, pagesIn }: Lab, owner: string): Promise<number[]> {
  const blocks: number[] = [];
  for (const id of machine.map.blocks.ids()) if ((await pagesIn(id)).has(owner)) blocks.push(id);
  return blocks;
}
