import { createNotifyQueue, type HotplugLock } from "@memhp/acpi";
import { expect, test } from "vitest";
import { bench, emptySlot, HIGH, memoryDevice } from "./fake-kernel.ts";

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const MEM = "\\_SB_.MEM0";

test("work runs one at a time, in the order in which it came", async () => {
  const queue = createNotifyQueue();
  const heard: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    heard.push(`${name} begins`);
    await tick();
    heard.push(`${name} ends`);
  };
  void queue.schedule(work("a"));
  void queue.schedule(work("b"));
  expect(queue.length).toBe(2);
  await queue.idle();
  expect(heard).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  expect(queue.length).toBe(0);
});

test("work waits for the caller's lock", async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const lock: HotplugLock = { run: (body) => held.then(body) };
  const queue = createNotifyQueue({ lock });
  let ran = false;
  void queue.schedule(async () => void (ran = true));
  await tick();
  expect(ran).toBe(false);
  release();
  await queue.idle();
  expect(ran).toBe(true);
});

test("work that throws does not stop what comes after it, and `idle` tells", async () => {
  const queue = createNotifyQueue();
  const lost = queue.schedule(async () => Promise.reject(new Error("boom")));
  const next = queue.schedule(async () => 7);
  await expect(lost).rejects.toThrow("boom");
  expect(await next).toBe(7);
  await expect(queue.idle()).rejects.toThrow("boom");
  await expect(queue.idle()).resolves.toBeUndefined();
});

test("work that queues work is waited for too", async () => {
  const queue = createNotifyQueue();
  let ran = false;
  void queue.schedule(async () => {
    void queue.schedule(async () => void (ran = true));
  });
  await queue.idle();
  expect(ran).toBe(true);
});

test.each([0x02, 0x04, 0x05, 0x06, 0x07, 0x80, 0x103])(
  "notify 0x%s starts no work and is only logged (facts/kernel.md §6.2)",
  async (value) => {
    const { acpi, kernel } = bench("6.1", [memoryDevice("MEM0", HIGH, 1)]);
    expect(acpi.notify(MEM, value)).toBeUndefined();
    await acpi.idle();
    expect(kernel.journal).toEqual([]);
    expect(kernel.logged).toHaveLength(1);
  },
);

test("a notify on a device that the kernel has no object for: _OST(type, 1) (facts/kernel.md §6.2)", () => {
  const { acpi, kernel } = bench("6.1", []);
  expect(acpi.notify("\\_SB_.GONE", 1)).toBeUndefined();
  expect(kernel.osts).toEqual([{ path: "\\_SB_.GONE", source: 1, status: 1 }]);
});

test("inserts and ejects that are notified at once happen in their order", async () => {
  const { acpi, kernel, state } = bench("6.1", [emptySlot("MEM0")]);
  acpi.namespace.set(MEM, { _STA: 0xf, _CRS: memoryDevice("MEM0", HIGH, 1)._CRS ?? [] });
  void acpi.notify(MEM, 1);
  void acpi.notify(MEM, 3);
  void acpi.notify(MEM, 3);
  await acpi.idle();
  expect(kernel.osts.map(({ source, status }) => [source, status])).toEqual([
    [1, 0],
    [3, 0x84],
    [3, 0],
    [3, 0x84],
    [3, 0],
  ]);
  expect(state(MEM)).toBe("absent");
});

test("a full queue: _OST(0x103, 1) and ENOMEM for sysfs, _OST(type, 1) for firmware (facts/kernel.md §6.6)", async () => {
  const { acpi, kernel } = bench("6.1", [memoryDevice("MEM0", HIGH, 1)], { queueLimit: 1 });
  await acpi.boot();
  kernel.osts.length = 0;
  void acpi.notify(MEM, 3);
  expect(acpi.requestEject(MEM)).toMatchObject({ ok: false, refusal: { errno: "ENOMEM" } });
  expect(acpi.notify(MEM, 1)).toBeUndefined();
  expect(kernel.osts.map(({ source, status }) => [source, status])).toEqual([
    [0x103, 1],
    [1, 1],
  ]);
  await acpi.idle();
});

test("a device without _OST is told nothing", async () => {
  const { acpi, kernel } = bench("6.1", [memoryDevice("MEM0", HIGH, 1, { _OST: false })]);
  expect(await acpi.notify(MEM, 1)).toMatchObject({ status: 0 });
  expect(kernel.osts).toEqual([]);
});

test("how queued events ended is told, that of a write to `eject` too", async () => {
  const ended: unknown[] = [];
  const { acpi } = bench("6.1", [memoryDevice("MEM0", HIGH, 1)], {
    onOutcome: ({ source, errno, refusals }) => ended.push([source, errno, refusals.map(({ code }) => code)]),
  });
  await acpi.boot();
  acpi.setHotplugEnabled("memory", false);
  void acpi.notify(MEM, 3);
  await acpi.idle();
  acpi.setHotplugEnabled("memory", true);
  acpi.requestEject(MEM);
  await acpi.idle();
  expect(ended).toEqual([
    [3, "EPERM", ["eject_disabled"]],
    [0x103, 0, []],
  ]);
});
