import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";
import { describe, expect, test } from "vitest";

const pc = { machine: "pc", memory: "4G", slots: 4, maxmem: "8G", smp: 2, nodes: [] as object[] };
const two = {
  nodes: [
    { nodeid: 0, mem: "2G", cpus: "0" },
    { nodeid: 1, mem: "2G", cpus: "1" },
  ],
};

async function withMachine<T>(machine: object, look: (machine: Machine) => T, kernel = "6.12"): Promise<T> {
  const booted = await bootMachine(parseMachineSpec({ ...pc, ...machine }), { kernel });
  try {
    return look(booted);
  } finally {
    await booted.close();
  }
}

const read = (machine: Machine, path: string): string => {
  const answer = machine.files.read(path);
  return answer.ok ? answer.value : String(answer.refusal.errno);
};
const NODE = "/sys/devices/system/node";
/** Bytes of RAM of each node, in MiB from the start of the first to the end of the last. */
const spans = (machine: Machine): Record<number, string> =>
  Object.fromEntries(
    machine.board.layout.nodes.map(({ node, ranges }) => [
      node,
      ranges.map(({ startPfn, endPfn }) => `${Math.floor(startPfn / 256)}-${Math.ceil(endPfn / 256)}`).join(" "),
    ]),
  );

describe("numa=fake= (mm/numa_emulation.c of 4.1.3 and 7.1.5)", () => {
  // 4 GiB less the holes of 640K-1M and of the ACPI tables are 4 times 1023.9M: 992M each, and 3 big ones.
  test.for(["4.1", "6.12"])("N: %s makes nodes of RAM alike, in steps of 32M", async (kernel) => {
    await withMachine(
      { cmdline: "numa=fake=4" },
      (machine) => {
        expect(spans(machine)).toEqual({ 0: "0-1 1-1024", 1: "1024-2048", 2: "2048-3072", 3: "4096-5120" });
        expect(read(machine, `${NODE}/possible`)).toBe("0-3\n");
        expect(machine.ignored).toEqual([]);
      },
      kernel,
    );
  });

  test("SIZE: firmware's nodes in turn, each at least so large without its holes; what is left is the last one's", async () => {
    await withMachine({ ...two, cmdline: "numa=fake=512M" }, (machine) =>
      expect(spans(machine)).toEqual({
        // 512M without 384K of hole want one step more.
        0: "0-1 1-544",
        1: "2048-2560",
        2: "544-1056",
        3: "2560-3072 4096-4128",
        4: "1056-2048",
        5: "4128-5120",
      }),
    );
  });

  test("NU: N of each of firmware's nodes, by its span; 4.1 reads the number", async () => {
    const machine = { ...two, cmdline: "numa=fake=2U" };
    const each = await withMachine(machine, spans);
    expect(Object.keys(each)).toHaveLength(4);
    expect(each[2]).toBe("2048-3072");
    expect(Object.keys(await withMachine(machine, spans, "4.1"))).toHaveLength(2);
  });

  test("processors are listed by all that were one node, and belong to the first; distances are firmware's", async () => {
    await withMachine(
      {
        ...two,
        cmdline: "numa=fake=2U",
        distances: [
          [10, 30],
          [30, 10],
        ],
      },
      (machine) => {
        expect(read(machine, `${NODE}/node1/cpulist`)).toBe("0\n");
        expect(machine.files.list("/sys/devices/system/cpu/cpu0")).toMatchObject({
          value: expect.arrayContaining(["node0"]),
        });
        expect(read(machine, `${NODE}/node0/distance`)).toBe("10 10 30 30\n");
      },
    );
  });

  test("without NUMA, on other platforms, or with too little memory for each, there is one node, and it is told", async () => {
    await withMachine({ memory: "64M", maxmem: "64M", cmdline: "numa=fake=32" }, (machine) =>
      expect(Object.keys(spans(machine))).toEqual(["0"]),
    );
    const arm = parseMachineSpec({ arch: "arm64", nodes: { count: 1, memory: "2G" }, cmdline: "numa=fake=2" });
    const machine = await bootMachine(arm, { kernel: "6.12" });
    expect(machine.ignored.map(({ why }) => why)).toEqual(["memhp does not do this on arm64"]);
    await machine.close();
  });
});

describe("crashkernel= (kernel/crash_reserve.c; arch/x86/kernel/setup.c of 4.1.3)", () => {
  const crash = (machine: Machine): string[] =>
    read(machine, "/proc/iomem")
      .split("\n")
      .filter((line) => line.endsWith("Crash kernel"));

  test.for([
    // Below the ACPI tables at 0x7ffe0000, rounded down to 16M.
    ["6.12", "256M", "2G", ["  6f000000-7effffff : Crash kernel"]],
    // Below 896M.
    ["4.1", "256M", "2G", ["  28000000-37ffffff : Crash kernel"]],
    ["4.1", "1G", "2G", []],
    ["6.12", "128M@512M", "2G", ["  20000000-27ffffff : Crash kernel"]],
    ["6.12", "128M@4G", "2G", []],
    ["6.12", "1G-4G:160M,4G-:256M", "2G", ["  75000000-7effffff : Crash kernel"]],
    ["6.12", "4G-:256M", "2G", []],
    ["6.12", "512M,high", "8G", ["  af000000-beffffff : Crash kernel", "  220000000-23fffffff : Crash kernel"]],
    // So much of it low as the word says, or nothing; alone the word says nothing.
    [
      "6.12",
      "512M,high crashkernel=128M,low",
      "8G",
      ["  b7000000-beffffff : Crash kernel", "  220000000-23fffffff : Crash kernel"],
    ],
    ["6.12", "512M,high crashkernel=0,low", "8G", ["  220000000-23fffffff : Crash kernel"]],
    ["6.12", "128M,low", "8G", []],
    // Without a suffix it goes before.
    ["6.12", "256M crashkernel=512M,high", "8G", ["  af000000-beffffff : Crash kernel"]],
    // No room below 4 GiB.
    ["6.12", "3G", "8G", ["  af000000-beffffff : Crash kernel", "  180000000-23fffffff : Crash kernel"]],
  ] as const)("%s: %s of %s", async ([kernel, size, memory, lines]) => {
    await withMachine(
      { memory, maxmem: "16G", cmdline: `crashkernel=${size}` },
      (machine) => {
        expect(crash(machine)).toEqual(lines);
        expect(machine.ignored).toEqual([]);
      },
      kernel,
    );
  });

  test("its pages are the kernel's: MemTotal is less, its blocks stay, crash_hotplug reads 0 without a crash kernel", async () => {
    const total = (machine: Machine): number => Number(/MemTotal: +(\d+)/.exec(read(machine, "/proc/meminfo"))?.[1]);
    const before = await withMachine({ memory: "2G" }, total);
    const booted = await bootMachine(parseMachineSpec({ ...pc, memory: "2G", cmdline: "crashkernel=256M" }), {
      kernel: "6.12",
    });
    // What else boot reserved is counted in whole chunks of 4 MiB.
    expect(before - total(booted)).toBeGreaterThanOrEqual(256 * 1024);
    expect(before - total(booted)).toBeLessThan((256 + 8) * 1024);
    expect(await booted.files.write("/sys/devices/system/memory/memory14/state", "offline")).toMatchObject({
      errno: "EBUSY",
      refusal: { code: "unmovable_page" },
    });
    expect(read(booted, "/sys/devices/system/memory/crash_hotplug")).toBe("0\n");
    expect(await booted.pages.audit()).toEqual([]);
    await booted.close();
  });
});

// mm/memblock.c memblock_enforce_memory_limit; arch/x86/kernel/e820.c parse_memopt. RAM of arm64's virt begins at 1 GiB.
test("mem= is an address on x86 and an amount elsewhere, and memmap= is x86's alone", async () => {
  const spec = { arch: "arm64", machine: "virt,gic-version=3", memory: "4G", cmdline: "mem=2G memmap=1G$2G" };
  const machine = await bootMachine(parseMachineSpec(spec), { kernel: "6.12" });
  expect([...machine.map.blocks.ids()]).toEqual(Array.from({ length: 16 }, (_, i) => 8 + i));
  expect(machine.ignored).toEqual([
    { where: "machine.cmdline", word: "memmap=1G$2G", why: "the kernel does not read this on arm64" },
  ]);
  await machine.close();
});

test("memmap= takes RAM away as reserved, ACPI or persistent memory, or limits it (arch/x86/kernel/e820.c)", async () => {
  const cmdline = "memmap=64M#256M memmap=128M!512M memmap=64M$768M memmap=1G";
  await withMachine({ memory: "2G", cmdline }, (machine) => {
    const iomem = read(machine, "/proc/iomem");
    expect(iomem).toContain("10000000-13ffffff : ACPI Tables\n");
    expect(iomem).toContain("20000000-27ffffff : Persistent Memory (legacy)\n");
    expect(iomem).toContain("30000000-33ffffff : Reserved\n");
    expect(iomem).toContain("34000000-3fffffff : System RAM\n");
    expect(machine.ignored).toEqual([]);
  });
});

describe("where memory lies", () => {
  const interleaved = {
    memory: "6G",
    maxmem: "16G",
    nodes: [
      {
        nodeid: 0,
        ranges: [
          { start: 0, size: "2G" },
          { start: "6G", size: "1G" },
        ],
        cpus: "0",
      },
      {
        nodeid: 1,
        ranges: [
          { start: "4G", size: "2G" },
          { start: "7G", size: "1G" },
        ],
        cpus: "1",
        hotpluggable: true,
      },
    ],
  };

  test("ranges of nodes may lie between each other; a zone spans what is between (mm/mm_init.c zone_spanned_pages_in_node)", async () => {
    await withMachine(interleaved, (machine) => {
      const zone = (node: number, index: 1 | 2): number[] => {
        const { startPfn, spannedPages, presentPages } = machine.map.nodes.get(node)?.zones[index] ?? {};
        return [startPfn ?? -1, spannedPages ?? -1, presentPages ?? -1];
      };
      expect(zone(0, 2)).toEqual([0x10_0000, 0xc_0000, 0x4_0000]);
      expect(zone(1, 2)).toEqual([0x10_0000, 0x10_0000, 0xc_0000]);
      expect(machine.files.readlink("/sys/devices/system/memory/memory50/node0").ok).toBe(true);
      expect(machine.files.readlink("/sys/devices/system/memory/memory60/node1").ok).toBe(true);
    });
  });

  test("movable_node makes hot-pluggable boot memory Movable, with its memmap on another node, and it can go (facts §8.1 step 1)", async () => {
    const booted = await bootMachine(parseMachineSpec({ ...pc, ...interleaved, cmdline: "movable_node" }), {
      kernel: "6.12",
    });
    expect(booted.map.nodes.get(1)?.zones[3]).toMatchObject({ presentPages: 0xc_0000, managedPages: 0xc_0000 });
    expect(await booted.files.write("/sys/devices/system/memory/memory60/state", "offline")).toMatchObject({
      errno: 0,
    });
    expect(await booted.pages.audit()).toEqual([]);
    await booted.close();
  });

  test("the node that holds the kernel stays a kernel node, whatever firmware says (numa_clear_kernel_node_hotplug)", async () => {
    const nodes = [{ nodeid: 0, mem: "2G", cpus: "0-1", hotpluggable: true }];
    await withMachine({ memory: "2G", nodes, cmdline: "movable_node" }, (machine) =>
      expect(machine.map.nodes.get(0)?.zones[3].presentPages).toBe(0),
    );
  });

  test("proximity domains with gaps get the next node ids on ACPI (acpi_map_pxm_to_node), and DIMMs name the domain", async () => {
    const nodes = [
      { nodeid: 0, mem: "2G", cpus: "0" },
      { nodeid: 3, mem: "2G", cpus: "1" },
    ];
    const booted = await bootMachine(parseMachineSpec({ ...pc, nodes }), { kernel: "6.12" });
    expect(read(booted, `${NODE}/online`)).toBe("0-1\n");
    await booted.close();
  });

  test("a device tree's domains are the nodes, gaps and all (of_node_to_nid)", async () => {
    const nodes = [
      { nodeid: 0, mem: "2G", cpus: "0" },
      { nodeid: 3, mem: "2G", cpus: "1" },
    ];
    const spec = { arch: "ppc64", memory: "4G", slots: 4, maxmem: "8G", smp: 2, nodes };
    const booted = await bootMachine(parseMachineSpec(spec), { kernel: "6.12" });
    expect(read(booted, `${NODE}/online`)).toBe("0,3\n");
    expect(booted.files.readlink("/sys/devices/system/memory/memory8/node3").ok).toBe(true);
    expect(await booted.pages.audit()).toEqual([]);
    await booted.close();
  });

  test("memory that is added below 4 GiB is Normal where no zone's span meets it (facts §3.4; observed-newer §4 3)", async () => {
    const booted = await bootMachine(
      parseMachineSpec({ ...pc, memory: "2G", cmdline: "memhp_default_state=offline" }),
      {
        kernel: "6.12",
      },
    );
    expect(await booted.add({ start: 0xb000_0000, size: 0x800_0000 }, { node: 0 })).toMatchObject({ ok: true });
    expect(read(booted, "/sys/devices/system/memory/memory22/valid_zones")).toBe("Normal Movable\n");
    await booted.close();
  });

  test.for([
    [
      "they overlap",
      [
        { start: 0, size: "2G" },
        { start: "1G", size: "1G" },
      ],
      /nodes\[0\]\.ranges: 0x40000000 is in another range/,
    ],
    ["they begin above 0", [{ start: "1G", size: "2G" }], /memory begins at 0/],
    ["they lie where devices are", [{ start: 0, size: "4G" }], /0xc0000000-0xffffffff is for devices/],
    ["they are no whole MiB", [{ start: 0, size: 4096 }], /expected whole MiB/],
    ["they say something else", [{ start: 0, end: "2G" }], /size/],
  ] as const)("ranges are refused with their place where %s", ([, ranges, why]) => {
    expect(() => parseMachineSpec({ machine: "pc", nodes: [{ nodeid: 0, ranges }] })).toThrow(why);
  });

  test("a node that comes twice, and ranges where the board decides, are refused", () => {
    const twice = [
      { nodeid: 1, mem: "1G" },
      { nodeid: 1, mem: "1G" },
    ];
    expect(() => parseMachineSpec({ nodes: twice })).toThrow("machine.nodes[1].nodeid: there is a node 1 already");
    const nodes = [{ nodeid: 0, ranges: [{ start: 0, size: "2G" }] }];
    expect(() => parseMachineSpec({ arch: "arm64", nodes })).toThrow("the board of arm64 decides where memory lies");
  });
});

test("mem= keeps DIMMs that are there at boot out, and none that comes later (register_memory_resource; 4.1 has no such limit)", async () => {
  const cold = ["-object", "memory-backend-ram,id=m0,size=256M", "-device", "pc-dimm,id=d0,memdev=m0"];
  const machine = { ...pc, memory: "2G", extra: cold, cmdline: "mem=1G memhp_default_state=offline" };
  for (const [kernel, refusals] of [
    ["6.12", ["E2BIG"]],
    ["4.1", []],
  ] as const) {
    const booted = await bootMachine(parseMachineSpec(machine), { kernel });
    expect(booted.bootRefusals.map(({ refusal }) => refusal.errno)).toEqual(refusals);
    expect(await booted.add({ start: 0x2_0000_0000, size: 0x800_0000 }, { node: 0 })).toMatchObject({ ok: true });
    await booted.close();
  }
});

describe("memory_hotplug.memmap_on_memory", () => {
  const parameter = (kernel: string, word: string): Promise<string> =>
    withMachine(
      { cmdline: `memory_hotplug.memmap_on_memory${word}` },
      (machine) => read(machine, "/sys/module/memory_hotplug/parameters/memmap_on_memory"),
      kernel,
    );

  test("alone it is true where it is a plain bool (param_set_bool)", async () => {
    expect(await parameter("6.1", "")).toBe("Y\n");
    expect(await parameter("6.1", "=")).toBe("N\n");
  });

  test("alone it is refused where it has a setter of its own without KERNEL_PARAM_OPS_FL_NOARG (parse_one)", async () => {
    expect(await parameter("6.12", "")).toBe("N\n");
    expect(await parameter("6.12", "=FORCE")).toBe("force\n");
  });
});
