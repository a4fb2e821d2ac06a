import { expect, test } from "vitest";
import {
  any,
  block,
  dimm,
  done,
  guest,
  memlog,
  read,
  refuses,
  runSteps,
  says,
  type Situation,
  unplug,
} from "./situation.ts";

const online = { ...guest, cmdline: "memhp_default_state=online" };

/** Memory that is added, and what kept it from coming. */
const situations: readonly Situation[] = [
  [
    "4.1: a block added behind another takes its right to become Movable",
    "4.1",
    guest,
    [
      { op: "probe", addr: "0x100000000" },
      read("memory32/valid_zones"),
      { op: "probe", addr: "0x108000000" },
      read("memory32/valid_zones"),
      read("memory33/valid_zones"),
      block(33, "online_movable"),
      read("memory32/valid_zones"),
      read("memory33/valid_zones"),
    ],
    [
      any,
      says("Normal Movable"),
      any,
      says("Normal"),
      says("Normal Movable"),
      done,
      says("Normal Movable"),
      says("Movable Normal"),
    ],
  ],
  [
    "64G and a DIMM of 2G that ends on 1G: blocks of 1G, so that the DIMM fits",
    "6.1",
    { machine: "pc", memory: "64G", smp: 2, slots: 2, maxmem: "66G", nodes: [] },
    [read("block_size_bytes"), dimm("d", "2G"), read("memory65/state")],
    [says("40000000"), any, done],
  ],
  [
    "an NVDIMM of 2M in front moves the next DIMM off its alignment: the monitor has it, the kernel does not",
    "6.1",
    guest,
    [dimm("d", "1G", { addr: 0x1_0020_0000 }), read("memory32/state"), unplug("d")],
    [
      {
        ...refuses("EINVAL", "unaligned"),
        kernel_log: [
          "Block size [0x8000000] unaligned hotplug range: start 0x100200000, size 0x40000000",
          "acpi PNP0C80:00: add_memory failed",
          "acpi PNP0C80:00: acpi_memory_enable_device() error",
        ],
      },
      { result: { errno: "ENOENT" } },
      { result: { devices_left: [] } },
    ],
  ],
  [
    "arm64: blocks are of 128M today, so that a DIMM at 0xc8000000 fits, where blocks of 1G refused it",
    "6.12-arm64-acpimem",
    { ...guest, arch: "arm64" },
    [read("block_size_bytes"), dimm("d", "1G", { addr: 0xc800_0000 }), read("memory25/state")],
    [says("8000000"), { result: { device_add: { return: {} } } }, done],
  ],
  [
    "a DIMM whose struct pages need more than the guest has: none of it comes",
    "6.1",
    { ...online, memory: "256M", maxmem: "16G", smp: 1 },
    [dimm("d", "12G"), read("memory32/state"), read("auto_online_blocks")],
    [refuses("ENOMEM", "no_target_memory"), { result: { errno: "ENOENT" } }, says("online")],
  ],
  [
    "the same memory comes in pieces: each one brings the room for the next",
    "6.1",
    { ...online, memory: "300M", maxmem: "64G", smp: 1, slots: 8 },
    [dimm("a", "3G"), dimm("b", "3G"), dimm("c", "30G"), read("memory319/state")],
    [any, any, any, says("online")],
  ],
  [
    "memmap_on_memory=1 serves DIMMs of one block: a larger one still finds no room, and says what would",
    "6.1",
    {
      ...online,
      memory: "300M",
      maxmem: "64G",
      smp: 1,
      cmdline: "memhp_default_state=online memory_hotplug.memmap_on_memory=1",
    },
    [dimm("large", "24G"), dimm("small", "128M")],
    [
      {
        refusal: {
          errno: "ENOMEM",
          remedy: [
            "end a load that holds kernel memory",
            "plug in DIMMs of one block (128M), each onlined before the next: memory_hotplug.memmap_on_memory serves no others",
          ],
        },
      },
      { result: { device_add: { return: {} } } },
    ],
  ],
  [
    "hv_balloon adds 128M where a block is 256M",
    "6.1",
    { memory: "8G", smp: 2, slots: 4, maxmem: "32G", nodes: [], block_size: "256M" },
    [memlog("add 0 310000000 8000000"), memlog("add 0 310000000 10000000")],
    [refuses("EINVAL", "unaligned"), done],
  ],
  [
    "VMware adds below 4G; QEMU's board has its PCI window right behind RAM, which is why nothing can be added there",
    "4.1",
    { ...guest, memory: "512M", maxmem: "4G" },
    [memlog("add 0 20000000 20000000")],
    [{ refusal: { errno: "EEXIST", code: "overlap", detail: "PCI Bus 0000:00" } }],
  ],
  [
    "4.1: memory below 4G that boot did not take is of ZONE_NORMAL, and its last block may become Movable",
    "4.1",
    { ...guest, memory: "4G", cmdline: "mem=512M" },
    [
      memlog("add 0 20000000 20000000"),
      read("memory4/valid_zones"),
      block(4, "online"),
      block(7, "online_movable"),
      read("memory7/valid_zones"),
    ],
    [done, says("Normal"), done, done, says("Movable Normal")],
  ],
  [
    "6.12: the same below 4G",
    "6.12",
    { ...guest, memory: "4G", cmdline: "mem=512M memhp_default_state=offline" },
    [memlog("add 0 20000000 20000000"), read("memory4/valid_zones"), block(4, "online"), read("memory4/valid_zones")],
    [done, says("Normal Movable"), done, says("Normal")],
  ],
];

test.for(situations)("%s", async ([, kernel, machine, steps, answers]) => {
  expect(await runSteps(kernel, machine, steps)).toMatchObject(answers);
});

test("256G for a guest of 2G find no room, although nothing is given as held", async () => {
  const { readDocument, runDocument } = await import("../../src/index.ts");
  const machine = { ...guest, maxmem: "300G" };
  const steps = [dimm("d", "256G")];
  const given = { unmovable_boot_blocks: [] };
  const { trace } = await runDocument(
    readDocument({ format: "memhp-scenario/1", name: "test", kernel: "6.1", machine, given, steps }, "test"),
  );
  expect(trace.steps).toMatchObject([refuses("ENOMEM", "no_target_memory")]);
});
