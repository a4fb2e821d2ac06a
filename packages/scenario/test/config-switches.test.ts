import type { Refusal } from "@memhp/abi";
import { kernelOf } from "@memhp/kernels";
import { type Machine, type MachineImage, bootMachine, parseMachineSpec, snapshot, start } from "@memhp/machine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDocument, runDocument, type Trace } from "../src/index.ts";

// Every switch off, alone, on 4.1 and on 7.3: what disappears, what is refused and how. The facts: facts/kernel.md §1.4, §2.1, §2.2,
// §2.6, §2.11, §6.6; Kconfig, Makefiles and #ifdefs of 4.1.3 and 7.1.5, which the comments name.

const MEMORY = "/sys/devices/system/memory";
const NODE = "/sys/devices/system/node";
const HOTPLUG = "/sys/firmware/acpi/hotplug";

const board = {
  machine: "pc",
  memory: "2G",
  slots: 4,
  maxmem: "8G",
  smp: 2,
  nodes: [
    { nodeid: 0, mem: "1G", cpus: "0" },
    { nodeid: 1, mem: "1G", cpus: "1" },
  ],
  cmdline: "hugepages=4 memhp_default_state=offline",
};
const dimm = { op: "dimm_add", id: "d0", size: "256M" };

interface Off {
  readonly name: string;
  readonly kernels: readonly string[];
  /** Files and directories that are there with the switch. */
  readonly gone?: readonly string[];
  /** Files and directories that are there without it. */
  readonly comes?: readonly string[];
  /** Lines that a file prints with the switch. */
  readonly lines?: readonly (readonly [path: string, line: RegExp])[];
  /** What a file reads without it. */
  readonly reads?: readonly (readonly [path: string, text: string])[];
  /** Steps, of which the last is refused. */
  readonly refused?: readonly {
    readonly steps: readonly object[];
    readonly errno: string;
    readonly code: string;
    readonly says?: string;
  }[];
}

const both = ["4.1", "7.3"];

const table: readonly Off[] = [
  {
    name: "MEMORY_HOTPLUG",
    kernels: both,
    // drivers/base/Makefile; the devices of its bus, and links to them.
    gone: [MEMORY, "/sys/bus/memory", `${NODE}/node0/memory0`, `${HOTPLUG}/memory`],
    refused: [
      {
        steps: [{ op: "write", path: `${MEMORY}/memory8/state`, data: "online" }],
        errno: "ENOENT",
        code: "no_entry",
        says: "built without CONFIG_MEMORY_HOTPLUG",
      },
    ],
  },
  { name: "MEMORY_HOTPLUG", kernels: ["7.3"], gone: ["/sys/module/memory_hotplug/parameters"] },
  {
    name: "MEMORY_HOTREMOVE",
    kernels: both,
    gone: [`${MEMORY}/memory8/valid_zones`],
    reads: [[`${MEMORY}/memory10/removable`, "0\n"]],
    refused: [
      {
        steps: [{ op: "block", n: 10, v: "offline" }],
        errno: "EINVAL",
        code: "not_built",
        says: "built without CONFIG_MEMORY_HOTREMOVE",
      },
    ],
  },
  // mm/Kconfig: ZONE_DEVICE depends on it.
  { name: "MEMORY_HOTREMOVE", kernels: ["7.3"], lines: [["/proc/zoneinfo", /zone +Device$/m]] },
  {
    name: "MIGRATION",
    kernels: ["4.1"],
    gone: [`${NODE}/node0/compact`, `${MEMORY}/memory8/valid_zones`],
    lines: [
      ["/proc/vmstat", /^pgmigrate_success /m],
      ["/proc/vmstat", /^compact_stall /m],
    ],
    refused: [
      {
        steps: [
          dimm,
          { op: "online", blocks: "dimm:d0" },
          { op: "load", id: "a", kind: "anon", size: "900M", node: 0 },
          { op: "write", path: `${MEMORY}/soft_offline_page`, data: "0x101000000" },
        ],
        errno: "ENOSYS",
        code: "not_built",
        says: "built without CONFIG_MIGRATION",
      },
      { steps: [{ op: "block", n: 10, v: "offline" }], errno: "EINVAL", code: "not_built" },
    ],
  },
  {
    name: "COMPACTION",
    kernels: both,
    gone: [`${NODE}/node0/compact`],
    lines: [["/proc/vmstat", /^compact_stall /m]],
  },
  {
    name: "TRANSPARENT_HUGEPAGE",
    kernels: both,
    lines: [
      ["/proc/meminfo", /^AnonHugePages:/m],
      ["/proc/vmstat", /^thp_fault_alloc /m],
    ],
    refused: [
      {
        steps: [{ op: "load", id: "t", kind: "thp", size: "4M" }],
        errno: "EINVAL",
        code: "not_built",
        says: "built without CONFIG_TRANSPARENT_HUGEPAGE",
      },
    ],
  },
  {
    name: "ACPI_HOTPLUG_MEMORY",
    kernels: both,
    gone: [`${HOTPLUG}/memory`],
    refused: [
      {
        steps: [{ op: "write", path: `${HOTPLUG}/memory/enabled`, data: "0" }],
        errno: "ENOENT",
        code: "no_entry",
        says: "built without CONFIG_ACPI_HOTPLUG_MEMORY",
      },
    ],
  },
  {
    name: "ACPI_CONTAINER",
    kernels: both,
    gone: ["/sys/devices/system/container/PNP0A06:04"],
    comes: [`${HOTPLUG}/container`],
  },
  {
    name: "ARCH_MEMORY_PROBE",
    kernels: ["4.1"],
    gone: [`${MEMORY}/probe`],
    refused: [
      {
        steps: [{ op: "probe", addr: "0x100000000" }],
        errno: "ENOENT",
        code: "no_entry",
        says: "built without CONFIG_ARCH_MEMORY_PROBE",
      },
    ],
  },
  {
    name: "NUMA",
    kernels: both,
    gone: [NODE, "/sys/bus/node", `${MEMORY}/memory8/node1`, "/sys/devices/system/cpu/cpu1/node1"],
    lines: [["/proc/vmstat", /^numa_hit /m]],
  },
  { name: "NUMA", kernels: ["7.3"], gone: ["/sys/module/memory_hotplug/parameters/auto_movable_numa_aware"] },
  {
    name: "MOVABLE_NODE",
    kernels: ["4.1"],
    gone: [`${NODE}/has_memory`],
    refused: [
      {
        steps: [
          { ...dimm, node: 1 },
          { op: "block", n: "${d0.last}", v: "online_movable" },
          ...[8, 9, 10, 11, 12, 13, 14].map((n) => ({ op: "block", n, v: "offline" })),
          { op: "block", n: 15, v: "offline" },
        ],
        errno: "EINVAL",
        code: "last_normal_memory",
      },
    ],
  },
  {
    name: "MEMORY_FAILURE",
    kernels: both,
    gone: [`${MEMORY}/soft_offline_page`, `${MEMORY}/hard_offline_page`],
    lines: [["/proc/meminfo", /^HardwareCorrupted:/m]],
    refused: [
      {
        steps: [{ op: "write", path: `${MEMORY}/soft_offline_page`, data: "0x10000000" }],
        errno: "ENOENT",
        code: "no_entry",
        says: "built without CONFIG_MEMORY_FAILURE",
      },
    ],
  },
  { name: "MEMORY_FAILURE", kernels: ["7.3"], gone: [`${NODE}/node0/memory_failure`] },
  {
    name: "HUGETLBFS",
    kernels: both,
    gone: ["/sys/kernel/mm/hugepages", `${NODE}/node0/hugepages`, "/proc/sys/vm/nr_hugepages"],
    lines: [
      ["/proc/meminfo", /^HugePages_Total: +4$/m],
      [`${NODE}/node0/meminfo`, /HugePages_Total:/],
      ["/proc/vmstat", /^htlb_buddy_alloc_success /m],
    ],
    refused: [
      {
        steps: [{ op: "load", id: "h", kind: "hugetlb", size: "4M" }],
        errno: "EINVAL",
        code: "not_built",
        says: "built without CONFIG_HUGETLBFS",
      },
      {
        steps: [{ op: "write", path: "/proc/sys/vm/nr_hugepages", data: "8" }],
        errno: "ENOENT",
        code: "no_entry",
        says: "built without CONFIG_HUGETLBFS",
      },
    ],
  },
  { name: "CRASH_HOTPLUG", kernels: ["7.3"], gone: [`${MEMORY}/crash_hotplug`] },
  // lib/Kconfig.debug: built in as 4.1 was recorded, a module of 7.3.
  {
    name: "MEMORY_NOTIFIER_ERROR_INJECT",
    kernels: ["4.1"],
    gone: ["/sys/kernel/debug/notifier-error-inject/memory"],
  },
  {
    name: "MEMORY_NOTIFIER_ERROR_INJECT",
    kernels: ["7.3"],
    refused: [{ steps: [{ op: "insmod", mod: "memory-notifier-error-inject" }], errno: "ENOENT", code: "not_built" }],
  },
];

async function traceOf(kernel: string, config: object, steps: readonly object[], machine = board): Promise<Trace> {
  const document = readDocument({ format: "memhp-scenario/1", name: "t", kernel, config, machine, steps }, "t");
  return (await runDocument(document)).trace;
}

async function lastRefusal(kernel: string, off: string, steps: readonly object[]): Promise<Refusal | undefined> {
  const trace = await traceOf(kernel, { [off]: false }, steps);
  for (const before of trace.steps.slice(0, -1))
    expect([before.step, before.refusal]).toEqual([before.step, undefined]);
  return trace.steps.at(-1)?.refusal;
}

const there = (machine: Machine, path: string): boolean => machine.files.stat(path).ok;
const text = (machine: Machine, path: string): string => {
  const read = machine.files.read(path);
  return read.ok ? read.value : read.refusal.errno.toString();
};

const cases = table.flatMap(({ kernels, ...off }) => kernels.map((kernel) => ({ kernel, ...off })));

describe.for(["4.1", "7.3"])("on %s", (kernel) => {
  let whole: Machine;
  beforeAll(async () => void (whole = await bootMachine(parseMachineSpec(board), { kernel })), 120_000);
  afterAll(() => whole.close());

  test.for(cases.filter((each) => each.kernel === kernel))("$name", async (off) => {
    const { name, gone = [], comes = [], lines = [], reads = [], refused = [] } = off;
    const machine = await bootMachine(parseMachineSpec(board), { kernel, config: { [name]: false } });
    for (const path of gone) expect([path, there(whole, path), there(machine, path)]).toEqual([path, true, false]);
    for (const path of comes) expect([path, there(whole, path), there(machine, path)]).toEqual([path, false, true]);
    for (const [path, line] of lines) {
      expect(text(whole, path)).toMatch(line);
      expect(text(machine, path)).not.toMatch(line);
    }
    for (const [path, said] of reads) expect(text(machine, path)).toBe(said);
    expect(await machine.pages.audit()).toEqual([]);
    await machine.close();
    for (const { steps, errno, code, says } of refused) {
      const refusal = await lastRefusal(kernel, name, steps);
      expect(refusal).toMatchObject({ errno, code });
      if (says !== undefined) expect(refusal?.detail).toContain(says);
    }
  });
});

test("the table has every switch that can go, on each of the two", () => {
  for (const kernel of both) {
    const { kconfig, config } = kernelOf(kernel);
    const on = new Set(Object.entries(config).flatMap(([name, value]) => (value === true ? [name] : [])));
    const canGo = kconfig.filter(
      ({ fixed, choice, follows }) => fixed === undefined && choice === undefined && follows === undefined,
    );
    const tried = new Set(cases.filter((each) => each.kernel === kernel).map(({ name }) => name));
    expect(canGo.map(({ name }) => name).filter((name) => on.has(name) && !tried.has(name))).toEqual([]);
  }
});

test("SPARSEMEM cannot go on x86_64, nor MIGRATION on 7.3: refused with the place", () => {
  for (const [kernel, name] of [
    ["4.1", "SPARSEMEM"],
    ["7.3", "SPARSEMEM"],
    ["7.3", "MIGRATION"],
  ] as const)
    expect(() =>
      readDocument(
        { format: "memhp-scenario/1", kernel, config: { [name]: "n" }, machine: board, steps: [] },
        "f.yaml",
      ),
    ).toThrow(`f.yaml: config.${name}: is y in ${kernel}, and nothing else is allowed`);
});

test("without the driver a DIMM that is plugged in stays unused, and leaves at once (observed-newer §4 8)", async () => {
  const steps = [dimm, { op: "dimm_del", id: "d0" }];
  for (const kernel of ["4.1", "7.3"]) {
    const { steps: done, final } = await traceOf(kernel, { ACPI_HOTPLUG_MEMORY: false }, steps);
    expect(Object.keys(final["blocks"] as object)).toHaveLength(16);
    expect(
      done.flatMap(({ uevents = [] }) => uevents).filter((event) => JSON.stringify(event).includes("/memory3")),
    ).toEqual([]);
    expect(done[1]?.qmp_events?.map(({ event }) => event)).toContain("DEVICE_DELETED");
  }
});

test("the online type of added memory (observed-newer §1 6)", async () => {
  const states = async (kernel: string, config: object): Promise<unknown> => {
    const trace = await traceOf(kernel, config, [dimm], { ...board, cmdline: "" });
    return Object.entries(trace.final["blocks"] as Record<string, [string, string]>)
      .filter(([block]) => Number(block) >= 32)
      .map(([, block]) => block);
  };
  expect(await states("7.3", { MHP_DEFAULT_ONLINE_TYPE_OFFLINE: true })).toEqual([
    ["offline", "Normal Movable"],
    ["offline", "Normal Movable"],
  ]);
  expect(await states("7.3", { MHP_DEFAULT_ONLINE_TYPE_ONLINE_MOVABLE: true })).toEqual([
    ["online", "Movable"],
    ["online", "Movable"],
  ]);
  expect(await states("6.12", { MEMORY_HOTPLUG_DEFAULT_ONLINE: "n" })).toEqual([
    ["offline", "Normal Movable"],
    ["offline", "Normal Movable"],
  ]);
});

test("without hot-remove an offline DIMM goes and leaves its blocks behind (include/linux/memory_hotplug.h)", async () => {
  for (const kernel of ["4.1", "7.3"]) {
    const trace = await traceOf(kernel, { MEMORY_HOTREMOVE: false }, [dimm, { op: "dimm_del", id: "d0" }]);
    expect(trace.steps[1]?.qmp_events?.map(({ event }) => event)).toContain("DEVICE_DELETED");
    expect(Object.keys(trace.final["blocks"] as object)).toHaveLength(18);
  }
});

test("a trace tells what was built otherwise, with what went along", async () => {
  const { config, kernel } = await traceOf("6.1", { MEMORY_HOTREMOVE: "n" }, []);
  expect({ config, kernel }).toEqual({ config: { MEMORY_HOTREMOVE: false }, kernel: "6.1" });
  expect(Object.keys(await traceOf("6.1", { MEMORY_HOTREMOVE: true }, []))).not.toContain("config");
});

test("a module whose driver needs a switch is not there without it (drivers/virtio/Kconfig: VIRTIO_MEM)", async () => {
  const machine = { ...board, nodes: { count: 1, memory: "1G" }, virtio_mem: [{ id: "v0", size: "512M", node: 0 }] };
  const { machine: _board, memory: _memory, smp: _smp, maxmem: _maxmem, ...short } = machine;
  const answers = async (config: object): Promise<unknown> => {
    const document = readDocument(
      {
        format: "memhp-scenario/1",
        kernel: "6.12",
        config,
        machine: short,
        steps: [{ op: "insmod", mod: "virtio_mem" }],
      },
      "t",
    );
    const [step] = (await runDocument(document)).trace.steps;
    const result = step?.result as { readonly rc: number } | undefined;
    return [result?.rc, step?.refusal?.code, step?.refusal?.detail];
  };
  expect(await answers({})).toEqual([0, undefined, undefined]);
  expect(await answers({ MEMORY_HOTREMOVE: false })).toEqual([
    1,
    "not_built",
    "this kernel was built without CONFIG_MEMORY_HOTREMOVE",
  ]);
});

test("an image has the switches, and what starts from it is built so", async () => {
  const machine = await bootMachine(parseMachineSpec(board), { kernel: "6.12", config: { MIGRATION: false } });
  const image = JSON.parse(JSON.stringify(await snapshot(machine))) as MachineImage;
  await machine.close();
  expect(image.config).toEqual({
    MIGRATION: false,
    MEMORY_HOTREMOVE: false,
    COMPACTION: false,
    TRANSPARENT_HUGEPAGE: false,
  });
  const again = await start(image, { verify: true });
  expect(again.kernel.config.MEMORY_HOTREMOVE).toBe(false);
  expect(there(again, `${MEMORY}/memory8/valid_zones`)).toBe(false);
  await again.close();
});
