import { describe, expect, test } from "vitest";
import {
  chooseRules,
  hostImage,
  judgeBlocks,
  Pass,
  planHostOffline,
  readArchive,
  readHost,
  readHostGoal,
  surveyHost,
} from "../src/index.ts";
import type { Host, Verdict } from "../src/index.ts";
import { blockFiles, chunksOf, smallHost, type SmallFiles, tarOf, zoneText } from "./small-capture.ts";

const BLOCK = 32768;

async function hostOf(flags: string, changes: SmallFiles = {}): Promise<Host> {
  return readHost(await readArchive("host", chunksOf(tarOf(smallHost(flags, changes)))));
}

async function verdicts(flags: string, changes: SmallFiles = {}, kernel?: string): Promise<Verdict[]> {
  const host = await hostOf(flags, changes);
  return [...judgeBlocks(surveyHost(host), chooseRules(host, kernel).rules)];
}

/** What comes of block 8 (Normal) or 9 (Movable) of node 0. */
async function verdict(block: number, flags: string, changes: SmallFiles = {}, kernel?: string): Promise<string> {
  const found = (await verdicts(flags, changes, kernel)).find((each) => each.block === block);
  return [found?.answer, found?.refusal?.errno, found?.refusal?.code].filter(Boolean).join(" ");
}

/** Runs that cover a block, `first` at its start and free pages behind it. */
function filled(block: number, runs: string, pages: number): string {
  const start = block * BLOCK;
  return `@${start.toString(16)}\n${runs}${BLOCK - pages} 400\n`;
}

const ANON = "800005868";

describe("isolation", () => {
  test("a page table in a kernel zone refuses; in Movable nothing but a reserved page does", async () => {
    expect(await verdict(8, filled(8, "1 4000000\n", 1))).toBe("refused EBUSY unmovable_page");
    expect(await verdict(9, filled(9, "1 4000000\n", 1))).toBe("goes_offline");
    expect(await verdict(9, filled(9, "1 100000000\n", 1))).toBe("refused EBUSY unmovable_page");
  });

  test("pages of a balloon, poisoned ones and free hugepages do not refuse", async () => {
    expect(await verdict(8, filled(8, "3 800000\n2 80000\n1 28000\n511 30000\n", 517))).toBe("goes_offline");
  });

  test("anonymous pages on their way to the LRU lists move", async () => {
    const zones = zoneText({ zone: "Normal", free: 30000 }) + zoneText({ node: 1, zone: "Normal", free: 100 });
    expect(await verdict(8, filled(8, "5 400005808\n", 5), { "proc/zoneinfo": zones })).toBe("goes_offline");
  });

  test("a large kernel allocation shows a head without LRU and refuses", async () => {
    expect(await verdict(8, filled(8, "1 8000\n3 10000\n", 4))).toBe("refused EBUSY unmovable_page");
  });

  test("pages without a flag refuse only where lists of processors cannot hold so many", async () => {
    const zones = (pcp: number): SmallFiles => ({
      "proc/zoneinfo":
        zoneText({ zone: "Normal", free: 20000, pcp: [pcp, 0] }) + zoneText({ node: 1, zone: "Movable", free: 60000 }),
    });
    expect(await verdict(8, filled(8, "100 0\n", 100), zones(100))).toBe("goes_offline");
    expect(await verdict(8, filled(8, "100 0\n", 100), zones(99))).toBe("refused EBUSY unmovable_page");
  });

  test("the first pageblock is looked at first, the last one next", async () => {
    const slab = (pfn: number): string => `@${(8 * BLOCK + pfn).toString(16)}\n1 80\n`;
    const first = async (...pfns: number[]): Promise<number | undefined> =>
      (await verdicts(pfns.map(slab).join("")))[0]?.refusal?.pages?.[0]?.pfn;
    expect(await first(600, BLOCK - 3)).toBe(9 * BLOCK - 3);
    expect(await first(5, 600, BLOCK - 3)).toBe(8 * BLOCK + 5);
    expect(await first(600, 1200)).toBe(8 * BLOCK + 600);
  });

  test("a slab may be of the caches whose slabs have its size", async () => {
    const cache = (name: string, pages: number, slabs: number): string =>
      `${name} 9 9 64 64 ${pages} : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`;
    const slabinfo = ["slabinfo - version: 2.1\n# name\n", cache("dentry", 1, 30), cache("kmalloc-64", 1, 10)];
    const four = [cache("inode", 4, 5), cache("empty", 4, 0)];
    const candidates = async (runs: string, pages: number): Promise<unknown> =>
      (
        await verdicts(filled(8, runs, pages), { "proc/slabinfo": [...slabinfo, ...four].join("") })
      )[0]?.refusal?.pages?.map((page) => page.candidates);
    expect(await candidates("1 80\n", 1)).toEqual([
      [
        { owner: "dentry", share: 0.75 },
        { owner: "kmalloc-64", share: 0.25 },
      ],
    ]);
    expect(await candidates("1 8080\n3 10080\n", 4)).toEqual([[{ owner: "inode", share: 1 }]]);
    // No cache has slabs of two pages; a page table is no slab.
    expect(await candidates("1 8080\n1 10080\n", 2)).toEqual([undefined]);
    expect(await candidates("1 4000000\n", 1)).toEqual([undefined]);
  });

  test("of a block without any flag nobody can tell, however long the lists of processors are", async () => {
    const zones =
      zoneText({ zone: "Normal", free: 20000, pcp: [90000] }) + zoneText({ node: 1, zone: "Movable", free: 60000 });
    expect(await verdict(8, `40000 ${BLOCK} 0\n`, { "proc/zoneinfo": zones })).toBe("unknown");
  });

  test("a block that carries its own memmap goes offline without it", async () => {
    expect(await verdict(8, filled(8, "512 2000000000\n", 512))).toBe("goes_offline");
  });

  test("a hole in a block refuses on 6.x, not on 4.1", async () => {
    const hole = { "proc/iomem": "40000000-43ffffff : System RAM\n48000000-5fffffff : System RAM\n" };
    expect(await verdict(8, filled(8, "", 0), hole)).toBe("refused EINVAL memory_hole");
    expect(await verdict(8, filled(8, "", 0), hole, "4.1")).toBe("goes_offline");
  });

  test("single slab pages are passed by on 7.3, and keep the block for ever", async () => {
    const version = { "proc/version": "Linux version 7.3.4 (x)\n" };
    expect(await verdict(8, filled(8, "1 80\n", 1), version)).toBe("never_ends EINTR unmovable_page");
    expect(await verdict(8, filled(8, "1 8080\n1 10080\n", 2), version)).toBe("refused EBUSY unmovable_page");
  });
});

describe("room", () => {
  /** One zone on node 1 with so many pages free, besides what block 9 leaves. */
  const target = (zone: Parameters<typeof zoneText>[0]): SmallFiles => ({
    "proc/zoneinfo":
      zoneText({ zone: "Normal", free: 30000 }) +
      zoneText({ zone: "Movable", free: 30000 }) +
      zoneText({ node: 1, ...zone }),
  });
  const pages = (count: number): string => filled(9, `${count} ${ANON}\n`, count);

  test("only other nodes count, down to min and what is kept for lower zones", async () => {
    const zone = { zone: "DMA32", free: 1000, min: 300, protection: [0, 0, 50, 200, 200] };
    expect(await verdict(9, pages(500), target(zone))).toBe("goes_offline");
    expect(await verdict(9, pages(501), target(zone))).toBe("never_ends EINTR no_target_memory");
  });

  test("4.1 counts its own node too, but never Movable, and ends programs where there is no room", async () => {
    const zone = { zone: "Movable", free: 60000 };
    expect(await verdict(9, pages(30000), target(zone), "4.1")).toBe("goes_offline");
    expect(await verdict(9, pages(30001), target(zone), "4.1")).toBe("kills_programs ENOMEM no_target_memory");
  });

  test("lists of processors are room once reclaim frees something", async () => {
    const zone = { zone: "Movable", free: 1000, pcp: [0, 0, 0, 400] };
    const file = { ...zone, pcp: [200, 200], counters: { nr_zone_inactive_file: 10 } };
    expect(await verdict(9, pages(1200), target(zone))).toBe("goes_offline");
    expect(await verdict(9, pages(1201), target(zone))).toBe("never_ends EINTR no_target_memory");
    expect(await verdict(9, pages(1410), target(file))).toBe("goes_offline");
  });

  test("pages of a kernel zone do not go to Movable, transparent hugepages do", async () => {
    const buddy = { "proc/buddyinfo": "Node 1, zone  Movable 0 0 0 0 0 0 0 0 0 0 50\n" };
    const all = { ...target({ zone: "Movable", free: 60000 }), ...buddy };
    expect(await verdict(8, filled(8, `10 ${ANON}\n`, 10), all)).toBe("never_ends EINTR no_target_memory");
    expect(await verdict(8, filled(8, `1 80040d868\n511 800411800\n`, 512), all)).toBe("goes_offline");
  });

  test("a hugepage in use takes a free one of another node's pool, or a fresh one", async () => {
    const huge = filled(9, "1 28818\n511 30818\n", 512);
    const pool = (free: number): SmallFiles => ({
      "sys/devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages": `${free}\n`,
    });
    const full = target({ zone: "Movable", free: 100 });
    expect(await verdict(9, huge, { ...full, ...pool(0) })).toBe("never_ends EINTR no_target_memory");
    expect(await verdict(9, huge, { ...full, ...pool(1) })).toBe("goes_offline");
    const reserved = { "proc/meminfo": "Hugepagesize: 2048 kB\nHugePages_Rsvd: 1\n" };
    expect(await verdict(9, huge, { ...full, ...pool(1), ...reserved })).toBe("never_ends EINTR no_target_memory");
  });

  test("what is gigantic the lists tell: those of arm64 with 64 KiB pages go up to its huge pages (MAX_PAGE_ORDER)", async () => {
    const huge = filled(9, "1 28818\n2047 30818\n", 2048);
    const buddy = (orders: number): SmallFiles => ({
      "proc/buddyinfo": `Node 1, zone  Movable ${Array.from({ length: orders }, (_, order) => (order === orders - 1 ? 9 : 0)).join(" ")}\n`,
    });
    const roomy = target({ zone: "Movable", free: 60000 });
    expect(await verdict(9, huge, { ...roomy, ...buddy(14) })).toBe("goes_offline");
    expect(await verdict(9, huge, { ...roomy, ...buddy(11) })).toBe("never_ends EINTR no_target_memory");
  });

  test("a gigantic page in use keeps all its blocks; on 6.1 all but the last are refused", async () => {
    const gigantic = `@${(10 * BLOCK).toString(16)}\n1 28818\n65535 30818\n`;
    expect(await verdict(10, gigantic)).toBe("never_ends EINTR no_target_memory");
    expect(await verdict(10, gigantic, {}, "6.1")).toBe("refused EBUSY unmovable_page");
    expect(await verdict(11, gigantic, {}, "6.1")).toBe("never_ends EINTR no_target_memory");
  });

  test("free hugepages that are all promised to somebody refuse", async () => {
    const free = filled(9, "1 28000\n511 30000\n", 512);
    const pool = (reserved: number): SmallFiles => ({
      "sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages": "1\n",
      "sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages": `${reserved}\n`,
    });
    expect(await verdict(9, free, pool(0))).toBe("goes_offline");
    expect(await verdict(9, free, pool(1))).toBe("refused EBUSY unmovable_page");
  });
});

test("buffers that a mounted file system holds keep a block of a kernel zone", async () => {
  expect(await verdict(8, filled(8, "1 800000064\n", 1))).toBe("never_ends EINTR pinned_page");
  expect(await verdict(8, filled(8, "200 800000064\n", 200))).toBe("never_ends EINTR no_target_memory");
});

test("arm64 keeps the memory that it booted with", async () => {
  const version = { "proc/version": "Linux version 6.12.107+deb13-arm64 (x)\n" };
  const dimm = { "sys/devices/system/memory/memory9/firmware_node": "-> ../../../LNXSYSTM:00/PNP0C80:00" };
  expect(await verdict(9, filled(9, "", 0), version)).toBe("refused EPERM notifier_veto");
  expect(await verdict(9, filled(9, "", 0), { ...version, ...dimm })).toBe("goes_offline");
});

// /proc/version of Ubuntu 24.04: the release is the same on each architecture, the compiler is not.
const ubuntu = (builder: string, compiler: string): SmallFiles => ({
  "proc/version": `Linux version 6.8.0-45-generic (buildd@${builder}) (${compiler}-linux-gnu-gcc-13 (Ubuntu 13.2.0-23ubuntu4) 13.2.0, GNU ld (GNU Binutils for Ubuntu) 2.42) #45-Ubuntu SMP\n`,
});

test("a host is of arm64 whether its release says so or its compiler", async () => {
  expect(await verdict(9, filled(9, "", 0), ubuntu("bos03-arm64-012", "aarch64"))).toBe("refused EPERM notifier_veto");
  expect(await verdict(9, filled(9, "", 0), ubuntu("lcy02-amd64-041", "x86_64"))).toBe("goes_offline");
});

test.for([
  ["bos03-arm64-012", "aarch64"],
  ["bos02-ppc64el-009", "powerpc64le"],
  ["bos02-s390x-003", "s390x"],
  ["riscv64-qemu-lcy01-075", "riscv64"],
] as const)("a host of %s becomes no machine of x86_64", async ([builder, compiler]) => {
  const host = await hostOf("", ubuntu(builder, compiler));
  expect(() => hostImage(host)).toThrow("Linux 6.8.0-45-generic is not for x86_64; only such hosts become machines");
});

test("nor does one with pages of 64 KiB whose version tells nothing; its pageblocks are its usual hugepages (set_pageblock_order)", async () => {
  const zones = zoneText({ zone: "Movable", free: 100, managed: 32768 });
  const meminfo = `MemTotal: ${32768 * 64} kB\nHugepagesize: 524288 kB\n`;
  const host = await hostOf("", {
    "proc/version": "Linux version 6.6.31-0-lts\n",
    "proc/zoneinfo": zones,
    "proc/meminfo": meminfo,
    "proc/pagetypeinfo": "",
  });
  expect([host.pageSize, host.pageblockPages]).toEqual([65536, 8192]);
  expect(() => hostImage(host)).toThrow("its pages have 64K, as none of x86_64 have; only such hosts become machines");
});

describe("states and files", () => {
  test("blocks that are offline, going offline or of several zones", async () => {
    expect(await verdict(9, "", blockFiles(9, { state: "offline" }))).toBe("is_offline");
    expect(await verdict(9, "", blockFiles(9, { state: "going-offline" }))).toBe("never_ends");
    expect(await verdict(9, "", blockFiles(9, { zone: "none" }))).toBe("refused EINVAL mixed_zones");
  });

  test("without the flags of pages nobody can tell, unless even a full block finds room", async () => {
    const zones = zoneText({ zone: "Movable", free: 30000 }) + zoneText({ node: 1, zone: "Movable", free: 60000 });
    const { "kpageflags.runs": _none, ...files } = smallHost("", { "proc/zoneinfo": zones });
    const host = readHost(await readArchive("host", chunksOf(tarOf(files))));
    const found = [...judgeBlocks(surveyHost(host), chooseRules(host).rules)].map(({ answer }) => answer);
    expect(found).toEqual(["unknown", "goes_offline", "unknown", "unknown"]);
  });
});

describe("whose rules count", () => {
  test.for([
    ["6.12.107+deb13-amd64", "6.12", false],
    ["6.18.44", "7.3", true],
    ["6.13.1", "6.12", true],
    ["6.1.0-56-amd64", "6.1", false],
    ["5.15.0", "5.15", false],
    ["6.2.0", "6.1", true],
    ["4.18.0-394.el8.x86_64", "4.18", false],
    ["5.3.18", "5.4", true],
    ["4.14.5", "4.1", true],
    ["7.4.0", "7.3", true],
    ["3.10.0-1160.el7", "4.1", true],
  ] as const)("Linux %s is judged as %s", async ([release, id, isNearest]) => {
    const chosen = chooseRules(await hostOf("", { "proc/version": `Linux version ${release} (x)\n` }));
    expect([chosen.rules.id, chosen.isNearest]).toEqual([id, isNearest]);
  });

  test("the user's word comes first", async () => {
    expect(chooseRules(await hostOf(""), "6.1").rules.id).toBe("6.1");
  });
});

describe("plans", () => {
  const flags = [
    filled(8, "1 80\n", 1),
    filled(9, `200 ${ANON}\n`, 200),
    filled(10, "", 0),
    filled(11, `100 ${ANON}\n`, 100),
  ].join("");

  test("a size takes the blocks from which the least moves", async () => {
    const host = await hostOf(flags);
    const plan = planHostOffline(surveyHost(host), chooseRules(host).rules, readHostGoal("256M", host));
    expect(plan.steps.map(({ block, pages }) => [block, pages])).toEqual([
      [10, 0],
      [11, 100],
    ]);
    expect(plan.possible && plan.commands).toEqual(["chmem -d -b 10-11"]);
  });

  test("a node with a block that stays has no plan, and the block is named", async () => {
    const host = await hostOf(flags);
    const plan = planHostOffline(surveyHost(host), chooseRules(host).rules, readHostGoal("node:0", host));
    expect(plan.possible).toBe(false);
    expect(plan.possible ? [] : plan.obstacles.map(({ block }) => block)).toEqual([8]);
  });

  test("named blocks that are offline already need no step", async () => {
    const host = await hostOf(flags, blockFiles(9, { state: "offline" }));
    const goal = readHostGoal("blocks:9-11", host);
    const plan = planHostOffline(surveyHost(host), chooseRules(host).rules, goal);
    expect([plan.possible, goal.count, plan.steps.map(({ block }) => block)]).toEqual([true, 2, [10, 11]]);
    expect(() => readHostGoal("blocks:9", host)).toThrow(/blocks:9: none of them is online/);
  });

  test("a goal that makes no sense says what is allowed", async () => {
    const host = await hostOf(flags);
    expect(() => readHostGoal("much", host)).toThrow(/"much" is no size \(64G\), node:N or blocks:LIST/);
    expect(() => readHostGoal("100M", host)).toThrow(/no multiple of the block size/);
    expect(() => readHostGoal("node:7", host)).toThrow(/node 7 has no online block/);
    expect(() => readHostGoal("blocks:9,77", host)).toThrow(/block 77 does not exist/);
  });

  test("pages that moved are in the way of those that go later", async () => {
    const zones = zoneText({ zone: "Movable", free: 32000 }) + zoneText({ node: 1, zone: "Movable", free: 60000 });
    const runs = filled(9, `20000 ${ANON}\n`, 20000) + filled(10, `30000 ${ANON}\n`, 30000);
    const host = await hostOf(runs, { "proc/zoneinfo": zones });
    const pass = new Pass(surveyHost(host), chooseRules(host).rules);
    expect(pass.judge(10).answer).toBe("goes_offline");
    pass.leave(9, false);
    expect(pass.judge(10).answer).toBe("never_ends");
  });
});

describe("swap", () => {
  const anon = { nr_zone_inactive_anon: 50000, nr_zone_inactive_file: 1000 };
  const zones =
    zoneText({ zone: "Movable", free: 100 }) + zoneText({ node: 1, zone: "Movable", free: 5000, counters: anon });
  const files = (swap: number): SmallFiles => ({
    "proc/zoneinfo": zones,
    "proc/meminfo": `MemTotal: 786432 kB\nSwapFree: ${swap * 4} kB\n`,
  });
  const runs = filled(9, `20000 ${ANON}\n`, 20000);

  test("makes room, and the answer says how much of it", async () => {
    expect(await verdict(9, runs, files(0))).toBe("never_ends EINTR no_target_memory");
    const found = (await verdicts(runs, files(30000)))[1];
    expect(found?.answer).toBe("goes_offline");
    expect(found?.note).toMatch(/would swap out 14000 pages at least, and drop what is cached of files/);
  });

  test("that a block has taken is no room for the next", async () => {
    const host = await hostOf(filled(8, `20000 ${ANON}\n`, 20000) + runs, {
      ...files(30000),
      ...blockFiles(8),
      "proc/zoneinfo": zones,
    });
    const pass = new Pass(surveyHost(host), chooseRules(host).rules);
    pass.leave(8, false);
    expect(pass.judge(9).answer).toBe("never_ends");
  });
});

describe("pinned pages", () => {
  const counters = { nr_foll_pin_acquired: 9, nr_foll_pin_released: 2 };
  const zones = ["DMA32", "Movable"].map((zone) => zoneText({ zone, free: 30000, counters })).join("");
  const other = zoneText({ node: 1, zone: "Normal", free: 60000 });
  const files = { "proc/zoneinfo": zones.replace("DMA32", "Normal") + other };
  const noteOf = async (block: number, release: string): Promise<string | undefined> => {
    const version = { "proc/version": `Linux version ${release} (x) #1\n` };
    const found = await verdicts(filled(block, `5 ${ANON}\n`, 5), { ...files, ...version });
    return found.find((each) => each.block === block)?.note;
  };

  test("may keep a block of a kernel zone for ever", async () => {
    expect(await noteOf(8, "6.12.107")).toMatch(/pinned 7 pages of node 0; where they lie, no file says, .* for ever/);
  });

  test("do not last in Movable since 5.13 (the kernel's memory-hotplug.rst)", async () => {
    expect(await noteOf(9, "6.12.107")).toMatch(/7 pages are pinned now\. Pins that last are kept off Movable/);
    expect(await noteOf(9, "5.10.200")).toMatch(/would keep it for ever/);
  });
});
