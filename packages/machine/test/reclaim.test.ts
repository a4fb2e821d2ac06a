import { describe, expect, test } from "vitest";
import { offlineOutlook } from "../src/index.ts";
import { internalsOf } from "../src/machine.ts";
import { FIRST, kernels, lab, type Lab, MIB, onNode, SECOND } from "./lab.ts";

const pagesOf = ({ machine }: Lab, id: string): number => machine.pages.loads.pagesOf(id);

/** Two nodes, a Movable block on node 1 that holds a program, and page cache in nearly all the rest of both. */
async function fullOfCache(kernel: string): Promise<Lab> {
  const nodes = [
    { nodeid: 0, mem: "512M", cpus: "0" },
    { nodeid: 1, mem: "256M", cpus: "1" },
  ];
  const opened = await lab(kernel, { memory: "768M", nodes });
  await opened.online("online_movable", FIRST + 3);
  await opened.load("db", "anon", 32 * MIB, { policy: { mode: "prefer", nodes: [1] } });
  for (let n = 0; ; n++) {
    const spec = { id: `cache-${n}`, kind: "file", sizeBytes: 8 * MIB } as const;
    const policy = { mode: "prefer", nodes: [0] } as const;
    const started = await opened.machine.pages.loads.start({ ...spec, policy });
    if (!started.ok) break;
  }
  return opened;
}

describe("page cache makes room before an offline fails for want of memory (6.1: c_oom_offline has none to drop)", () => {
  test.for(kernels)(
    "%s: the block goes, programs keep their pages, page cache shrinks",
    { timeout: 30_000 },
    async (kernel) => {
      const opened = await fullOfCache(kernel);
      const { machine, write, events } = opened;
      const cache = /^Cached: +(\d+) kB$/m;
      const before = Number(cache.exec(opened.read("/proc/meminfo"))?.[1]);
      const [outlook] = await offlineOutlook(machine, [FIRST + 3]);
      expect(outlook).toMatchObject({ answer: "goes_offline" });
      expect(await write(FIRST + 3, "offline", { signalAtNs: machine.nowNs + 300 * SECOND })).toMatchObject({
        errno: 0,
      });
      expect(pagesOf(opened, "db")).toBe((32 * MIB) / 4096);
      expect(Number(cache.exec(opened.read("/proc/meminfo"))?.[1])).toBeLessThan(before);
      expect(events.filter((event) => event.type === "load" && event.change === "killed")).toEqual([]);
      expect(await machine.pages.audit()).toEqual([]);
    },
  );

  test.for(kernels)("%s: a program gets memory that page cache held", async (kernel) => {
    const opened = await fullOfCache(kernel);
    await opened.load("late", "anon", 64 * MIB, { policy: onNode(0) });
    expect(pagesOf(opened, "late")).toBe((64 * MIB) / 4096);
    expect(await opened.machine.pages.audit()).toEqual([]);
  });
});

describe("soft_offline_page looks on other nodes where its own has no room (mm/memory-failure.c)", () => {
  async function onFullNode(kernel: string): Promise<{ opened: Lab; pfn: number }> {
    const opened = await lab(kernel);
    await opened.online("online_movable", FIRST + 3);
    for (let bytes = 64 * MIB; bytes >= 4096; bytes /= 2) {
      for (let n = 0; ; n++) {
        const spec = { id: `${bytes}-${n}`, kind: "anon", sizeBytes: bytes, policy: onNode(1) } as const;
        if (!(await opened.machine.pages.loads.start(spec)).ok) break;
      }
    }
    const run = (await opened.runsIn(FIRST + 3)).find(({ page }) => page?.owner?.startsWith("load:") === true);
    return { opened, pfn: run?.startPfn ?? -1 };
  }

  test.for(kernels)("%s: the page is on node 0 then, and nobody lost it", async (kernel) => {
    const { opened, pfn } = await onFullNode(kernel);
    const { machine } = opened;
    const owner = (await machine.pages.runs(pfn, 1))[0]?.page?.owner ?? "";
    const onNode0 = (): number => new Map(internalsOf(machine).shards.pages.get(0)?.owners).get(owner) ?? 0;
    const held = pagesOf(opened, owner.slice("load:".length));
    expect(onNode0()).toBe(0);
    expect(await machine.write("/sys/devices/system/memory/soft_offline_page", `${pfn * 4096}`)).toMatchObject({
      errno: 0,
    });
    expect(onNode0()).toBe(1);
    expect(pagesOf(opened, owner.slice("load:".length))).toBe(held);
    expect(await machine.pages.audit()).toEqual([]);
  });
});

test.for(kernels)(
  "%s: soft_offline_page leaves a page of ZONE_MOVABLE in that zone: 4.1 too, whose offline would not (facts §4.4)",
  async (kernel) => {
    const opened = await lab(kernel);
    await opened.online("online_movable", FIRST + 3);
    await opened.load("db", "anon", 4 * MIB);
    const run = (await opened.runsIn(FIRST + 3)).find(({ page }) => page?.owner === "load:db");
    await opened.machine.write("/sys/devices/system/memory/soft_offline_page", `${(run?.startPfn ?? 0) * 4096}`);
    expect((await opened.pagesIn(FIRST + 3)).get("load:db")).toBe((4 * MIB) / 4096);
  },
);
