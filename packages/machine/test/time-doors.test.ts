import { describe, expect, test } from "vitest";
import { bootMachine, EndlessError, parseMachineSpec, StuckError } from "../src/index.ts";
import { FIRST, lab, MIB, onNode, SECOND } from "./lab.ts";

const spec = parseMachineSpec({ machine: "q35", memory: "1G", slots: 4, maxmem: "8G", nodes: [] });

describe("how long time passes", () => {
  const wrong = [
    Number.NaN,
    -1,
    0.5,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    1e300,
    "7" as unknown as number,
  ];

  test.for(wrong)("wait(%s) is refused with its value and what is allowed, and no time passes", async (ns) => {
    const machine = await bootMachine(spec, { kernel: "6.1" });
    const before = machine.nowNs;
    await expect(machine.wait(ns)).rejects.toThrow(RangeError);
    await expect(machine.wait(ns)).rejects.toThrow(`wait: expected whole nanoseconds from 0 to`);
    await expect(machine.wait(ns)).rejects.toThrow(`found ${String(ns)}`);
    expect(machine.nowNs).toBe(before);
    await machine.wait(1);
    expect(machine.nowNs).toBe(before + 1);
  });

  test("passUntil takes no negative span, and may have no end", async () => {
    const machine = await bootMachine(spec, { kernel: "6.1" });
    await expect(machine.passUntil(machine.idle(), -1)).rejects.toThrow("passUntil: expected whole nanoseconds from 0");
    expect(await machine.passUntil(machine.idle(), Number.POSITIVE_INFINITY)).toBe(true);
  });

  test("waits that are asked for at once come one after another", async () => {
    const machine = await bootMachine(spec, { kernel: "6.1" });
    const before = machine.nowNs;
    await Promise.all([machine.wait(5), machine.wait(7)]);
    expect(machine.nowNs).toBe(before + 12);
  });
});

describe("work that nothing could ever end", () => {
  test("is found out by counting turns, where somebody says how many there may be", async () => {
    const machine = await bootMachine(spec, { kernel: "6.1", mostTurns: 200 });
    const write = async (): Promise<unknown> =>
      machine.files.write("/sys/devices/system/memory/memory0/state", "online");
    const forEver = async (): Promise<never> => {
      for (;;) await write();
    };
    await expect(forEver()).rejects.toThrow(EndlessError);
    await expect(write()).rejects.toThrow(/^not ended after 200 turns of kernel threads, now of /);
    await expect(bootMachine(spec, { kernel: "6.1", mostTurns: -1 })).rejects.toThrow("mostTurns: expected");
  });

  async function stuckOffline(): Promise<{ opened: Awaited<ReturnType<typeof lab>>; block: number }> {
    const opened = await lab("6.12");
    await opened.online("online_movable", FIRST);
    await opened.load("nic", "anon", MIB, { policy: onNode(1) });
    const run = (await opened.runsIn(FIRST)).find(({ page }) => page?.owner === "load:nic");
    await opened.machine.pages.reference(run?.startPfn ?? 0, 1);
    return { opened, block: FIRST };
  }

  test("is an error that says what waits for what", async () => {
    const { opened, block } = await stuckOffline();
    const { machine, write } = opened;
    const forever = write(block, "offline", { name: "agent", signalAtNs: Number.POSITIVE_INFINITY });
    const other = write(block + 1, "online", { name: "udev" });
    const failing = machine.finish(other);
    await expect(failing).rejects.toThrow(StuckError);
    await expect(failing).rejects.toThrow(
      [
        "udev would wait for ever:",
        "  agent (holds the hotplug lock) waits for a signal or freed pages",
        "  udev waits for the hotplug lock, which agent holds",
      ].join("\n"),
    );
    // It is as it was: a signal still helps.
    await machine.signal();
    await machine.finish(other);
    expect(await forever).toMatchObject({ errno: "EINTR" });
    expect(await other).toMatchObject({ errno: 0 });
    expect(machine.waiting()).toBe("");
  });

  test("is an error for who lets time pass without an end, too", async () => {
    const { opened, block } = await stuckOffline();
    const { machine, write } = opened;
    machine.holdTime();
    const forever = write(block, "offline", { name: "agent", signalAtNs: Number.POSITIVE_INFINITY });
    expect(await machine.passUntil(forever, 600 * SECOND)).toBe(false);
    await expect(machine.passUntil(forever, Number.POSITIVE_INFINITY)).rejects.toThrow("agent would wait for ever");
  });
});

describe("a load that ends by itself", () => {
  test("ends at its time, in the middle of an offline that its pins held up", async () => {
    const opened = await lab("6.1");
    const { machine, write, events } = opened;
    await opened.online("online_movable", FIRST);
    const startedNs = machine.nowNs;
    await opened.load("dma", "pinned", 16 * MIB, { pin: "short", lifetimeNs: 2 * SECOND });
    expect((await opened.pagesIn(FIRST)).get("load:dma")).toBeGreaterThan(0);
    expect(await write(FIRST, "offline", { signalAtNs: Number.POSITIVE_INFINITY })).toMatchObject({ ret: 7, errno: 0 });
    const ended = events.find((event) => event.type === "load" && event.change === "ended");
    expect(ended?.atNs).toBe(startedNs + 2 * SECOND);
    expect(await machine.pages.audit()).toEqual([]);
  });

  test("and others end in the order of their times, each at its own", async () => {
    const opened = await lab("6.1");
    const { machine, events } = opened;
    const startedNs = machine.nowNs;
    for (const [id, ms] of [
      ["c", 30],
      ["a", 10],
      ["b", 20],
      ["a2", 10],
    ] as const)
      await opened.load(id, "anon", MIB, { lifetimeNs: ms * 1e6, policy: onNode(0) });
    await machine.wait(25e6);
    const ends = events.flatMap((event) =>
      event.type === "load" && event.change === "ended" ? [[event.id, event.atNs - startedNs]] : [],
    );
    expect(ends).toEqual([
      ["a", 10e6],
      ["a2", 10e6],
      ["b", 20e6],
    ]);
  });
});
