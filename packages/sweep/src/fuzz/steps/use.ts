import { loadKinds } from "@memhp/engine";
import fc from "fast-check";
import { blocks, type Draft, given, type Maker, type Makers, maybe, type Named, node, pick } from "./draft.ts";

const loadSizes = ["1M", "64K", "16M", "64M", "200M", "700M"] as const;
const errnos = ["EBUSY", "ENOMEM", "EIO", 0] as const;

/** Who uses memory, what is written and read besides, and time. */
export const use: Makers = {
  load: {
    weight: 8,
    arbitrary: fc
      .record({
        kind: fc.constantFrom(...loadKinds),
        size: fc.constantFrom(...loadSizes),
        where: maybe(fc.record({ node, policy: fc.constantFrom("bind", "prefer", "interleave") })),
        churn: maybe(fc.constantFrom<unknown>(0.2, 1, { fraction: 0.3, every: 0.5 })),
        lasts: maybe(fc.constantFrom(0.01, 0.1, 1, 30)),
        pin: fc.constantFrom("short", "long"),
      })
      .map(({ kind, size, where, churn, lasts, pin }) => (named) => ({
        op: "load",
        id: named.add("loads"),
        kind,
        size,
        ...given({
          node: where?.node(named),
          policy: where?.policy,
          // Much that changes hands over and over takes all the time there is.
          churn: size.length > 3 ? undefined : churn,
          for: lasts,
          pin: kind === "pinned" ? pin : undefined,
        }),
      })),
  },
  unload: ofLoads("unload"),
  unpin: ofLoads("unpin"),
  signal: {
    weight: 2,
    arbitrary: pick.map(
      (pick) => (named) =>
        named.writers.length === 0 ? { op: "wait", ms: 1 } : { op: "signal", to: named.of(named.writers, pick) },
    ),
  },
  kernel_pages: {
    weight: 1,
    arbitrary: fc.record({ blocks, present: maybe(fc.boolean()) }).map(({ blocks, present }) => (named) => ({
      op: "kernel_pages",
      blocks: blocks(named),
      ...given({ present }),
    })),
  },
  inject: {
    weight: 3,
    arbitrary: fc
      .record({ action: fc.constantFrom("MEM_GOING_ONLINE", "MEM_GOING_OFFLINE"), errno: fc.constantFrom(...errnos) })
      .map((drawn) => () => ({ op: "inject", ...drawn })),
  },
  insmod: {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        "memory-notifier-error-inject",
        "notifier-error-inject",
        "virtio_mem",
        "kmem",
        "virtio_balloon",
        "nothing",
      )
      .map((mod) => () => ({ op: "insmod", mod })),
  },
  rmmod: {
    weight: 1,
    arbitrary: fc.constantFrom("kmem", "virtio_mem", "nothing").map((mod) => () => ({ op: "rmmod", mod })),
  },
  write: {
    weight: 6,
    arbitrary: fc.oneof(
      written("/proc/sys/vm/drop_caches", "1", "2", "3", "4"),
      written("/proc/sys/vm/nr_hugepages", "0", "3", "40", "4000", "-1"),
      written("auto_online_blocks", "online", "offline", "online_movable", "online_kernel", "on"),
      written("/sys/bus/acpi/devices/PNP0C80:00/eject", "1", "0"),
      written("/sys/firmware/acpi/hotplug/memory/enabled", "0", "1"),
      written("/sys/module/memory_hotplug/parameters/online_policy", "auto-movable", "contig-zones"),
      written("/sys/module/memory_hotplug/parameters/auto_movable_ratio", "0", "50", "301"),
      written("/sys/bus/memory/drivers_autoprobe", "0", "1"),
      written("/sys/bus/dax/drivers/kmem/unbind", "dax0.0", "dax1.0"),
      written("/sys/bus/dax/drivers/kmem/new_id", "dax0.0", "x"),
      written("/sys/bus/dax/drivers/device_dax/bind", "dax0.0", "dax1.0"),
      written("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0", "12"),
      written("probe", "0x140000000", "1"),
      fc
        .record({ file: fc.constantFrom("soft_offline_page", "hard_offline_page"), pfn: fc.nat(262_143) })
        .map(({ file, pfn }) => () => ({ op: "write", path: file, data: `0x${(pfn * 4096).toString(16)}` })),
      fc
        .record({ file: fc.constantFrom("soft_offline_page", "hard_offline_page"), pick })
        .map(({ file, pick }) => (named: Named) => ({
          op: "write",
          path: file,
          data: `\${${named.of(named.dimms, pick)}.addr}`,
        })),
    ),
  },
  read: {
    weight: 2,
    arbitrary: fc
      .record({
        path: fc.constantFrom(
          "/proc/meminfo",
          "/proc/buddyinfo",
          "/proc/zoneinfo",
          "/proc/pagetypeinfo",
          "/proc/vmstat",
          "/proc/iomem",
          "memory2/valid_zones",
          "memory3/removable",
          "/sys/devices/system/node/node0/meminfo",
          "/sys/devices/system/node/has_memory",
        ),
        part: fc.option(fc.record({ offset: fc.nat(4096), length: fc.nat(4096) }), { nil: undefined, freq: 6 }),
      })
      .map(({ path, part }) => () => ({ op: "read", path, ...part })),
  },
  wait: {
    weight: 4,
    arbitrary: fc.constantFrom(0, 1, 2, 150, 700, 3000).map((ms) => () => ({ op: "wait", ms })),
  },
  sleep: { weight: 1, arbitrary: fc.constantFrom(0, 0.5, 130).map((s) => () => ({ op: "sleep", s })) },
  state: look("state"),
  snapshot: look("snapshot"),
  tree: {
    weight: 1,
    arbitrary: fc.constantFrom("memory2", "/sys/devices/system/node/node0", "/proc").map((path) => () => ({
      op: "tree",
      path,
    })),
  },
  checkpoint: { weight: 1, arbitrary: fc.constant(() => ({ op: "checkpoint", name: "here" })) },
};

function ofLoads(op: string): Maker {
  return {
    weight: 2,
    arbitrary: pick.map(
      (pick) => (named) => (named.loads.length === 0 ? { op: "wait", ms: 1 } : { op, id: named.of(named.loads, pick) }),
    ),
  };
}

function look(op: string): Maker {
  return { weight: 1, arbitrary: fc.constant(() => ({ op })) };
}

function written(path: string, ...data: readonly string[]): fc.Arbitrary<Draft> {
  return fc.constantFrom(...data).map((each) => () => ({ op: "write", path, data: each }));
}
