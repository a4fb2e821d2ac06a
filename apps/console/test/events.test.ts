import type { SimEvent } from "@memhp/abi";
import { describe, expect, test } from "vitest";
import { EventLog } from "../src/session/event-log.ts";
import { blockOf, eventTypes, eventWords, filterEvents, isTrouble, timeWords } from "../src/words/event-words.ts";

const at = { atNs: 1_204_000, node: 1, seq: 0 };
const step = (block: number, to: string, seq = 0): SimEvent => ({
  type: "block",
  block,
  from: "offline",
  to,
  ...at,
  seq,
});
const refusal: SimEvent = {
  type: "refusal",
  refusal: { errno: "EBUSY", code: "unmovable_page", rule: "facts §4.3", block: 40, retry: "no", remedy: [] },
  ...at,
};
const write: SimEvent = {
  type: "file_write",
  path: "/sys/devices/system/memory/memory40/state",
  data: "offline\n",
  ret: -1,
  errno: "EBUSY",
  ...at,
};
const veto: SimEvent = {
  type: "notifier",
  name: "early",
  action: "MEM_GOING_ONLINE",
  ret: 0x800d,
  startPfn: 0x100,
  nrPages: 32_768,
  statusChangeNid: -1,
  statusChangeNidNormal: -1,
  ...at,
};

describe("events in words", () => {
  test.each<[SimEvent, string]>([
    [step(40, "going_online.notifying"), "memory40: offline → going_online.notifying"],
    [refusal, "memory40: EBUSY unmovable_page: In block 40 is something that the kernel cannot move."],
    [write, "echo offline > /sys/devices/system/memory/memory40/state: EBUSY (Device or resource busy)"],
    [{ ...write, ret: 8, errno: 0 }, "echo offline > /sys/devices/system/memory/memory40/state: 8 bytes"],
    [veto, "MEM_GOING_ONLINE to early: ENOMEM (Cannot allocate memory); pfn 0x100, 32768 pages"],
    [{ ...veto, ret: 1 }, "MEM_GOING_ONLINE to early: ok; pfn 0x100, 32768 pages"],
    [
      { type: "node_notifier", name: "slab", action: "NODE_ADDING_FIRST_MEMORY", ret: 1, nid: 1, ...at },
      "NODE_ADDING_FIRST_MEMORY to slab: ok; node 1",
    ],
    [{ type: "acpi_notify", device: "d0", value: 1, ...at }, "d0: device check"],
    [{ type: "acpi_ost", device: "d0", slot: 0, source: 3, status: 1, ...at }, "d0: source 0x3, status 0x1 (not done)"],
    [{ type: "device_deleted", device: "d0", ...at }, "d0 left the machine"],
    [
      { type: "uevent", action: "online", devpath: "/devices/system/memory/memory40", subsystem: "memory", ...at },
      "online@/devices/system/memory/memory40",
    ],
    [{ type: "migrate", block: 40, pages: 512, targetNode: 0, ...at }, "memory40: 512 pages to node 0"],
    [{ type: "load", id: "db", kind: "anon", change: "killed", pages: 512, ...at }, "db (anon) killed: 512 pages"],
    [{ type: "log", level: 6, text: "Offlined Pages 32768", ...at }, "Offlined Pages 32768"],
  ])("%o", (event, words) => expect(eventWords(event)).toBe(words));

  test("every kind of event has a name for the filter", () => {
    const kinds: Readonly<Record<SimEvent["type"], true>> = {
      acpi_notify: true,
      acpi_ost: true,
      device_deleted: true,
      unplug_refused: true,
      memory_size_change: true,
      block: true,
      notifier: true,
      node_notifier: true,
      uevent: true,
      zone: true,
      migrate: true,
      load: true,
      refusal: true,
      log: true,
      file_write: true,
    };
    expect(eventTypes.map(([type]) => type).toSorted()).toEqual(Object.keys(kinds).toSorted());
  });

  test("times are simulated milliseconds, then seconds", () => {
    expect(timeWords(1_204_000)).toBe("1.204 ms");
    expect(timeWords(28_672_000_000)).toBe("28.672000 s");
  });

  test("an event tells which block it is about", () => {
    expect([step(7, "online"), refusal, write, veto].map(blockOf)).toEqual([7, 40, 40, undefined]);
  });

  test("refusals, vetoes and failed writes are trouble", () => {
    expect([refusal, write, veto, step(7, "online"), { ...veto, ret: 1 }].map(isTrouble)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("the filter", () => {
  const events = [step(40, "online"), refusal, write, step(41, "online"), veto];
  test("leaves kinds out", () =>
    expect(filterEvents(events, { hidden: new Set(["block", "notifier"]), text: "" })).toEqual([1, 2]));
  test("keeps one block", () =>
    expect(filterEvents(events, { hidden: new Set(), text: "", block: 40 })).toEqual([0, 1, 2]));
  test("finds words", () => expect(filterEvents(events, { hidden: new Set(), text: " MEMORY41 " })).toEqual([3]));
});

describe("the log", () => {
  test("lets the oldest events go and counts them", () => {
    const log = new EventLog(100);
    for (let i = 0; i < 950; i++) log.push(step(i, "online"));
    expect(log.events.length + log.dropped).toBe(950);
    expect(log.events.length).toBeLessThan(200);
    expect(log.events.at(-1)).toMatchObject({ block: 949 });
  });

  test("gives a block's last transitions, newest first", () => {
    const log = new EventLog();
    for (const event of [step(1, "a"), step(2, "b"), step(1, "c", 1), step(1, "d", 2)]) log.push(event);
    expect(log.transitionsOf(1, 2).map(({ to }) => to)).toEqual(["d", "c"]);
    expect(log.lastBlock()).toBe(1);
  });

  test("forgets a block's refusal when it came through a change", () => {
    const log = new EventLog();
    log.push(refusal);
    expect(log.lastRefusalOf(40)?.refusal.code).toBe("unmovable_page");
    log.push({
      type: "uevent",
      action: "offline",
      devpath: "/devices/system/memory/memory40",
      subsystem: "memory",
      ...at,
    });
    expect(log.lastRefusalOf(40)).toBeUndefined();
  });
});
