import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";
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

test("a machine of the short form is a server's; arm64 and ppc64 have both levels", async () => {
  const both = ["hugepages-2048kB", "hugepages-1048576kB"];
  await withMachine("6.12", { nodes: { count: 2, memory: "1G" } }, (machine) => expect(pools(machine)).toEqual(both));
  for (const arch of ["arm64", "ppc64"])
    await withMachine("6.12", { arch, nodes: { count: 1, memory: "2G" } }, (machine) =>
      expect(pools(machine)).toEqual(both),
    );
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
