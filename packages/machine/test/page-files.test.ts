import { describe, expect, test } from "vitest";
import { BLOCK, FIRST, kernels, kernels41, kernels6, lab, type Lab, MIB } from "./lab.ts";

/** Bits of /proc/kpageflags (include/uapi/linux/kernel-page-flags.h). */
const Bit = { LRU: 5, SLAB: 7, BUDDY: 10, ANON: 12, UNEVICTABLE: 18, HWPOISON: 19, NOPAGE: 20, RESERVED: 32 } as const;

/** The 64-bit words of a range of frames. */
async function words({ machine }: Lab, path: string, block: number): Promise<bigint[]> {
  const read = await machine.files.readRange(path, block * BLOCK * 8, BLOCK * 8);
  if (!read.ok) throw new Error(read.refusal.rule);
  const bytes = Buffer.from(read.value, "latin1");
  return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readBigUInt64LE(i * 8));
}
const withBit = (flags: readonly bigint[], bit: number): number =>
  flags.filter((word) => ((word >> BigInt(bit)) & 1n) === 1n).length;

/** Frames of a block by kind. */
async function kindsOf({ runsIn }: Lab, block: number): Promise<Map<string, number>> {
  const kinds = new Map<string, number>();
  for (const { page, count } of await runsIn(block)) {
    const kind = page?.kind ?? "none";
    kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  return kinds;
}

describe("/proc/kpageflags and /proc/kpagecount", () => {
  test.for(kernels)("%s: what they show of a Movable block is what the page map holds", async (kernel) => {
    const opened = await lab(kernel);
    const block = FIRST + 3;
    await opened.online("online_movable", block);
    await opened.load("anon", "anon", 8 * MIB);
    await opened.load("mlock", "mlock", 4 * MIB);
    await opened.load("file", "file", 2 * MIB);
    await opened.machine.write(
      "/sys/devices/system/memory/hard_offline_page",
      `0x${((block * BLOCK + BLOCK / 2) * 4096).toString(16)}`,
    );
    const kinds = await kindsOf(opened, block);
    expect(Object.fromEntries(kinds)).toEqual({
      free: BLOCK - 3584 - 1,
      anonymous: 2048,
      mlocked: 1024,
      file: 512,
      hwpoison: 1,
    });
    const flags = await words(opened, "/proc/kpageflags", block);
    expect(flags).toHaveLength(BLOCK);
    expect(withBit(flags, Bit.LRU)).toBe(3584);
    expect(withBit(flags, Bit.ANON)).toBe(3072);
    expect(withBit(flags, Bit.UNEVICTABLE)).toBe(1024);
    expect(withBit(flags, Bit.HWPOISON)).toBe(1);
    expect(flags.findIndex((word) => (word >> BigInt(Bit.HWPOISON)) & 1n)).toBe(BLOCK / 2);
    // Only programs map pages: what is free (4.1 tells -127 of it), poisoned or in the page cache alone is mapped nowhere.
    const counts = await words(opened, "/proc/kpagecount", block);
    expect(counts.filter((count) => count === 1n)).toHaveLength(3072);
  });

  test.for(kernels)(
    "%s: BUDDY is on the first page of a free chunk in 4.1, on each later (fs/proc/page.c)",
    async (kernel) => {
      const opened = await lab(kernel);
      await opened.online("online_movable", FIRST + 3);
      const flags = await words(opened, "/proc/kpageflags", FIRST + 3);
      expect(withBit(flags, Bit.BUDDY)).toBe(kernels41.includes(kernel) ? BLOCK / 1024 : BLOCK);
    },
  );

  test.for(kernels)("%s: slab in a kernel zone", async (kernel) => {
    const opened = await lab(kernel);
    await opened.online("online_kernel", FIRST);
    await opened.load("k", "slab", MIB);
    const kinds = await kindsOf(opened, FIRST);
    const flags = await words(opened, "/proc/kpageflags", FIRST);
    expect(kinds.get("slab")).toBeGreaterThanOrEqual(256);
    // In 6.x a tail shows SLAB too; in 4.1 only the first page of each of the load's 128 slabs, and the kernel's single ones.
    const single = (kinds.get("slab") ?? 0) - 256;
    expect(withBit(flags, Bit.SLAB)).toBe(kernels41.includes(kernel) ? single + 128 : single + 256);
  });

  test.for(kernels41)("%s: pages of an offline block are reserved (facts §4.1 step 12)", async (kernel) => {
    const opened = await lab(kernel);
    expect(withBit(await words(opened, "/proc/kpageflags", FIRST), Bit.RESERVED)).toBe(BLOCK);
  });

  test.for(kernels6)("%s: an offline block has no pages to show (pfn_to_online_page)", async (kernel) => {
    const opened = await lab(kernel);
    expect(withBit(await words(opened, "/proc/kpageflags", FIRST), Bit.NOPAGE)).toBe(BLOCK);
  });
});

describe("drop_caches", () => {
  const kb = ({ read }: Lab, name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(read("/proc/meminfo"))?.[1]);

  test.for(kernels)(
    "%s: 2 frees the slab of a dentry load, 1 the page cache, neither anonymous memory",
    async (kernel) => {
      const opened = await lab(kernel);
      const { machine } = opened;
      await opened.online("online_kernel", FIRST);
      await opened.load("d", "dentry", 16 * MIB);
      await opened.load("f", "file", 8 * MIB);
      await opened.load("a", "anon", 4 * MIB);
      const before = { slab: kb(opened, "SReclaimable"), cached: kb(opened, "Cached"), free: kb(opened, "MemFree") };
      expect(before.slab).toBeGreaterThanOrEqual(16 * 1024);
      await machine.write("/proc/sys/vm/drop_caches", "2\n");
      expect(machine.pages.loads.pagesOf("d")).toBe(0);
      expect(kb(opened, "SReclaimable")).toBeLessThan(before.slab - 16 * 1024 + 1);
      expect(kb(opened, "MemFree")).toBeGreaterThanOrEqual(before.free + 16 * 1024);
      expect(machine.pages.loads.pagesOf("f")).toBe(2048);
      await machine.write("/proc/sys/vm/drop_caches", "1\n");
      expect(machine.pages.loads.pagesOf("f")).toBe(0);
      expect(kb(opened, "Cached")).toBe(before.cached - 8 * 1024);
      expect(machine.pages.loads.pagesOf("a")).toBe(1024);
      expect(await machine.pages.audit()).toEqual([]);
    },
  );
});

describe("loads that churn", () => {
  const churn = { fraction: 0.3, everyNs: 50e6 };
  /** Where the load's pages lie after two seconds. */
  async function layout(kernel: string, seed: number): Promise<string> {
    const opened = await lab(kernel, { seed });
    await opened.online("online_movable", FIRST + 2, FIRST + 3);
    // Each gets what the other gives back.
    await opened.load("busy", "anon", 32 * MIB, { churn });
    await opened.load("other", "file", 32 * MIB, { churn });
    await opened.machine.wait(2e9);
    expect(opened.machine.pages.loads.pagesOf("busy")).toBe(8192);
    expect(await opened.machine.pages.audit()).toEqual([]);
    const runs = [...(await opened.runsIn(FIRST + 2)), ...(await opened.runsIn(FIRST + 3))];
    return JSON.stringify(runs.map(({ startPfn, count, page }) => [startPfn, count, page?.owner]));
  }

  test.for(kernels)("%s: the same seed gives the same pages, another one others", async (kernel) => {
    const first = await layout(kernel, 7);
    expect(await layout(kernel, 7)).toBe(first);
    expect(await layout(kernel, 8)).not.toBe(first);
  });

  test.for(kernels)("%s: a load with a lifetime ends by itself", async (kernel) => {
    const { machine, online, load } = await lab(kernel);
    await online("online_movable", FIRST + 3);
    await load("brief", "anon", MIB, { lifetimeNs: 1e9 });
    await machine.wait(0.9e9);
    expect(machine.pages.loads.pagesOf("brief")).toBe(256);
    await machine.wait(0.2e9);
    expect(machine.pages.loads.list()).toEqual([]);
    expect(machine.pages.loads.pagesOf("brief")).toBe(0);
  });
});

test.for(kernels6)(
  "%s: zoneinfo tells the stats of a node once, at its first zone with pages (x_going_offline)",
  async (kernel) => {
    const { machine } = await lab(kernel);
    const read = machine.files.read("/proc/zoneinfo");
    if (!read.ok) throw new Error(read.refusal.rule);
    const zones = read.value.split(/^(?=Node )/m);
    const told = zones.filter((zone) => zone.includes("per-node stats"));
    const populated = zones.filter((zone) => !/present +0$/m.test(zone));
    const first = populated.filter((zone, i) => populated[i - 1]?.slice(0, 6) !== zone.slice(0, 6));
    expect(told.length).toBeGreaterThan(0);
    expect(told).toEqual(first);
  },
);
