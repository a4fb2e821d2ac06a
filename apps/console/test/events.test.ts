import type { SimEvent } from "@memhp/abi";
import { describe, expect, test } from "vitest";
import { EventLog } from "../src/session/event-log.ts";
import { FilteredEvents } from "../src/session/event-filter.ts";
import { eventTypes } from "../src/words/event-types.ts";
import { blockOf, eventWords, isTrouble } from "../src/words/event-words.ts";
import { timeWords } from "../src/words/time-words.ts";
import { eventsOf } from "./machines.ts";

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
    [{ type: "acpi_ost", device: "d0", slot: 0, source: 3, status: 1, ...at }, "d0: eject request: failure (0x1)"],
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
      balloon_change: true,
      reset: true,
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

  test("refusals, vetoes, failed writes and devices that stay are trouble", () => {
    const stays = { seq: 0, atNs: 0, node: 0, type: "unplug_refused", device: "d0" } as const;
    expect([refusal, write, veto, stays, step(7, "online"), { ...veto, ret: 1 }].map(isTrouble)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("the filter", () => {
  const log = new EventLog();
  for (const event of [step(40, "online"), refusal, write, step(41, "online"), veto]) log.push(event);
  const filtered = async (filter: ConstructorParameters<typeof FilteredEvents>[1]): Promise<readonly number[]> => {
    const found = new FilteredEvents(log, filter);
    await found.advance();
    return found.numbers;
  };
  test("leaves kinds out", async () =>
    expect(await filtered({ hidden: ["block", "notifier"], text: "" })).toEqual([1, 2]));
  test("keeps one block", async () => expect(await filtered({ hidden: [], text: "", block: 40 })).toEqual([0, 1, 2]));
  test("finds words", async () => expect(await filtered({ hidden: [], text: " MEMORY41 " })).toEqual([3]));

  test("goes on with what happened since, and forgets what the log let go", async () => {
    const small = new EventLog(10);
    const found = new FilteredEvents(small, { hidden: [], text: "memory7:" });
    small.push(step(7, "online"));
    await found.advance();
    expect(found.numbers).toEqual([0]);
    for (let i = 0; i < 40; i++) small.push(step(i % 8, "offline"));
    await found.advance();
    expect(found.numbers).toEqual([24, 32, 40].filter((number) => number >= small.dropped));
    expect(found.numbers.every((number) => small.at(number).type === "block")).toBe(true);
  });

  test("of much stops when it is not wanted any more", async () => {
    const large = new EventLog();
    for (let i = 0; i < 45_000; i++) large.push(step(i, "online"));
    expect(await new FilteredEvents(large, { hidden: [], text: "" }).advance(() => false)).toBe(false);
  });
});

describe("the log", () => {
  test("lets the oldest events go and counts them", () => {
    const log = new EventLog(100);
    for (let i = 0; i < 950; i++) log.push(step(i, "online"));
    expect(log.end).toBe(950);
    expect(log.end - log.dropped).toBeGreaterThanOrEqual(100);
    expect(log.end - log.dropped).toBeLessThan(300);
    expect(eventsOf(log).at(-1)).toMatchObject({ block: 949 });
    expect(log.at(log.dropped)).toMatchObject({ block: log.dropped });
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

test("a log that goes back forgets what came after, and goes on from there", () => {
  const log = new EventLog(40, 1000);
  for (let i = 0; i < 70; i++) log.push(step(i, "online"));
  log.rewind(1060);
  expect(log.end).toBe(1060);
  expect(log.at(1059)).toMatchObject({ block: 59 });
  log.push(step(7, "offline"));
  expect(log.at(1060)).toMatchObject({ block: 7, to: "offline" });
  expect(log.transitionsOf(65, 1)).toEqual([]);
  log.rewind(1000);
  expect([log.dropped, log.end]).toEqual([1000, 1000]);
});
