import { describe, expect, test } from "vitest";
import { createTree, type IomemEntry, type NodeView, type ReadTree } from "../src/index.ts";
import { fakeAcpi } from "./fake-acpi.ts";
import { fakePort, nodeView, zoneView } from "./fake-port.ts";
import { recorded, type RecordedTree } from "./recorded.ts";
import { valueOf } from "./result.ts";

interface RecordedFiles {
  readonly trees: Readonly<Record<string, RecordedTree>>;
  readonly iomem: readonly string[];
  readonly memmap: readonly string[];
}

const online = { state: "online", deviceOnline: true } as const;

/** Two nodes of 1 GiB; of the 16 blocks those at the edges. */
function twoNodes(kernel: string) {
  const zones = (id: number) => [
    {
      id,
      ...online,
      validZones: id === 0 ? "none" : "DMA32",
      nodes: [id < 8 ? 0 : 1],
      removable: kernel !== "4.1" || id === 8,
    },
  ];
  const nodes = [
    nodeView(0, { cpus: [0], distances: [10, 20], blocks: [0, 7] }),
    nodeView(1, { cpus: [1], distances: [20, 10], blocks: [8, 15] }),
  ];
  return { kernel, blocks: [0, 7, 8, 15].flatMap(zones), nodes, injection: true };
}

/** Paths, kinds, modes, targets and contents, as a `tree` step has them. */
function listing(tree: ReadTree, path: string, depth: number): Record<string, unknown> {
  const entries = [...tree.walk(path, depth)].map((entry) => {
    if (entry.kind === "link") return [entry.path, [entry.target]];
    if (entry.kind === "dir") return [entry.path, [entry.mode.toString(8)]];
    const read = tree.read(entry.path);
    return [entry.path, [read.ok ? 0 : -1, entry.mode.toString(8), read.ok ? read.value : ""]];
  });
  return Object.fromEntries(entries);
}

/** Counters that no simulator knows: their digits and the blanks before them, as many as there were. */
const counters = /\/(meminfo|vmstat|numastat)$/;
function withoutCounters(tree: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const rows = Object.entries(tree).map(([path, row]) => {
    if (!counters.test(path) || !Array.isArray(row)) return [path, row];
    const digit = path.endsWith("meminfo") ? /(?<=:) *\d+/g : / \d+$/gm;
    return [
      path,
      [
        row[0],
        row[1],
        String(row[2]).replaceAll(digit, (field) => (path.endsWith("meminfo") ? "·".repeat(field.length) : " N")),
      ],
    ];
  });
  return Object.fromEntries(rows);
}

describe.each(["6.1", "6.12"])("Linux %s", (kernel) => {
  const files = recorded(`files-${kernel}`) as RecordedFiles;

  test.each(Object.entries(files.trees))("%s lists, in order, what the kernel lists", (path, { depth, result }) => {
    const autoOnline = kernel === "6.1" ? "offline" : "online";
    const tree = createTree(fakePort({ ...twoNodes(kernel), autoOnline }), { acpi: fakeAcpi() });
    // The recorder of these did not look into `power`.
    const seen = Object.entries(listing(tree, path, depth)).filter(([file]) => !file.includes("/power/"));
    const mine = withoutCounters(Object.fromEntries(seen));
    expect(mine).toEqual(withoutCounters(result));
    expect(Object.keys(mine)).toEqual(Object.keys(result));
  });

  test("/proc/iomem indents each level by two blanks", () => {
    const tree = createTree(fakePort({ kernel, iomem: parseIomem(files.iomem) }));
    expect(valueOf(tree.read("/proc/iomem")).trimEnd().split("\n")).toEqual(files.iomem);
  });

  test("/sys/firmware/memmap has a numbered directory for each range", () => {
    const memmap = files.memmap.map((line) => {
      const [, start = "", end = "", type = ""] = /^\d+ (\S+) (\S+) (.*)$/.exec(line) ?? [];
      return { start: Number(start), end: Number(end), type };
    });
    const tree = createTree(fakePort({ kernel, memmap }));
    const names = valueOf(tree.list("/sys/firmware/memmap"));
    const read = (name: string, file: string): string =>
      valueOf(tree.read(`/sys/firmware/memmap/${name}/${file}`)).trim();
    expect(names.map((name) => `${name} ${read(name, "start")} ${read(name, "end")} ${read(name, "type")}`)).toEqual(
      files.memmap,
    );
  });
});

describe("Linux 4.1", () => {
  interface Files {
    readonly memory: {
      readonly files: Record<string, unknown>;
      readonly blocks: Record<string, Record<string, unknown>>;
    };
    readonly node: { readonly files: Record<string, unknown>; readonly nodes: Record<string, Record<string, unknown>> };
    readonly nomn_node_files: Record<string, unknown>;
    readonly trees: Readonly<Record<string, RecordedTree>>;
    readonly zones: Record<string, Record<string, Record<string, number>>>;
    readonly iomem: readonly string[];
  }
  const files = recorded("files-4.1") as Files;
  const tree = createTree(fakePort(twoNodes("4.1")));

  /** A directory as a snapshot has it. */
  function snapshot(path: string): Record<string, unknown> {
    const links: string[] = [];
    const dirs: string[] = [];
    const found: Record<string, unknown> = { links, dirs };
    for (const name of valueOf(tree.list(path))) {
      const stat = valueOf(tree.stat(`${path}/${name}`));
      const read = tree.read(`${path}/${name}`);
      if (stat.kind === "link") links.push(name);
      else if (stat.kind === "dir") dirs.push(name);
      else found[name] = read.ok ? read.value : { errno: -1, mode: stat.mode.toString(8) };
    }
    return found;
  }

  test("the memory directory and its blocks hold exactly what the kernel's hold", () => {
    const root = "/sys/devices/system/memory";
    const { links, dirs, ...own } = snapshot(root);
    expect({ ...own, "power/": "dir" }).toEqual(files.memory.files);
    expect({ links, dirs }).toEqual({ links: [], dirs: ["memory0", "memory7", "memory8", "memory15", "power"] });
    for (const [name, block] of Object.entries(files.memory.blocks)) expect(snapshot(`${root}/${name}`)).toEqual(block);
  });

  test("the node directory holds what the kernel's holds", () => {
    const root = "/sys/devices/system/node";
    const { links: _, dirs: __, ...own } = snapshot(root);
    expect({ ...own, "power/": "dir" }).toEqual(files.node.files);
    for (const [name, node] of Object.entries(files.node.nodes)) {
      const { meminfo, numastat, vmstat, uevent, ...found } = snapshot(`${root}/${name}`);
      expect(found).toEqual(node);
      expect([meminfo, numastat, vmstat, uevent].map((text) => typeof text)).toEqual(Array(4).fill("string"));
    }
  });

  test("without MOVABLE_NODE there is no has_memory", () => {
    const nomn = createTree(fakePort({ kernel: "4.1-nomn" }));
    const names = Object.keys(files.nomn_node_files).map((name) => name.replace("/", ""));
    expect(valueOf(nomn.list("/sys/devices/system/node"))).toEqual([...names, "node0"].sort());
  });

  test("debugfs lists what the kernel lists", () => {
    for (const [path, { depth, result }] of Object.entries(files.trees)) {
      expect(listing(tree, path, depth)).toEqual(result);
    }
  });

  test("/proc/zoneinfo names populated zones only, and start_pfn near the end of a record", () => {
    const zones = Object.values(files.zones).map((byName) =>
      (["DMA", "DMA32", "Normal", "Movable", "Device"] as const).map((name) => {
        const zone = byName[name];
        if (zone === undefined) return zoneView(name);
        const {
          start_pfn: startPfn = 0,
          spanned: spannedPages = 0,
          present: presentPages = 0,
          managed: managedPages = 0,
        } = zone;
        const protection = String(zone["protection"]).match(/\d+/g)?.map(Number) ?? [];
        return zoneView(name, {
          startPfn,
          spannedPages,
          presentPages,
          managedPages,
          freePages: zone["free"] ?? 0,
          minPages: zone["min"] ?? 0,
          lowPages: zone["low"] ?? 0,
          protection,
        });
      }),
    );
    const nodes: NodeView[] = zones.map((zone, id) => nodeView(id, { cpus: [id], zones: zone }));
    const text = valueOf(createTree(fakePort({ kernel: "4.1", nodes })).read("/proc/zoneinfo"));
    expect(text.split("\n").filter((line) => line.startsWith("Node"))).toEqual([
      "Node 0, zone      DMA",
      "Node 0, zone    DMA32",
      "Node 1, zone    DMA32",
    ]);
    expect(text).toContain(
      "  pages free     3972\n        min      10\n        low      12\n        high     0\n        scanned  0\n        spanned  4095\n        present  3998\n        managed  3977\n    nr_free_pages 3972\n    nr_alloc_batch 0\n",
    );
    expect(text).toContain(
      "    nr_free_cma  0\n        protection: (0, 985, 985, 985)\n  pagesets\n    cpu: 0\n              count: 0\n",
    );
    expect(text).toContain(
      "  all_unreclaimable: 0\n  start_pfn:         1\n  inactive_ratio:    1\nNode 0, zone    DMA32\n",
    );
  });

  test("/proc/iomem is the kernel's", () => {
    const iomem = createTree(fakePort({ kernel: "4.1", iomem: parseIomem(files.iomem) })).read("/proc/iomem");
    expect(valueOf(iomem)).toBe(`${files.iomem.join("\n")}\n`);
  });
});

function parseIomem(lines: readonly string[]): IomemEntry[] {
  type Filling = { start: number; end: number; name: string; children: Filling[] };
  const roots: Filling[] = [];
  const open: Filling[][] = [roots];
  for (const line of lines) {
    const [, blanks = "", start = "", end = "", name = ""] = /^( *)([0-9a-f]+)-([0-9a-f]+) : (.*)$/.exec(line) ?? [];
    const entry: Filling = { start: Number.parseInt(start, 16), end: Number.parseInt(end, 16), name, children: [] };
    const level = blanks.length / 2;
    open[level]?.push(entry);
    open[level + 1] = entry.children;
  }
  return roots;
}
