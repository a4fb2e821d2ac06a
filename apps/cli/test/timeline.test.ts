import type { EventBody, SimEvent } from "@memhp/abi";
import type { TraceStep } from "@memhp/scenario";
import { expect, test } from "vitest";
import { wrap } from "../src/text/wrap.ts";
import { palette } from "../src/timeline/palette.ts";
import { Timeline, type TimelineStart } from "../src/timeline/timeline.ts";
import { ueventTexts } from "../src/timeline/uevents.ts";

const start: TimelineStart = {
  blockSizeBytes: 2 ** 27,
  pageSize: 4096,
  zones: [{ node: 1, zone: "Normal", startPfn: 1048576, spannedPages: 65536, presentPages: 65536 }],
  dimms: [{ id: "d0", addr: 2 ** 32, sizeBytes: 2 ** 30 }],
};

function timeline(width = 100, colour = false): Timeline {
  return new Timeline(start, { width, paint: palette(colour) });
}

/** Events of one node in order, a microsecond apart. */
function events(node: number, bodies: readonly EventBody[], fromNs = 0): SimEvent[] {
  return bodies.map((body, i) => ({ ...body, atNs: fromNs + i * 1000, node, seq: 0 }));
}

const writeStep = (n: string, v: string, errno: string | 0 = 0): TraceStep => ({
  step: { op: "block", n, v },
  result: { open_errno: 0, ret: errno === 0 ? v.length : -1, errno },
  at_ns: 0,
});

const notice = { startPfn: 1048576, nrPages: 32768, statusChangeNidNormal: -1, statusChangeNid: -1 };
const call = (name: string, action: "MEM_GOING_ONLINE" | "MEM_ONLINE" | "MEM_CANCEL_ONLINE", ret = 1): EventBody => ({
  type: "notifier",
  name,
  action,
  ret,
  ...notice,
});
const uevent = (action: string, block: number): EventBody => ({
  type: "uevent",
  action,
  devpath: `/devices/system/memory/memory${block}`,
  subsystem: "memory",
});
const moves = (block: number, from: string, to: string): EventBody => ({ type: "block", block, from, to });

/** What a block does that goes online without trouble. */
const goesOnline = (block: number, presentPages: number): EventBody[] => [
  moves(block, "offline", "going_online.choosing_zone"),
  moves(block, "going_online.choosing_zone", "going_online.notifying"),
  call("early", "MEM_GOING_ONLINE"),
  call("late", "MEM_GOING_ONLINE"),
  moves(block, "going_online.notifying", "going_online.populating"),
  { type: "zone", zone: "Normal", startPfn: 1048576, spannedPages: 262144, presentPages, managedPages: presentPages },
  moves(block, "going_online.populating", "going_online.announcing"),
  call("early", "MEM_ONLINE"),
  call("late", "MEM_ONLINE"),
  uevent("online", block),
  moves(block, "going_online.announcing", "online"),
];

test("uevents of neighbours are one", () => {
  const added = (n: number) => ({ action: "add", devpath: `/devices/system/memory/memory${n}` });
  expect(ueventTexts([32, 33, 34, 35, 36, 37, 38, 39].map(added))).toEqual(["add@memory32-39"]);
  expect(ueventTexts([added(32), { action: "add", devpath: "/module/x" }, added(33), added(40)])).toEqual([
    "add@memory32",
    "add@/module/x",
    "add@memory33, 40",
  ]);
  expect(ueventTexts([0, 2, 4, 6, 8, 10, 12].map(added))).toEqual(["add@memory0, 2, 4, … (7 in all)"]);
});

test("a block that goes online is told state by state", () => {
  const lines = timeline().step(3, writeStep("${d0.1}", "online"), events(1, goesOnline(33, 98304)));
  expect(lines).toEqual([
    "  step 3  echo online > memory33/state  →  ok",
    "    0.000 ms  block 33    offline → going_online: choosing_zone",
    "    0.002 ms  notifying   MEM_GOING_ONLINE → early, late: OK",
    "    0.005 ms  populating  zone Normal of node 1: spanned 65536 → 262144, present 65536 → 98304 pages",
    "                            (384M)",
    "    0.007 ms  announcing  MEM_ONLINE → early, late: OK",
    "                          uevent online@memory33",
    "    0.010 ms  block 33    going_online → online",
  ]);
});

test("blocks that go through the same are told once, on one node and on many", () => {
  const node1 = [...goesOnline(33, 98304), ...goesOnline(34, 131072), ...goesOnline(35, 163840)];
  const done: TraceStep = {
    step: { op: "online", blocks: "offline" },
    result: { requested: 3, onlined: 3, refused: [] },
    at_ns: 0,
  };
  expect(timeline().step(0, done, events(1, node1))).toEqual([
    "  step 0  online blocks offline (online)  →  3 of 3 onlined",
    "    0.000 ms  blocks      33-35: offline → going_online → online, until 0.032 ms",
    "                          each: MEM_GOING_ONLINE → early, late: OK",
    "                          each: MEM_ONLINE → early, late: OK",
    "                          zone Normal of node 1: spanned 65536 → 262144, present 65536 → 163840",
    "                            pages (640M)",
    "                          uevent online@memory33-35",
  ]);
  const nodes = [1, 2, 3, 4, 5, 6].flatMap((node) =>
    events(node, [...goesOnline(node * 10, 32768), ...goesOnline(node * 10 + 1, 65536)]),
  );
  const lines = timeline().step(0, done, nodes);
  expect(lines).toHaveLength(7);
  const single = [1, 2, 3].map((node) => events(node, goesOnline(node * 10, 32768)));
  expect(timeline().step(0, done, single.flat())[1]).toContain(
    "blocks      10, 20, 30: offline → going_online → online",
  );
  expect(timeline().step(0, done, single.slice(1).flat())[1]).toContain(
    "block 20    offline → going_online: choosing_zone",
  );
  expect(lines[1]).toContain("blocks      10-11, 20-21, 30-31, 40-41, 50-51, 60-61: offline → going_online →");
  expect(lines[5]).toContain("zone Normal of nodes 1-6: present 65536 → 393216 pages (1536M)");
});

const refusal: EventBody = {
  type: "refusal",
  refusal: {
    errno: "ENOMEM",
    code: "notifier_veto",
    rule: "facts §7: a callback refused",
    block: 32,
    retry: "maybe",
    remedy: ["ask it why", "write 0 to its error file"],
    detail: "inject answered MEM_GOING_ONLINE with ENOMEM",
  },
};
const vetoed: readonly EventBody[] = [
  moves(32, "offline", "going_online.notifying"),
  call("early", "MEM_GOING_ONLINE"),
  { type: "log", level: 6, text: "Injecting error (-12) to MEM_GOING_ONLINE" },
  call("inject", "MEM_GOING_ONLINE", 0x8000 + 13),
  moves(32, "going_online.notifying", "going_online.cancelling"),
  call("early", "MEM_CANCEL_ONLINE"),
  moves(32, "going_online.cancelling", "offline"),
  refusal,
];

test("a veto is told with who was asked, the reason, the rule and the remedy; the last two once", () => {
  const told = timeline();
  // The machine says a shard's refusal again, to the writer of the file.
  const heard = [...events(1, vetoed), ...events(-1, [refusal])];
  expect(told.step(0, writeStep("32", "online", "ENOMEM"), heard, "same")).toEqual([
    "✓ step 0  echo online > memory32/state  →  ENOMEM (Cannot allocate memory)",
    "    0.000 ms  block 32    offline → going_online",
    "    0.001 ms  notifying   MEM_GOING_ONLINE → early: OK, inject: ENOMEM, which ends the walk",
    '                          log "Injecting error (-12) to MEM_GOING_ONLINE"',
    "    0.005 ms  cancelling  MEM_CANCEL_ONLINE → early: OK",
    "    0.006 ms  block 32    going_online → offline",
    "              refused     A callback that the kernel asks first does not let block 32 change: inject",
    "                            answered MEM_GOING_ONLINE with ENOMEM.",
    "                          The answer is ENOMEM (notifier_veto), by facts §7: a callback refused.",
    "                          Trying again may help, above all after this: ask it why; or write 0 to its",
    "                            error file.",
  ]);
  expect(told.step(4, writeStep("32", "online", "ENOMEM"), heard, "different").slice(-2)).toEqual([
    "                            answered MEM_GOING_ONLINE with ENOMEM.",
    "                          ENOMEM (notifier_veto), as in step 0",
  ]);
});

test("firmware is told in the words of ACPI, and a refusal at a page names the page", () => {
  const done: TraceStep = { step: { op: "dimm_del", id: "d0" }, result: { devices_left: ["d0"] }, at_ns: 0 };
  const pages = [{ pfn: 1081344, kind: "slab", pageblock: 2112 }];
  const heard = events(-1, [
    { type: "acpi_notify", device: "d0", value: 3 },
    { type: "acpi_ost", device: "d0", slot: 0, source: 3, status: 0x84 },
    {
      type: "refusal",
      refusal: {
        errno: "EBUSY",
        code: "unmovable_page",
        rule: "facts §4.3",
        retry: "no",
        remedy: [],
        pages,
        total: 117,
      },
    },
    { type: "log", level: 6, text: "memory memory33: Offline failed." },
    { type: "acpi_ost", slot: 0, source: 3, status: 0x82 },
  ]);
  expect(timeline().step(1, done, heard)).toEqual([
    "  step 1  ask for DIMM d0 back  →  not given back",
    "    0.000 ms  firmware    notifies the kernel: eject request of d0",
    "    0.001 ms  firmware    is told by _OST: eject request of d0: in progress (0x84)",
    "    0.002 ms  refused     In the memory is something that the kernel cannot move: 117 pages, kernel",
    "                            objects (slab), the first at pfn 1081344.",
    "                          The answer is EBUSY (unmovable_page), by facts §4.3.",
    "                          Trying again does not help.",
    '    0.003 ms  kernel      log "memory memory33: Offline failed."',
    "    0.004 ms  firmware    is told by _OST: eject request of slot 0: device busy (0x82)",
  ]);
});

test("steps that only look are told together at the end", () => {
  const told = timeline();
  const look = (op: string): TraceStep => ({ step: { op }, result: {}, at_ns: 0 });
  expect(["state", "snapshot"].flatMap((op, i) => told.step(i, look(op), []))).toEqual([]);
  expect(told.step(7, look("state"), [], "same")).toEqual([]);
  expect(told.end()).toEqual(["  steps 0-1  state, snapshot  →  only looked", "✓ step 7  state  →  only looked"]);
  expect(told.end()).toEqual([]);
});

test.each([
  [
    { op: "write", path: "auto_online_blocks", data: "online" },
    { open_errno: 0, ret: 6, errno: 0 },
    "echo online > auto_online_blocks  →  ok",
  ],
  [
    { op: "write", path: "probe", data: "0x100000000\n" },
    { open_errno: "ENOENT", ret: 0, errno: 0 },
    'echo "0x100000000\\n" > probe  →  ENOENT (No such file or directory)',
  ],
  [
    { op: "block", n: 9, v: "online" },
    { open_errno: 0, ret: 1, errno: 0 },
    "echo online > memory9/state  →  ok, 1 of 6 bytes taken",
  ],
  [{ op: "read", path: "/sys/x" }, { errno: 0, data: "a b\n" }, 'cat /sys/x  →  "a b"'],
  [{ op: "read", path: "/sys/x" }, { errno: "EACCES", data: "" }, "cat /sys/x  →  EACCES (Permission denied)"],
  [
    { op: "dimm_add", id: "d0", size: "1G" },
    { device_add: { return: {} } },
    "plug in DIMM d0: 1G for node 0  →  at 0x100000000, blocks 32-39",
  ],
  [
    { op: "dimm_add", id: "d1", size: "1G", node: 7 },
    { device_add: { error: { desc: "no" } } },
    "plug in DIMM d1: 1G for node 7  →  refused by the machine: no",
  ],
  [{ op: "dimm_del", id: "d0" }, { devices_left: [] }, "ask for DIMM d0 back  →  given back"],
  [
    { op: "offline", blocks: "movable" },
    { requested: 5, offlined: 3, refused: [1, 2] },
    "offline blocks movable  →  3 of 5 offlined, 2 refused",
  ],
  [
    { op: "load", id: "db", kind: "anon", size: "1G", node: 3, churn: 0.2 },
    { errno: 0, pages: 262144, nodes: { 3: 262144 } },
    "start load db: 1G of anon, prefer node 3, churns  →  262144 pages on node 3",
  ],
  [
    { op: "load", id: "vm", kind: "pinned", size: "8K", nodes: [0, 1] },
    { errno: 0, pages: 2, nodes: { 0: 1, 1: 1 } },
    "start load vm: 8K of pinned, interleave nodes 0, 1  →  1 page on node 0, 1 page on node 1",
  ],
  [
    { op: "load", id: "db", kind: "anon", size: "1T" },
    { errno: "ENOMEM", pages: 0, nodes: {} },
    "start load db: 1T of anon  →  ENOMEM (Cannot allocate memory)",
  ],
  [{ op: "unload", id: "db" }, { errno: 0, pages: 512 }, "end load db  →  512 pages freed"],
  [{ op: "unpin", id: "db" }, { errno: 0 }, "load db lets go of its pins  →  done"],
  [{ op: "signal", to: "w1" }, { errno: 0 }, "send a signal to w1  →  done"],
  [{ op: "wait", s: 3 }, {}, "wait 3 s  →  done"],
  [
    { op: "block", n: 9, v: "offline", background: "w1" },
    { n: 9, background: true },
    "echo offline > memory9/state &  (w1)  →  goes on in the background",
  ],
  [
    { op: "block", n: 9, v: "offline" },
    { open_errno: 0, ret: 0, errno: 0, timed_out_signal: true },
    "echo offline > memory9/state  →  no answer in this time",
  ],
  [{ op: "sh", cmd: "lsmod" }, null, "sh cmd lsmod  →  only its writes of files are simulated"],
  [{ op: "insmod", mod: "m", args: "priority=3" }, { rc: 0 }, "insmod m priority=3  →  done"],
])("%j has a title", (step, result, title) => {
  expect(timeline().step(0, { step, result, at_ns: 0 }, [])).toEqual([`  step 0  ${title}`]);
});

test("no line is wider than it may be, and colour adds no width", () => {
  const bodies = [...vetoed, ...goesOnline(33, 98304)];
  const step = writeStep("${d0.1}", "online", "ENOMEM");
  for (const width of [60, 80, 100]) {
    const lines = timeline(width).step(12, step, events(1, bodies));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    const coloured = timeline(width, true).step(12, step, events(1, bodies));
    // oxlint-disable-next-line no-control-regex
    expect(coloured.map((line) => line.replaceAll(/\u001B\[\d+m/g, "").trimEnd())).toEqual(lines);
    expect(coloured.join("")).toContain("\u001B[31m");
  }
});

test("text breaks between words only, and keeps its first indentation", () => {
  expect(wrap("  one two three", 9, 4)).toEqual(["  one two", "    three"]);
  expect(wrap("unbreakable", 4, 2)).toEqual(["unbreakable"]);
  expect(wrap("", 10, 2)).toEqual([""]);
});

test("what a container does is told with its variables and without its path", () => {
  const step = (action: string, result: object): TraceStep => ({
    step: { op: "container", id: "c0", action },
    result,
    at_ns: 0,
  });
  const uevent = { type: "uevent", action: "change", devpath: "/devices/system/container/ACPI0004:00" } as const;
  const heard = events(-1, [
    { ...uevent, subsystem: "container", env: { EVENT: "offline" } },
    { type: "acpi_ost", device: "c0", source: 3, status: 0x82 },
  ]);
  expect(timeline().step(0, step("eject", { errno: "EBUSY", ost: 0x82, present: true }), heard)).toEqual([
    "  step 0  ask for container c0 back  →  EBUSY (Device or resource busy)",
    "    0.000 ms  kernel      uevent change@ACPI0004:00 EVENT=offline",
    "    0.001 ms  firmware    is told by _OST: eject request of c0: device busy (0x82)",
  ]);
  const title = (action: string, result: object): string | undefined => timeline().step(1, step(action, result), [])[0];
  expect(title("add", { errno: 0, ost: 0, present: true })).toBe("  step 1  insert container c0 (bus check)  →  ok");
  expect(title("eject", { errno: 0, ost: 0, present: false })).toBe(
    "  step 1  ask for container c0 back  →  given back",
  );
  expect(title("offline", { open_errno: 0, ret: 1, errno: 0 })).toBe(
    "  step 1  echo 0 > online of container c0  →  ok",
  );
});

test("what ran in the background is told in the step in which it ends", () => {
  const done: TraceStep = {
    step: { op: "signal", to: "w1" },
    result: { errno: 0 },
    at_ns: 0,
    finished: [
      { name: "w1", result: { open_errno: 0, ret: -1, errno: "EINTR" } },
      { name: "w2", result: { open_errno: 0, ret: 7, errno: 0 } },
    ],
  };
  expect(timeline().step(3, done, [])).toEqual([
    "  step 3  send a signal to w1  →  done",
    "              background  w1 has ended: EINTR (Interrupted system call)",
    "              background  w2 has ended: ok",
  ]);
});

const emptied = (block: number, batches: readonly number[]): readonly EventBody[] => [
  moves(block, "online", "going_offline.migrating"),
  ...batches.flatMap((pages): readonly EventBody[] => [
    { type: "migrate", block, pages, targetNode: 0 },
    moves(block, "going_offline.migrating", "going_offline.migrating"),
  ]),
  { type: "migrate", block, pages: 5, targetNode: 2 },
  moves(block, "going_offline.migrating", "offline"),
];

test("pages that move are told by target node, whatever the batches", () => {
  const done = writeStep("32", "offline", 0);
  expect(
    timeline()
      .step(0, done, events(1, emptied(32, [256, 44])))
      .slice(1),
  ).toEqual([
    "    0.000 ms  block 32    online → going_offline",
    "    0.001 ms  migrating   300 pages moved to node 0",
    "                          5 pages moved to node 2",
    "    0.006 ms  block 32    going_offline → offline",
  ]);
  const two = events(1, [...emptied(32, [256, 44]), ...emptied(33, [256])]);
  expect(timeline().step(0, done, two).slice(2)).toEqual([
    "                          556 pages moved to node 0",
    "                          10 pages moved to node 2",
  ]);
});

test("the node chain, sizes of devices and a reset are told", () => {
  const node = { nid: 1, name: "slub", ret: 1 } as const;
  const lines = timeline().step(0, { step: { op: "wait", ns: 1 }, result: {}, at_ns: 0 }, [
    ...events(1, [{ type: "node_notifier", ...node, action: "NODE_ADDING_FIRST_MEMORY" }]),
    ...events(-1, [
      { type: "memory_size_change", device: "vm0", sizeBytes: 2 ** 30 },
      { type: "balloon_change", device: "balloon0", actualBytes: 2 ** 31 },
      { type: "reset" },
    ]),
  ]);
  expect(lines.slice(1).map((line) => line.trim())).toEqual([
    "0.000 ms  kernel      NODE_ADDING_FIRST_MEMORY (node 1) → slub: OK",
    "0.000 ms  machine     vm0 has 1G plugged",
    "0.001 ms  machine     balloon0 leaves the guest 2G",
    "0.002 ms  machine     the guest is reset",
  ]);
});
