import { expect, test } from "vitest";
import {
  any,
  block,
  dimm,
  done,
  guest,
  load,
  memlog,
  read,
  refuses,
  runSteps,
  says,
  type Situation,
  unplug,
  write,
} from "./situation.ts";

const movable = { ...guest, cmdline: "memhp_default_state=online_movable" };
const twoNodes = [
  { nodeid: 0, mem: "1G", cpus: "0" },
  { nodeid: 1, mem: "1G", cpus: "1" },
];
const removed = { result: { devices_left: [] } };

/** Memory that is given back, or is not. */
const situations: readonly Situation[] = [
  [
    "an idle guest: most boot blocks of a kernel zone do go offline, those with boot's own pages do not",
    "6.1",
    { ...guest, nodes: twoNodes },
    [{ op: "offline", blocks: "all" }],
    [
      {
        result: {
          requested: 16,
          offlined: 12,
          refused: [
            { block: 0, errno: "EINVAL", code: "mixed_zones" },
            { block: 7, errno: "EBUSY", code: "unmovable_page" },
            { block: 8, errno: "EBUSY", code: "unmovable_page" },
            { block: 15, errno: "EINVAL", code: "memory_hole" },
          ],
        },
      },
    ],
  ],
  [
    "a server with blocks of 2G: block 0 reads removable, but has pages of several zones",
    "6.1",
    { memory: "128G", smp: 4, cpu: "host,-hypervisor", slots: 0, nodes: [] },
    [read("block_size_bytes"), read("memory0/removable"), read("memory0/valid_zones"), block(0, "offline")],
    [says("80000000"), says("1"), says("none"), refuses("EINVAL", "mixed_zones")],
  ],
  [
    "arm64: a DIMM of the command line stays, for boot has put pages of its own into one block; one plugged in later goes",
    "6.12-arm64-acpimem",
    {
      ...guest,
      arch: "arm64",
      machine: "virt",
      extra: ["-object", "memory-backend-ram,id=m,size=512M", "-device", "pc-dimm,memdev=m,id=cold"],
      cmdline: "memhp_default_state=online",
    },
    [unplug("cold"), dimm("hot", "512M"), unplug("hot")],
    [
      { ...refuses("EBUSY", "unmovable_page"), result: { devices_left: ["cold"] } },
      any,
      { result: { devices_left: ["cold"] } },
    ],
  ],
  [
    "one block of it holds kernel pages: the DIMM stays, whole",
    "6.12-arm64-acpimem",
    { ...guest, arch: "arm64", cmdline: "memhp_default_state=online" },
    [dimm("d", "512M"), { op: "kernel_pages", blocks: "${d.last}" }, unplug("d"), read("memory24/state")],
    [any, any, { ...refuses("EBUSY", "unmovable_page"), result: { devices_left: ["d"] } }, says("online")],
  ],
  [
    "a driver that unloads while its memory is online cannot take it along",
    "6.1",
    { ...movable, memory: "4G", maxmem: "16G" },
    [
      memlog("adddrv 0 150000000 10000000"),
      memlog("remove 0 150000000 10000000"),
      { op: "offline", blocks: "42-43" },
      memlog("remove 0 150000000 10000000"),
    ],
    [
      any,
      {
        ...refuses("EBUSY", "already_in_state"),
        kernel_log: ["removing memory fails, because memory [0x0000000150000000-0x0000000157ffffff] is onlined"],
      },
      { result: { offlined: 2 } },
      done,
    ],
  ],
  [
    "movable_node: DIMMs of both nodes are Movable, and go",
    "6.1",
    { ...guest, nodes: twoNodes, cmdline: "movable_node memhp_default_state=online" },
    [
      dimm("a", "256M", { node: 0 }),
      dimm("b", "256M", { node: 1 }),
      read("memory${a.first}/valid_zones"),
      read("memory${b.first}/valid_zones"),
      unplug("a"),
      unplug("b"),
    ],
    [any, any, says("Movable"), says("Movable"), any, removed],
  ],
  [
    "plugged in and out again and again: as the first time",
    "6.1",
    movable,
    Array.from({ length: 24 }, (_, i) => [dimm(`d${i}`, "256M"), unplug(`d${i}`)]).flat(),
    Array.from({ length: 24 }, () => [{ result: { devices: [{ data: { addr: 0x1_0000_0000 } }] } }, removed]).flat(),
  ],
  [
    "pages that somebody holds: the write of 6.x never returns by itself, so that whoever waits ends it",
    "6.12",
    movable,
    [dimm("d", "128M"), load("gpu", "pinned", "4M"), block("${d.first}", "offline"), read("memory32/state")],
    [any, any, { ...refuses("EINTR", "signal"), result: { errno: "EINTR" } }, says("online")],
  ],
  [
    "a balloon takes what the guest has, not what nobody onlined; deflating lets the DIMM go",
    "6.1",
    guest,
    [
      dimm("d", "1G"),
      load("much", "balloon", "3G"),
      load("some", "balloon", "1G"),
      { op: "online", blocks: "dimm:d", type: "movable" },
      load("more", "balloon", "1G"),
      { op: "unload", id: "more" },
      { op: "offline", blocks: "dimm:d" },
    ],
    [
      any,
      refuses("ENOMEM", "no_target_memory"),
      any,
      { result: { onlined: 8 } },
      any,
      any,
      { result: { offlined: 8 } },
    ],
  ],
  [
    "a balloon that fills a DIMM keeps it, for nowhere else is room for its pages; what the guest may have again lets it go",
    "6.12",
    { ...movable, extra: ["-device", "virtio-balloon-pci,id=b0"] },
    [
      { op: "insmod", mod: "virtio_balloon" },
      dimm("d", "1G"),
      { op: "balloon", size: "512M" },
      { op: "dimm_del", id: "d", wait: 30 },
      { op: "balloon", size: "3G" },
      read("/sys/devices/system/memory/memory${d.first}/state"),
    ],
    [
      any,
      any,
      { result: { reached: true }, qmp_events: [{ event: "BALLOON_CHANGE", actual: 2 ** 29 }] },
      { result: { devices_left: ["d"] } },
      // The guest has the DIMM still when the balloon lets go, and loses it then.
      { result: { actual: 3 * 2 ** 30 } },
      { result: { errno: "ENOENT" } },
    ],
  ],
  [
    "4.1: one page, soft and hard: once out of use it is out of use",
    "4.1",
    guest,
    [
      dimm("d", "256M"),
      { op: "online", blocks: "dimm:d", type: "online" },
      write("soft_offline_page", "0x100400000\n"),
      write("hard_offline_page", "0x100400000\n"),
      write("soft_offline_page", "0x100400000\n"),
      write("hard_offline_page", "0x100402000\n"),
      write("soft_offline_page", "0x2000000000\n"),
      block(32, "offline"),
      block(32, "online"),
    ],
    [any, any, done, done, refuses("EBUSY", "poisoned"), done, refuses("ENXIO", "out_of_range"), done, done],
  ],
];

test.for(situations)("%s", async ([, kernel, machine, steps, answers]) => {
  expect(await runSteps(kernel, machine, steps)).toMatchObject(answers);
});
