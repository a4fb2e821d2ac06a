import { bootMachine, type Machine, offlineOutlook, parseMachineSpec, snapshot, start } from "@memhp/machine";
import { expect, test } from "vitest";

const pc = { machine: "pc", memory: "4G", slots: 2, maxmem: "8G", nodes: [] };

async function withMachine<T>(kernel: string, machine: object, look: (machine: Machine) => T): Promise<T> {
  const booted = await bootMachine(parseMachineSpec(machine), { kernel });
  try {
    return look(booted);
  } finally {
    await booted.close();
  }
}

const pools = (machine: Machine): readonly string[] => {
  const listed = machine.files.list("/sys/kernel/mm/hugepages");
  return listed.ok ? listed.value : [];
};
const read = (machine: Machine, path: string): string => {
  const answer = machine.files.read(path);
  return answer.ok ? answer.value : answer.refusal.code;
};

test.for([
  ["6.12", "max", ["hugepages-2048kB", "hugepages-1048576kB"]],
  ["6.12", "EPYC-Rome", ["hugepages-2048kB", "hugepages-1048576kB"]],
  ["6.12", "qemu64,+pdpe1gb", ["hugepages-2048kB", "hugepages-1048576kB"]],
  ["6.12", "max,-pdpe1gb", ["hugepages-2048kB"]],
  ["6.12", "qemu64", ["hugepages-2048kB"]],
  // x-hugepages-boot, c_hugetlb_movable: QEMU's processor of who names none.
  ["6.12", undefined, ["hugepages-2048kB"]],
  // gigantic_pages_init of 4.1.3 is for CONFIG_CMA.
  ["4.1", "max", ["hugepages-2048kB"]],
] as const)(
  "%s on %s has the pools of its processor without a word (arch/x86/mm/hugetlbpage.c)",
  async ([kernel, cpu, expected]) => {
    await withMachine(kernel, { ...pc, ...(cpu === undefined ? {} : { cpu }) }, (machine) => {
      expect(pools(machine)).toEqual(expected);
      expect(machine.files.list("/sys/devices/system/node/node0/hugepages")).toMatchObject({ value: expected });
    });
  },
);

const both = ["hugepages-2048kB", "hugepages-1048576kB"];

test.for([
  ["6.12", "x86_64", both],
  ["6.12", "ppc64", both],
  // arch/arm64/mm/hugetlbpage.c: sixteen contiguous entries of each level too, with 16K and 64K pages other numbers of them.
  ["6.12", "arm64", ["hugepages-64kB", "hugepages-2048kB", "hugepages-32768kB", "hugepages-1048576kB"]],
  ["6.12-arm64-16k", "arm64", ["hugepages-2048kB", "hugepages-32768kB", "hugepages-1048576kB"]],
  ["6.12-arm64-64k", "arm64", ["hugepages-2048kB", "hugepages-524288kB", "hugepages-16777216kB"]],
  ["7.2", "s390x", ["hugepages-1024kB", "hugepages-2097152kB"]],
  // facts §1.2: hash page tables; one size of ia64's choice.
  ["4.1", "ppc64", ["hugepages-16384kB"]],
  ["4.1", "ia64", ["hugepages-262144kB"]],
] as const)("a machine of the short form is a server's: %s on %s", async ([kernel, arch, expected]) => {
  await withMachine(kernel, { arch, nodes: { count: arch === "s390x" ? 1 : 2, memory: "2G" } }, (machine) =>
    expect(pools(machine)).toEqual(expected),
  );
});

test("pools of all sizes of arm64 fill and are given back, and offlines find their pages", async () => {
  const spec = {
    arch: "arm64",
    nodes: { count: 1, memory: "4G" },
    cmdline: "hugepagesz=64K hugepages=32 hugepagesz=32M hugepages=6 hugepagesz=1G hugepages=1",
  };
  const machine = await bootMachine(parseMachineSpec(spec), { kernel: "6.12" });
  const total = (kb: number): string => read(machine, `/sys/kernel/mm/hugepages/hugepages-${kb}kB/nr_hugepages`);
  expect(machine.ignored).toEqual([]);
  expect([64, 2048, 32_768, 1_048_576].map(total)).toEqual(["32\n", "0\n", "6\n", "1\n"]);
  expect(await machine.pages.audit()).toEqual([]);
  for (const kb of [64, 32_768, 1_048_576])
    await machine.files.write(`/sys/kernel/mm/hugepages/hugepages-${kb}kB/nr_hugepages`, "0");
  expect([64, 32_768, 1_048_576].map(total)).toEqual(["0\n", "0\n", "0\n"]);
  expect(await machine.pages.audit()).toEqual([]);
  await machine.close();
});

test("a size that the architecture does not have is told with those that it has, and with its count", async () => {
  const cmdline = "hugepagesz=16M hugepages=4 hugepagesz=2M hugepages=3";
  await withMachine("6.12", { ...pc, cmdline }, (machine) => {
    const why = "x86_64 has hugepages of 2M, 1G";
    expect(machine.ignored).toEqual(
      ["hugepagesz=16M", "hugepages=4"].map((word) => ({ where: "machine.cmdline", word, why })),
    );
    expect(read(machine, "/proc/sys/vm/nr_hugepages")).toBe("3\n");
  });
});

const twoNodes = {
  ...pc,
  memory: "8G",
  maxmem: "16G",
  cpu: "max",
  smp: 2,
  nodes: [
    { nodeid: 0, mem: "4G", cpus: "0" },
    { nodeid: 1, mem: "4G", cpus: "1" },
  ],
};
const ofNode = (machine: Machine, node: number, kb: number): string =>
  read(machine, `/sys/devices/system/node/node${node}/hugepages/hugepages-${kb}kB/nr_hugepages`);

// mm/hugetlb.c alloc_bootmem_huge_page: before the allocator has anything, and node by node.
test("hugepages of 1 GiB at boot come from memblock, from each node in turn", async () => {
  await withMachine("6.12", { ...twoNodes, cmdline: "hugepagesz=1G hugepages=2" }, (machine) =>
    expect([0, 1].map((node) => ofNode(machine, node, 1 << 20))).toEqual(["1\n", "1\n"]),
  );
});

// mm/hugetlb.c hugepages_setup, since 5.16.
test.for(["5.15", "6.1"])("hugepages=NODE:NUMBER on %s", async (kernel) => {
  const isRead = kernel === "6.1";
  await withMachine(kernel, { ...twoNodes, cmdline: "hugepages=0:10,1:20" }, (machine) => {
    expect([0, 1].map((node) => ofNode(machine, node, 2048))).toEqual(isRead ? ["10\n", "20\n"] : ["0\n", "0\n"]);
    expect(machine.ignored.map(({ word }) => word)).toEqual(isRead ? [] : ["hugepages=0:10,1:20"]);
  });
});

test("hugepagesz= names a pool on 4.1 too", async () => {
  await withMachine("4.1", { ...pc, cmdline: "hugepagesz=1G hugepages=1" }, (machine) =>
    expect(pools(machine)).toEqual(["hugepages-2048kB", "hugepages-1048576kB"]),
  );
});

test("default_hugepagesz= is the pool of /proc/meminfo, of nr_hugepages and of hugepages= (mm/hugetlb.c)", async () => {
  const cmdline = "default_hugepagesz=1G hugepages=1 hugepagesz=2M hugepages=8";
  await withMachine("6.12", { ...pc, memory: "8G", maxmem: "16G", cpu: "max", cmdline }, (machine) => {
    expect(machine.ignored).toEqual([]);
    expect(read(machine, "/proc/meminfo")).toMatch(/^HugePages_Total: +1$[^]*^Hugepagesize: +1048576 kB$/m);
    expect(read(machine, "/proc/sys/vm/nr_hugepages")).toBe("1\n");
    expect(read(machine, "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")).toBe("8\n");
    expect(read(machine, "/sys/devices/system/node/node0/meminfo")).toMatch(/HugePages_Total: +1$/m);
  });
});

test("a load of the largest hugepages of s390x has those of 2 GiB, and goes on from an image (arch/s390/mm/hugetlbpage.c)", async () => {
  const spec = parseMachineSpec({ arch: "s390x", memory: "8G", nodes: [], cmdline: "hugepagesz=2G hugepages=1" });
  const machine = await bootMachine(spec, { kernel: "7.2" });
  const load = { id: "db", kind: "hugetlb_1g", sizeBytes: 2 * 2 ** 30 } as const;
  expect(await machine.pages.loads.start(load)).toMatchObject({ ok: true });
  const free = "/sys/kernel/mm/hugepages/hugepages-2097152kB/free_hugepages";
  expect(read(machine, free)).toBe("0\n");
  const again = await start(await snapshot(machine), { verify: true });
  await again.pages.loads.end("db");
  expect(read(again, free)).toBe("1\n");
  await Promise.all([machine.close(), again.close()]);
});

test("64 KiB pages: of a block with huge pages in use is foreseen what an offline then does: new ones are made elsewhere (facts §4.4)", async () => {
  const nodes = [0, 1].map((nodeid) => ({ nodeid, mem: "8G", cpus: String(nodeid) }));
  const extra = ["-object", "memory-backend-ram,id=m0,size=2G", "-device", "pc-dimm,id=d0,memdev=m0,node=1"];
  const qemu = { arch: "arm64", memory: "16G", smp: 2, slots: 2, maxmem: "32G", nodes, extra };
  const machine = await bootMachine(parseMachineSpec({ ...qemu, cmdline: "memhp_default_state=online_kernel" }), {
    kernel: "6.12-arm64-64k",
    config: { ACPI_HOTPLUG_MEMORY: true },
  });
  await machine.pages.setHugepages(1, 524_288, 100);
  const policy = { mode: "bind", nodes: [1] } as const;
  const bytes = machine.pages.maxHugepages(524_288) * 2 ** 29;
  expect(await machine.pages.loads.start({ id: "db", kind: "hugetlb", sizeBytes: bytes, policy })).toMatchObject({
    ok: true,
  });
  const blocks = machine.blocksOf({ start: machine.pluggedMemory()[0]?.addr ?? 0, size: 2 * 2 ** 30 });
  const used = (await offlineOutlook(machine, blocks)).find(({ use }) => (use?.hugepages.length ?? 0) > 0);
  expect(used).toMatchObject({ answer: "goes_offline" });
  expect(await machine.offline(used?.block ?? -1)).toMatchObject({ ok: true });
  await machine.close();
});
