import { describe, expect, test } from "vitest";
import { createTree } from "../src/index.ts";
import { fakeAcpi } from "./fake-acpi.ts";
import { fakePort, nodeView, zoneView } from "./fake-port.ts";
import { valueOf } from "./result.ts";
import { kernelOf } from "../../../tools/conformance/src/kernels.ts";

const MEMORY = "/sys/devices/system/memory";
const PARAMETERS = "/sys/module/memory_hotplug/parameters";

describe("probe", () => {
  async function probe(data: string) {
    const port = fakePort({ kernel: "4.1" });
    const answer = await createTree(port).write(`${MEMORY}/probe`, data);
    return { errno: answer.errno, code: answer.refusal?.code, calls: port.calls };
  }
  test("an address in any base is probed exactly, however high it is", async () => {
    expect((await probe("040000000000\n")).calls).toEqual(["probe 0x100000000"]);
    expect((await probe("0xfffffffff8000000")).calls).toEqual(["probe 0xfffffffff8000000"]);
  });
  test("an address inside a block is EINVAL before anything is added (facts §2.4 step 2)", async () => {
    expect(await probe("0x108001000")).toEqual({ errno: "EINVAL", code: "unaligned", calls: [] });
  });
  test("an address of more than 64 bits is ERANGE, garbage EINVAL", async () => {
    expect(await probe("0x10000000000000000")).toEqual({ errno: "ERANGE", code: "out_of_range", calls: [] });
    expect(await probe("here")).toEqual({ errno: "EINVAL", code: "bad_word", calls: [] });
  });
});

describe("soft_offline_page, hard_offline_page", () => {
  test("take a physical address and hand on what the kernel answers", async () => {
    const port = fakePort({ kernel: "6.1" });
    const tree = createTree(port);
    expect(await tree.write(`${MEMORY}/soft_offline_page`, "0x1000\n")).toMatchObject({ ret: 7 });
    port.refuseNext = "EHWPOISON";
    expect(await tree.write(`${MEMORY}/hard_offline_page`, "4096")).toMatchObject({ ret: -1, errno: "EHWPOISON" });
    expect(port.calls).toEqual(["soft 0x1000", "hard 0x1000"]);
  });
  test("answer EINVAL, not ERANGE, to a number that is too long (facts §2.5)", async () => {
    const tree = createTree(fakePort({ kernel: "4.1" }));
    expect(await tree.write(`${MEMORY}/soft_offline_page`, "0x10000000000000000")).toMatchObject({ errno: "EINVAL" });
  });
});

describe("module parameters", () => {
  async function set(name: string, value: string) {
    const port = fakePort({ kernel: "6.12" });
    const tree = createTree(port);
    const { errno } = await tree.write(`${PARAMETERS}/${name}`, value);
    return [errno, valueOf(tree.read(`${PARAMETERS}/${name}`))];
  }
  test.each([
    ["online_policy", "auto-movable\n", [0, "auto-movable\n"]],
    ["online_policy", "Auto-movable", ["EINVAL", "contig-zones\n"]],
    ["auto_movable_ratio", "0x64\n", [0, "100\n"]],
    ["auto_movable_ratio", "4294967296", ["ERANGE", "301\n"]],
    ["auto_movable_ratio", "-1", ["EINVAL", "301\n"]],
    ["auto_movable_numa_aware", "off", [0, "N\n"]],
    ["auto_movable_numa_aware", "2", ["EINVAL", "Y\n"]],
  ])("%s after a write of %j: %j", async (name, value, after) => expect(await set(name, value)).toEqual(after));

  test("memmap_on_memory cannot be opened for writing", async () => {
    const tree = createTree(fakePort({ kernel: "6.12" }));
    expect((await tree.write(`${PARAMETERS}/memmap_on_memory`, "Y")).openErrno).toBe("EACCES");
  });
});

test("auto_online_blocks shows the word that was written, and keeps it through a wrong one", async () => {
  const tree = createTree(fakePort({ kernel: "6.1" }));
  await tree.write(`${MEMORY}/auto_online_blocks`, "online_movable\n");
  await tree.write(`${MEMORY}/auto_online_blocks`, "movable");
  expect(valueOf(tree.read(`${MEMORY}/auto_online_blocks`))).toBe("online_movable\n");
});

describe("/proc/meminfo", () => {
  const lines = (kernel: string) => valueOf(createTree(fakePort({ kernel })).read("/proc/meminfo")).split("\n");
  test("has the kernel's columns (4.1: x-hugepages-boot, hard-offline-used)", () => {
    expect(lines("4.1")).toEqual(
      expect.arrayContaining([
        "MemTotal:        2057648 kB",
        "MemFree:         1948724 kB",
        "HardwareCorrupted:     4 kB",
        "AnonHugePages:         0 kB",
        "HugePages_Total:     100",
        "HugePages_Free:       90",
        "HugePages_Rsvd:        0",
        "HugePages_Surp:        0",
        "Hugepagesize:       2048 kB",
      ]),
    );
  });
  test("ends with Hugetlb on 6.x (6.1: c_hugetlb_movable)", () => {
    expect(lines("6.1").slice(-2)).toEqual(["Hugetlb:          204800 kB", ""]);
  });
});

describe("a node's files", () => {
  const zones = nodeView(0).zones.with(1, zoneView("DMA32", { managedPages: 486457, freePages: 474005 }));
  const node = nodeView(0, { cpus: [0, 1], distances: [10, 20], zones });
  const read = (kernel: string, file: string) =>
    valueOf(
      createTree(fakePort({ kernel, nodes: [node, nodeView(1)] })).read(`/sys/devices/system/node/node0/${file}`),
    );
  test("meminfo counts managed and free pages in kB (6.1: a_boot_1node)", () => {
    expect(read("6.1", "meminfo").split("\n").slice(0, 4)).toEqual([
      "Node 0 MemTotal:        1945828 kB",
      "Node 0 MemFree:         1896020 kB",
      "Node 0 MemUsed:           49808 kB",
      "Node 0 SwapCached:            0 kB",
    ]);
    expect(read("4.1", "meminfo").split("\n")[3]).toBe("Node 0 Active:                0 kB");
  });
  test("vmstat begins with the free pages", () => {
    expect(read("6.12", "vmstat")).toMatch(/^nr_free_pages 474005\nnr_zone_inactive_anon 0\n/);
    expect(read("4.1", "vmstat")).toMatch(/^nr_free_pages 474005\nnr_alloc_batch 0\n/);
  });
  test.each(["4.1", "6.1"])("distance, cpulist and cpumap on %s", (kernel) => {
    expect(read(kernel, "distance")).toBe("10 20\n");
    expect(read(kernel, "cpulist")).toBe("0-1\n");
    expect(read(kernel, "cpumap")).toBe("3\n");
  });
});

test("/proc/zoneinfo of 6.x lists zones of nodes without memory, in the short form (observed-6 §5)", () => {
  const text = valueOf(createTree(fakePort({ kernel: "6.1", nodes: [nodeView(2)] })).read("/proc/zoneinfo"));
  expect(text.match(/^Node 2, zone .*$/gm)).toHaveLength(5);
  expect(text).not.toMatch(/start_pfn|per-node/);
});

describe("/sys/firmware/acpi/hotplug", () => {
  const HOTPLUG = "/sys/firmware/acpi/hotplug";
  test.each([
    ["0", 0, "0\n"],
    ["1\n", 0, "1\n"],
    ["2", "EINVAL", "1\n"],
    ["y", "EINVAL", "1\n"],
  ])("enabled after a write of %j: %s", async (data, errno, after) => {
    const tree = createTree(fakePort({ kernel: "6.1" }), { acpi: fakeAcpi() });
    expect((await tree.write(`${HOTPLUG}/memory/enabled`, data)).errno).toBe(errno);
    expect(valueOf(tree.read(`${HOTPLUG}/memory/enabled`))).toBe(after);
  });
  test("force_remove can be set on 4.1 only (facts §6.6)", async () => {
    for (const [kernel, errno] of [
      ["4.1", 0],
      ["6.1", "EINVAL"],
    ] as const) {
      const acpi = fakeAcpi({}, kernelOf(kernel).acpi.forceRemove === "works");
      const tree = createTree(fakePort({ kernel }), { acpi });
      expect((await tree.write(`${HOTPLUG}/force_remove`, "1")).errno).toBe(errno);
      expect((await tree.write(`${HOTPLUG}/force_remove`, "0")).errno).toBe(0);
    }
  });
  test("a device shows its status and takes a 1 to eject, nothing else", async () => {
    const tree = createTree(fakePort({ kernel: "6.1" }), { acpi: fakeAcpi() });
    expect(valueOf(tree.read("/sys/bus/acpi/devices/PNP0C80:00/status"))).toBe("15\n");
    expect((await tree.write("/sys/bus/acpi/devices/PNP0C80:00/eject", "0")).errno).toBe("EINVAL");
  });
});
