import { describe, expect, test } from "vitest";
import { createTree, KPF, type KpfName, type NodeView, pageFlags } from "../src/index.ts";
import { fakePort, nodeView, zoneView } from "./fake-port.ts";
import { recorded, type RecordedTree } from "./recorded.ts";
import { parseBuddyinfo, parseCounters, parseZoneinfo } from "./recorded-views.ts";
import { valueOf } from "./result.ts";
import { kernelOf } from "../../../tools/conformance/src/kernels.ts";

interface RecordedPages {
  readonly zoneinfo: readonly string[];
  readonly pagetypeinfo: readonly string[];
  readonly buddyinfo: readonly string[];
  readonly modes: Readonly<Record<string, string>>;
  readonly hugepages: readonly string[];
  /** By trace: flags in hexadecimal, and how many frames of a DIMM had them. */
  readonly kpageflags: Readonly<Record<string, readonly (readonly [string, number])[]>>;
}

const NODE = "/sys/devices/system/node";

function read(kernel: string, nodes: readonly NodeView[], path: string): string[] {
  return valueOf(createTree(fakePort({ kernel, nodes })).read(path))
    .trimEnd()
    .split("\n");
}
/** Without the blanks that end a recorded text. */
const trimmed = (lines: readonly string[]): string[] => lines.join("\n").trimEnd().split("\n");

describe.each(["6.1", "6.12"])("Linux %s", (kernel) => {
  const pages = recorded(`pages-${kernel}`) as RecordedPages;

  test("/proc/zoneinfo is byte for byte the kernel's, but for what waits on per-cpu lists and what 6.12 tunes for each processor", () => {
    const tuned = kernel === "6.12" ? /^( +(count|high): +)\d+$/ : /^( +count: +)\d+$/;
    const nodes = parseZoneinfo(pages.zoneinfo, [0, 1]);
    const lines = (text: readonly string[]): string[] => text.map((line) => line.replace(tuned, "$10"));
    expect(lines(read(kernel, nodes, "/proc/zoneinfo"))).toEqual(lines(pages.zoneinfo));
  });

  test("/proc/buddyinfo and /proc/pagetypeinfo are byte for byte the kernel's", () => {
    const nodes = parseBuddyinfo(pages.buddyinfo, pages.pagetypeinfo);
    expect(read(kernel, nodes, "/proc/buddyinfo")).toEqual(trimmed(pages.buddyinfo));
    expect(read(kernel, nodes, "/proc/pagetypeinfo")).toEqual(trimmed(pages.pagetypeinfo));
    expect(nodes.flatMap(({ zones }) => zones).every(({ pageTypes }) => pageTypes.length === 5)).toBe(true);
  });

  test("the chunks of all migratetypes are the zone's, isolated ones included", () => {
    // The other zones moved chunks between the two reads.
    const zones = parseBuddyinfo(pages.buddyinfo, pages.pagetypeinfo).flatMap((node) => node.zones.slice(0, 1));
    for (const { freeChunks, pageTypes } of zones) {
      expect(
        freeChunks.map((_, order) => pageTypes.reduce((sum, row) => sum + (row.freeChunks[order] ?? 0), 0)),
      ).toEqual(freeChunks);
    }
  });

  test("modes are the recorded ones", () => {
    const tree = createTree(fakePort({ kernel }));
    const modes = Object.keys(pages.modes).map((name) => valueOf(tree.stat(`/proc/${name}`)).mode.toString(8));
    expect(modes).toEqual(Object.values(pages.modes));
  });

  test("a node's meminfo, vmstat and numastat are byte for byte the kernel's", () => {
    const { result } = (recorded(`files-${kernel}`) as { trees: Record<string, RecordedTree> }).trees[NODE] ?? {};
    for (const id of [0, 1]) {
      const recordedFile = (name: string): string => String(result?.[`${NODE}/node${id}/${name}`]?.[2]);
      const counters = parseCounters(recordedFile("vmstat").trimEnd().split("\n"));
      const meminfoKb = parseCounters(
        recordedFile("meminfo")
          .trimEnd()
          .split("\n")
          .map((line) => line.replace(/^Node \d+ /, "")),
      );
      const zone = zoneView("DMA32", {
        managedPages: (meminfoKb["MemTotal"] ?? 0) / 4,
        freePages: (meminfoKb["MemFree"] ?? 0) / 4,
        counters,
      });
      const nodes = [nodeView(id, { zones: [zone], counters, meminfoKb })];
      const mine = (name: string): string => `${read(kernel, nodes, `${NODE}/node${id}/${name}`).join("\n")}\n`;
      expect(mine("meminfo")).toBe(recordedFile("meminfo"));
      expect(mine("numastat")).toBe(recordedFile("numastat"));
      // The kernel reads its counters one after the other.
      const free = /^nr_free_pages \d+/;
      expect(mine("vmstat").replace(free, "")).toBe(recordedFile("vmstat").replace(free, ""));
    }
  });

  test("/proc/meminfo counts hugepages as the kernel does", () => {
    const none = { hugePagesTotal: 0, hugePagesFree: 0, hugetlbKb: 0 };
    const text = valueOf(createTree(fakePort({ kernel, meminfo: none })).read("/proc/meminfo"));
    expect(text.split("\n").filter((line) => line.includes("Huge"))).toEqual(pages.hugepages);
  });

  test("the flags of free, anonymous and poisoned pages are those of the kernel's /proc/kpageflags", () => {
    const all = Object.values(pages.kpageflags).flat();
    const frames = new Map(all.map(([flags]) => [flags, 0]));
    for (const [flags, count] of all) frames.set(flags, (frames.get(flags) ?? 0) + count);
    const page = { isTail: false, order: 0, isPoisoned: false };
    const anonymous = hexadecimal(pageFlags({ ...page, kind: "anonymous" }, kernelOf(kernel).pageFlags));
    const free = hexadecimal(pageFlags({ ...page, kind: "free", isTail: true, order: 10 }, kernelOf(kernel).pageFlags));
    // Ninety-nine of a hundred frames of a loaded DIMM are one or the other.
    const sum = all.reduce((total, [, count]) => total + count, 0);
    expect((frames.get(anonymous) ?? 0) / sum).toBeGreaterThan(0.4);
    expect(((frames.get(anonymous) ?? 0) + (frames.get(free) ?? 0)) / sum).toBeGreaterThan(0.99);
  });

  test("all recorded flags have a name", () => {
    const known = new Set<number>(Object.values(KPF));
    for (const [flags] of Object.values(pages.kpageflags).flat()) {
      expect(bitsOf(flags).filter((bit) => !known.has(bit))).toEqual([]);
    }
  });
});

test("6.1: a poisoned page that nobody uses shows HWPOISON alone (g_hwpoison)", () => {
  const flags = pageFlags({ kind: "hwpoison", isTail: false, order: 0, isPoisoned: true }, kernelOf("6.1").pageFlags);
  const { kpageflags } = recorded("pages-6.1") as RecordedPages;
  expect(kpageflags["g_hwpoison, poisoned"]).toContainEqual([hexadecimal(flags), 1]);
});

describe("Linux 4.1", () => {
  const pages = recorded("pages-4.1") as {
    readonly buddyinfo: Record<string, string[]>;
    readonly zoneinfo: string[];
    readonly hugepages: Record<string, string[]>;
    readonly vmstat: string[];
  };

  test.each(Object.entries(pages.buddyinfo))("/proc/buddyinfo of %s", (_, lines) => {
    expect(read("4.1", parseBuddyinfo(lines), "/proc/buddyinfo")).toEqual(trimmed(lines));
  });

  test("/proc/zoneinfo has the zone's counters behind its sizes (page-offline)", () => {
    const text = read("4.1", parseZoneinfo(pages.zoneinfo, [0]), "/proc/zoneinfo");
    expect(text.slice(0, pages.zoneinfo.length)).toEqual(pages.zoneinfo);
  });

  test.each(Object.entries(pages.hugepages))("/proc/meminfo counts hugepages: %s", (_, lines) => {
    const counts = parseCounters(lines.filter((line) => line.includes(":")));
    const meminfo = {
      hugePagesTotal: counts["HugePages_Total"] ?? 0,
      hugePagesFree: counts["HugePages_Free"] ?? 0,
    };
    // What `echo 600 > nr_hugepages` had asked for stays, though an offline has dissolved some.
    const tree = createTree(fakePort({ kernel: "4.1", meminfo, maxHugepages: 600 }));
    const mine = valueOf(tree.read("/proc/meminfo"))
      .split("\n")
      .filter((line) => line.includes("Huge"));
    const withSysctl = lines.at(-1) === "600";
    const sysctl = withSysctl ? [valueOf(tree.read("/proc/sys/vm/nr_hugepages")).trim()] : [];
    expect([...mine, ...sysctl]).toEqual(lines);
  });

  test("/proc/vmstat has the migration's events in this order (offline-anon)", () => {
    const port = fakePort({ kernel: "4.1", vmstat: parseCounters(pages.vmstat) });
    const lines = valueOf(createTree(port).read("/proc/vmstat")).split("\n");
    const start = lines.findIndex((line) => line.startsWith("pgmigrate_success"));
    expect(lines.slice(start, start + pages.vmstat.length)).toEqual(pages.vmstat);
    expect(lines.filter((line) => /pgmigrate|compact/.test(line))).toEqual(pages.vmstat);
  });

  test("/proc/pagetypeinfo names the migratetypes in the index order of 4.1 (facts §1.3)", () => {
    const zone = zoneView("Normal", { presentPages: 1, pageTypes: [] });
    const text = read("4.1", [nodeView(0, { zones: [zone] })], "/proc/pagetypeinfo");
    expect(text.find((line) => line.startsWith("Number of blocks"))).toBe(
      "Number of blocks type     Unmovable  Reclaimable      Movable      Reserve      Isolate ",
    );
  });
});

function hexadecimal(flags: number): string {
  return flags.toString(16).padStart(16, "0");
}

function bitsOf(flags: string): number[] {
  const value = BigInt(`0x${flags}`);
  return [...Array(64).keys()].filter((bit) => ((value >> BigInt(bit)) & 1n) === 1n);
}

/** Names of the bits, for a reader of a failed test. */
function namesOf(flags: number): KpfName[] {
  const bits = bitsOf(hexadecimal(flags));
  return (Object.keys(KPF) as KpfName[]).filter((name) => bits.includes(KPF[name]));
}

describe("compound pages (fs/proc/page.c)", () => {
  const page = { order: 9, isPoisoned: false };
  test("4.1: a tail of a THP says so, and nothing of its head", () => {
    expect(namesOf(pageFlags({ ...page, kind: "thp", isTail: true }, kernelOf("4.1").pageFlags))).toEqual([
      "COMPOUND_TAIL",
      "THP",
    ]);
  });
  test("6.1: a tail is mapped and anonymous with its head", () => {
    expect(namesOf(pageFlags({ ...page, kind: "hugetlb_2m", isTail: true }, kernelOf("6.1").pageFlags))).toEqual([
      "MMAP",
      "ANON",
      "COMPOUND_TAIL",
      "HUGE",
    ]);
  });
  test("6.12: a tail shows all flags of its folio", () => {
    const head = namesOf(pageFlags({ ...page, kind: "thp", isTail: false }, kernelOf("6.12").pageFlags));
    const tail = namesOf(pageFlags({ ...page, kind: "thp", isTail: true }, kernelOf("6.12").pageFlags));
    expect(tail).toEqual(head.map((name) => (name === "COMPOUND_HEAD" ? "COMPOUND_TAIL" : name)));
  });
  test("a kernel stack of four pages is no compound page", () => {
    expect(
      pageFlags({ kind: "kernel_stack", isTail: true, order: 2, isPoisoned: false }, kernelOf("4.1").pageFlags),
    ).toBe(0);
  });
});

test("BUDDY is on the first page of a free chunk in 4.1, and on each in 6.x (g_hwpoison: as many as free pages)", () => {
  const tail = { kind: "free", isTail: true, order: 3, isPoisoned: false } as const;
  expect(namesOf(pageFlags(tail, kernelOf("4.1").pageFlags))).toEqual([]);
  expect(namesOf(pageFlags({ ...tail, isTail: false }, kernelOf("4.1").pageFlags))).toEqual(["BUDDY"]);
  expect(namesOf(pageFlags(tail, kernelOf("6.1").pageFlags))).toEqual(["BUDDY"]);
});

test("a poisoned page keeps what else it is", () => {
  expect(
    namesOf(pageFlags({ kind: "file", isTail: false, order: 0, isPoisoned: true }, kernelOf("4.1").pageFlags)),
  ).toEqual(["REFERENCED", "UPTODATE", "LRU", "HWPOISON"]);
});
