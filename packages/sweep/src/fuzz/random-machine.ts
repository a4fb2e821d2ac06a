import { type Kernel } from "@memhp/kernels";
import { platformOf } from "@memhp/platforms";
import fc from "fast-check";

type Json = Readonly<Record<string, unknown>>;

/** A machine as a scenario describes it, and what steps may name of it. */
export interface RandomMachine {
  readonly machine: Json;
  readonly nodes: number;
  /** DIMMs that are there from boot. */
  readonly dimms: readonly string[];
  readonly containers: readonly string[];
  readonly dax: readonly string[];
}

/** Words of a command line; which of them a kernel knows is its own matter. */
const words = [
  "memhp_default_state=online_movable",
  "memhp_default_state=online",
  "memhp_default_state=online_kernel",
  "memory_hotplug.memmap_on_memory=1",
  "memory_hotplug.online_policy=auto-movable memory_hotplug.auto_movable_ratio=301",
  "movable_node",
  "hugepages=8",
  "kernelcore=256M",
  "movablecore=192M",
  "acpi_no_memhotplug",
] as const;

const cmdline = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  { weight: 5, arbitrary: fc.subarray([...words], { maxLength: 3 }).map((chosen) => chosen.join(" ")) },
);

const containers = fc.oneof(
  { weight: 3, arbitrary: fc.constant([] as Json[]) },
  {
    weight: 2,
    arbitrary: fc
      .record({ node: fc.nat(4), present: fc.boolean(), mib: fc.constantFrom(128, 256, 384), inner: fc.boolean() })
      .map(({ node, present, mib, inner }) => [
        {
          id: "c0",
          node,
          present,
          memory: [{ id: "c0m0", size: `${mib}M` }],
          ...(inner
            ? { containers: [{ id: "c1", node: node + 1, memory: [{ id: "c1m0", size: "128M" }], present: false }] }
            : {}),
        },
      ]),
  },
);

/** Regions of which one is behind the last node, one small, one of several ranges, one that is made later. */
const dax: fc.Arbitrary<Json[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([] as Json[]) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        source: fc.constantFrom("hmem", "cxl", "pmem"),
        mib: fc.constantFrom(128, 200, 512),
        more: fc.boolean(),
      })
      .map(({ source, mib, more }): Json[] => [
        { source, size: `${mib}M`, ...(source === "pmem" ? {} : { region: "1G" }) },
        ...(more ? [{ source: "hmem", mappings: ["256M", "130M"], present: mib > 128 }] : []),
      ]),
  },
);

/** QEMU's view of a machine: nodes with and without memory, DIMMs from boot, containers where firmware announces by ACPI. */
function longForm(kernel: Kernel): fc.Arbitrary<RandomMachine> {
  const platform = platformOf(kernel.build?.platform ?? "x86_64");
  const hasAcpi = platform.announces === "acpi";
  const leastMib = platform.id === "x86_64" ? 512 : 1024;
  return fc
    .record({
      board: fc.constantFrom(...platform.boards),
      first: fc.constantFrom(leastMib, leastMib * 2),
      others: fc.array(fc.constantFrom(0, 256, 512), { maxLength: Math.min(3, platform.arch.maxNodes - 1) }),
      numa: fc.boolean(),
      cmdline,
      dax: platform.id === "x86_64" ? dax : fc.constant([] as Json[]),
      balloon: platform.id === "x86_64" ? fc.boolean() : fc.constant(false),
      containers: hasAcpi ? containers : fc.constant([]),
      cold: hasAcpi ? fc.option(fc.constantFrom("256M", "512M"), { nil: undefined, freq: 2 }) : fc.constant(undefined),
    })
    .map(({ board, first, others, numa, cmdline, containers, cold, dax, balloon }) => {
      const sizes = [first, ...others];
      const total = sizes.reduce((sum, mib) => sum + mib, 0);
      const withNodes = platform.arch.maxNodes > 1 && (numa || sizes.length > 1);
      const dimm = `pc-dimm,id=k0,memdev=mem-k0${withNodes ? ",node=0" : ""}`;
      const extra = [
        ...(cold === undefined ? [] : ["-object", `memory-backend-ram,id=mem-k0,size=${cold}`, "-device", dimm]),
        ...(balloon ? ["-device", "virtio-balloon-pci,id=b0"] : []),
      ];
      return {
        machine: {
          arch: platform.id,
          machine: board,
          memory: `${total}M`,
          ...(platform.maxSlots === 0 ? {} : { slots: 8, maxmem: `${total + 6144}M` }),
          smp: sizes.length,
          nodes: withNodes ? sizes.map((mib, nodeid) => ({ nodeid, mem: `${mib}M`, cpus: String(nodeid) })) : [],
          cmdline,
          ...(containers.length === 0 ? {} : { containers }),
          ...(dax.length === 0
            ? {}
            : { dax: dax.map((each, i) => ({ ...each, node: withNodes ? i % sizes.length : 0 })) }),
          ...(extra.length === 0 ? {} : { extra }),
        },
        nodes: sizes.length,
        dimms: cold === undefined ? [] : ["k0"],
        containers: containers.length === 0 ? [] : ["c0", "c1"],
        dax: dax.map((_, i) => `dax${i}.0`),
      };
    });
}

/** Nodes alike with DIMMs from boot: many blocks. */
function shortForm(kernel: Kernel): fc.Arbitrary<RandomMachine> {
  const platform = platformOf(kernel.build?.platform ?? "x86_64");
  return fc
    .record({
      count: fc.integer({ min: 1, max: Math.min(3, platform.arch.maxNodes) }),
      memory: fc.constantFrom("512M", "1G"),
      // What DLPAR announces is not there from boot.
      dimms:
        platform.announces === "acpi"
          ? fc.option(fc.constantFrom("256M", "512M", "2G"), { nil: undefined, freq: 2 })
          : fc.constant(undefined),
      cmdline,
    })
    .map(({ count, memory, dimms, cmdline }) => ({
      machine: {
        arch: platform.id,
        nodes: { count, memory },
        ...(platform.maxSlots === 0 ? {} : { slots: 16, maxmem: "64G" }),
        cmdline,
        ...(dimms === undefined ? {} : { dimms: { per_node: 1, size: dimms } }),
      },
      nodes: count,
      dimms: [],
      containers: [],
      dax: [],
    }));
}

/** A machine on which a kernel runs. */
export function randomMachine(kernel: Kernel): fc.Arbitrary<RandomMachine> {
  return fc.oneof({ weight: 4, arbitrary: longForm(kernel) }, { weight: 1, arbitrary: shortForm(kernel) });
}
