import { type Refusal, type RefusalCode, refusalCodes, refusalSentences } from "@memhp/abi";
import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { expect, test } from "vitest";
import { readDocument, runDocument } from "../src/index.ts";

const board = {
  machine: "q35",
  memory: "2G",
  slots: 4,
  maxmem: "8G",
  smp: 2,
  nodes: [],
  cmdline: "memhp_default_state=offline",
};
const dimm = { op: "dimm_add", id: "d0", size: "512M" };
const movable = { op: "online", blocks: "dimm:d0", type: "movable" };
const MEMORY = "/sys/devices/system/memory";

/** The refusal of the last step of a scenario. */
async function refusalOf(
  kernel: string,
  steps: readonly object[],
  config = {},
  machine: object = board,
): Promise<Refusal> {
  const document = readDocument({ format: "memhp-scenario/1", name: "test", kernel, config, machine, steps }, "test");
  const { trace } = await runDocument(document);
  const { refusal } = trace.steps.at(-1) ?? {};
  if (refusal === undefined) throw new Error(`nothing was refused: ${JSON.stringify(trace.steps.at(-1)?.result)}`);
  return refusal;
}

const pinned = { op: "load", id: "dma", kind: "pinned", size: "1M" };
const offlineFirst = { op: "block", n: "${d0.0}", v: "offline", timeout_ms: 300_000 };

/** Causes as a machine comes to them, and what is said of each. */
const causes: Readonly<Record<RefusalCode, readonly [provoke: () => Promise<Refusal>, sentences: string]>> = {
  bad_word: [
    () => refusalOf("6.1", [{ op: "block", n: 3, v: "onlin" }]),
    'What was written is not understood there: "onlin". The answer is EINVAL (bad_word), by facts §2.8: state. Trying again does not help, but this may: write online, online_kernel, online_movable or offline.',
  ],
  already_in_state: [
    () => refusalOf("6.1", [dimm, { op: "block", n: "${d0.1}", v: "offline" }]),
    "Nothing changes for block 33, already in the state that was asked for. The answer is EINVAL (already_in_state), by facts §2.8, observed-6 §2: a block that has the state already. Trying again does not help, but this may: write to the file `online`, which takes what a block has already (here offline).",
  ],
  not_adjacent: [
    () => refusalOf("4.1", [dimm, { op: "block", n: "${d0.1}", v: "online_movable" }]),
    "Only at the border between the zones Normal and Movable can a block change its zone; block 33 (node 0, zone Normal) is elsewhere: ZONE_NORMAL of node 0 ends at pfn 1179648, the block at 1114112. The answer is EINVAL (not_adjacent), by facts §3.1 step 3: only the highest block of ZONE_NORMAL can become Movable. Trying again may help, above all after this: online the block at the end of ZONE_NORMAL (block 35) as movable first.",
  ],
  mixed_zones: [
    () => refusalOf("6.12", [{ op: "block", n: 0, v: "offline" }]),
    "In block 0 (node 0) are pages of more than one zone or node. The answer is EINVAL (mixed_zones), by facts §4.2 step 1: the block spans zones or nodes. Trying again does not help, but this may: choose another block: the pages of this one belong to several zones for as long as this boot lasts.",
  ],
  memory_hole: [
    () => refusalOf("6.12", [{ op: "block", n: 15, v: "offline" }]),
    "A part of block 15 (node 0, zone DMA32) is a hole without RAM: 32 of 32768 pages are no RAM. The answer is EINVAL (memory_hole), by facts §4.2 step 3: a block with memory holes cannot go offline. Trying again does not help, but this may: choose another block: the firmware's memory map has a hole in this one.",
  ],
  unmovable_page: [
    () =>
      refusalOf("6.12", [
        dimm,
        { op: "online", blocks: "dimm:d0", type: "kernel" },
        { op: "load", id: "fs", kind: "dentry", size: "1M" },
        { op: "block", n: "${d0.0}", v: "offline" },
      ]),
    "In block 32 (node 0, zone Normal) is something that the kernel cannot move: 260 pages, among them kernel memory, kernel objects (slab) and reclaimable kernel caches (slab) of load fs, the first at pfn 1048576. The answer is EBUSY (unmovable_page), by facts §4.3: has_unmovable_pages. Trying again does not help, but this may: drop_caches frees reclaimable slab; or online this range as movable before the kernel allocates from it.",
  ],
  pinned_page: [
    () =>
      refusalOf("6.12", [
        dimm,
        movable,
        pinned,
        { op: "write", path: `${MEMORY}/soft_offline_page`, data: "0x100000000" },
      ]),
    "In block 32 (node 0, zone Movable) are pages that somebody has pinned where they are: 1 page, anonymous memory of load dma, at pfn 1048576. The answer is EBUSY (pinned_page), by facts §4.4: a page with extra references stays after every pass. Trying again may help, above all after this: wait until load dma unpins its pages, or end it.",
  ],
  no_target_memory: [
    () => refusalOf("6.12", [{ op: "load", id: "db", kind: "anon", size: "1T" }]),
    "There is no room for the pages: … of 268435456 pages of db (anon) found no room on any node. The answer is ENOMEM (no_target_memory), by facts §9.3: an allocation leaves the min watermark and lowmem_reserve alone. Trying again may help, above all after this: online more memory on any node; or end another load.",
  ],
  notifier_veto: [
    () =>
      refusalOf("6.12", [dimm, movable, { op: "inject", action: "MEM_GOING_OFFLINE", errno: "EBUSY" }, offlineFirst]),
    "A callback that the kernel asks first does not let block 32 (node 0, zone Movable) change: memory-notifier-error-inject answered MEM_GOING_OFFLINE with EBUSY. The answer is EBUSY (notifier_veto), by facts §7: a callback of the memory notifier chain refused. Trying again may help, above all after this: find out why memory-notifier-error-inject refuses MEM_GOING_OFFLINE; or if an error is injected, write 0 to its error file.",
  ],
  timeout: [
    () =>
      refusalOf("4.1", [
        dimm,
        { op: "block", n: "${d0.last}", v: "online_movable" },
        pinned,
        { ...offlineFirst, n: "${d0.last}" },
      ]),
    "The kernel could not empty block 35 (node 0, zone Movable) in the time that it allows itself, and gave up: 256 pages, anonymous memory of load dma, the first at pfn 1178624. The answer is EAGAIN (timeout), by facts §4.1 step 6: 4.1 gives up after 120 s. Trying again may help, above all after this: wait until load dma unpins its pages, or end it.",
  ],
  signal: [
    () => refusalOf("6.12", [dimm, movable, pinned, { ...offlineFirst, timeout_ms: 1000 }]),
    "A signal ended the attempt on block 32 (node 0, zone Movable) before it was done: 256 pages, anonymous memory of load dma, the first at pfn 1048576. The answer is EINTR (signal), by facts §4.2 step 9: only a signal ends the attempt, there is no timeout. Trying again may help, above all after this: wait until load dma unpins its pages, or end it.",
  ],
  poisoned: [
    () =>
      refusalOf("6.12", [
        dimm,
        movable,
        { op: "write", path: `${MEMORY}/hard_offline_page`, data: "0x100000000" },
        offlineFirst,
        { op: "block", n: "${d0.0}", v: "online" },
      ]),
    "In block 32 (node 0) are pages with hardware errors. The answer is EHWPOISON (poisoned), by facts §3.2 step 1: the block has poisoned pages. Trying again does not help, but this may: remove the DIMM and insert a sound one.",
  ],
  last_normal_memory: [
    () =>
      refusalOf(
        "4.1-nomn",
        [
          { ...dimm, node: 1 },
          { op: "block", n: "${d0.last}", v: "online_movable" },
        ],
        {},
        {
          ...board,
          nodes: [{ nodeid: 0, mem: "2G" }, { nodeid: 1 }],
        },
      ),
    "The node of block 35 (node 1, zone Normal) needs memory in a zone up to Normal besides Movable memory. The answer is EINVAL (last_normal_memory), by facts §3.1 step 2: without MOVABLE_NODE a node needs Normal memory before Movable memory. Trying again does not help, but this may: online a block of this node with online_kernel first; or use a kernel built with MOVABLE_NODE.",
  ],
  no_ram_resource: [
    () => refusalOf("6.12", [dimm, { op: "write", path: `${MEMORY}/soft_offline_page`, data: "0x100000000" }]),
    "At this address there is no online RAM that anybody uses. The answer is EIO (no_ram_resource), by facts §2.5: soft_offline_page: no page in use. Trying again does not help, but this may: choose the address of online memory (/proc/iomem shows RAM, memoryN/state what is online).",
  ],
  unaligned: [
    () => refusalOf("4.1", [{ op: "probe", addr: "0x100000001" }]),
    'The address or the size is no multiple of what the kernel works with: "0x100000001". The answer is EINVAL (unaligned), by facts §2.4 step 2. Trying again does not help, but this may: write a multiple of the block size, 0x8000000.',
  ],
  overlap: [
    () => refusalOf("4.1", [dimm, { op: "probe", addr: "0x100000000" }]),
    "Something else has a part of this address range already: System RAM. The answer is EEXIST (overlap), by facts §5.1 step 2: the range overlaps a resource. Trying again does not help, but this may: choose an address that nothing uses.",
  ],
  no_such_node: [
    () => refusalOf("6.12", [{ op: "memlog", data: "add 9 200000000 8000000" }]),
    "There is no such NUMA node on this machine. The answer is EINVAL (no_such_node), by observed-6 §10: the node is not possible. Trying again does not help, but this may: choose one of the nodes 0.",
  ],
  out_of_range: [
    () => refusalOf("6.12", [{ op: "write", path: `${MEMORY}/soft_offline_page`, data: "0x10000000000" }]),
    "The address or number lies outside of what is allowed. The answer is ENXIO (out_of_range), by facts §2.5: soft_offline_page: no memory at this address. Trying again does not help, but this may: give a physical address inside memory (/proc/iomem shows it).",
  ],
  eject_disabled: [
    () =>
      refusalOf("6.12", [
        dimm,
        { op: "write", path: "/sys/firmware/acpi/hotplug/memory/enabled", data: "0" },
        { op: "dimm_del", id: "d0" },
      ]),
    "Ejecting memory is switched off on this machine. The answer is EPERM (eject_disabled), by facts §6.3: /sys/firmware/acpi/hotplug/memory/enabled is 0. Try again after this: write 1 to /sys/firmware/acpi/hotplug/memory/enabled.",
  ],
  container_busy: [
    () =>
      refusalOf(
        "6.12",
        [
          { op: "online", blocks: "all" },
          { op: "container", id: "c0", action: "offline" },
        ],
        {},
        {
          ...board,
          containers: [{ id: "c0", present: true, memory: [{ id: "m0", size: "256M" }] }],
        },
      ),
    "The container is still in use: /devices/system/memory/memory112 of \\_SB_.C000.M000 is online. The answer is EBUSY (container_busy), by facts §6.5: a container goes only when its members and its own device are offline. Try again after this: take every member offline; then write 0 to the container's `online`; then write 1 to the ACPI device's `eject`.",
  ],
  no_slot: [
    () =>
      refusalOf(
        "6.12",
        [0, 1, 2, 3, 4].map((i) => ({ op: "dimm_add", id: `d${i}`, size: "128M" })),
      ),
    "Every place for one more is taken: 4 slots for DIMMs. The answer is ENOSPC (no_slot), by observed-6 §8: no free slots available. Try again after this: remove a DIMM (dimm_del), or start a machine with more `slots`.",
  ],
  read_only: [
    () => refusalOf("6.12", [{ op: "write", path: `${MEMORY}/memory3/valid_zones`, data: "Movable" }]),
    "This file can only be read: /sys/devices/system/memory/memory3/valid_zones. The answer is EACCES (read_only), by observed-4.1 §5, observed-6 §2: a 0444 attribute cannot be opened for writing. Trying again does not help, but this may: read it; it cannot be changed.",
  ],
  write_only: [
    async () => {
      const machine = await bootMachine(parseMachineSpec(board), { kernel: "4.1" });
      const read = machine.files.read(`${MEMORY}/probe`);
      await machine.close();
      if (read.ok) throw new Error("probe was read");
      return read.refusal;
    },
    "This file can only be written: /sys/devices/system/memory/probe. The answer is EACCES (write_only), by observed-4.1 §1, observed-6 §2: a 0200 attribute cannot be opened for reading. Trying again does not help, but this may: write to it; it has no contents.",
  ],
  no_entry: [
    () => refusalOf("6.12", [{ op: "write", path: `${MEMORY}/memory999/state`, data: "online" }]),
    "There is nothing of this name: /sys/devices/system/memory/memory999/state. The answer is ENOENT (no_entry), by path_lookup: no such name. Trying again does not help, but this may: list the directory above it.",
  ],
  not_built: [
    () => refusalOf("6.12", [{ op: "block", n: 3, v: "offline" }], { MEMORY_HOTREMOVE: false }),
    "The kernel has no code for this, and block 3 (node 0) stays as it is: this kernel was built without CONFIG_MEMORY_HOTREMOVE. The answer is EINVAL (not_built), by include/linux/memory_hotplug.h: offline_pages() without CONFIG_MEMORY_HOTREMOVE. Trying again does not help, but this may: use a kernel that was built with CONFIG_MEMORY_HOTREMOVE.",
  ],
  on_purpose: [
    () =>
      refusalOf("6.12", [
        { op: "fault", path: "memory3/state", operation: "write", errno: "EIO" },
        { op: "write", path: "memory3/state", data: "offline" },
      ]),
    "A fault that was asked for struck: write of /sys/devices/system/memory/memory3/state. The answer is EIO (on_purpose), by the fault that somebody added. Trying again may help, above all after this: take the fault away.",
  ],
};

test.each(refusalCodes)("%s is told in sentences", async (code) => {
  const [provoke, sentences] = causes[code];
  const refusal = await provoke();
  expect(refusal.code).toBe(code);
  // How many pages the kernel itself has is no matter here.
  const said = refusalSentences(refusal)
    .join(" ")
    .replace(/\b\d+ of 268435456/, "… of 268435456");
  expect(said).toBe(sentences);
});
