import { finalStatus } from "@memhp/acpi";
import { expect, test } from "vitest";
import { bench, BLOCK, emptySlot, HIGH, kernels, memoryDevice, refusal } from "./fake-kernel.ts";
import { kernelOf } from "../../../tools/conformance/src/kernels.ts";

const BRD = "\\_SB_.BRD0";
const MEM = "\\_SB_.BRD0.MEM0";
const board = [{ name: "BRD0", _HID: "ACPI0004", children: [emptySlot("MEM0"), emptySlot("MEM1")] }];

test.each([
  [0, 0, 0],
  ["EPERM", 0x80, 0x80],
  ["EBUSY", 0x1, 0x82],
  ["ENODEV", 0x1, 0x1],
  ["EALREADY", 0x1, 0x1],
  ["EIO", 0x1, 0x1],
] as const)("final _OST after %s: 4.1 0x%x, 6.x 0x%x (facts/kernel.md §6.3)", (errno, code41, code6) => {
  expect(finalStatus(kernelOf("4.1").acpi, errno)).toBe(code41);
  expect(finalStatus(kernelOf("6.1").acpi, errno)).toBe(code6);
  expect(finalStatus(kernelOf("6.12").acpi, errno)).toBe(code6);
});

test.each(kernels)("%s: device check of a new DIMM adds its blocks and answers _OST(1, 0)", async (id) => {
  const { acpi, kernel, insert } = bench(id, board);
  await acpi.boot();
  kernel.since();
  await insert(MEM, HIGH, 2);
  expect(kernel.since().slice(1)).toEqual([
    "add@memory32",
    "add@memory33",
    // 6.12 scans from the parent, whose container speaks up (observed-6 §13).
    ...(id === "6.12" ? ["online@ACPI0004:00"] : []),
    "ost 0x1 0x0",
  ]);
});

test.each([
  ["4.1", "EALREADY", 1],
  ["6.1", 0, 0],
  ["6.12", 0, 0],
] as const)(
  "%s: device check of an enumerated device: %s, _OST status %i (facts/kernel.md §6.3)",
  async (id, errno, status) => {
    const { acpi, insert } = bench(id, board);
    await acpi.boot();
    await insert(MEM, HIGH, 1);
    expect(await acpi.notify(MEM, 1)).toMatchObject({ errno, status });
  },
);

test.each([
  ["4.1", "ENODEV", 1],
  ["6.1", 0, 0],
  ["6.12", 0, 0],
] as const)(
  "%s: device check where add_memory fails: %s, _OST status %i (observed-4.1 §8, observed-6 §8)",
  async (id, errno, status) => {
    const { acpi, kernel } = bench(id, [memoryDevice("MEM0", HIGH, 1)]);
    kernel.refusesAdd.set(HIGH * BLOCK, refusal("EINVAL", "unaligned"));
    const outcome = await acpi.notify("\\_SB_.MEM0", 1);
    expect(outcome).toMatchObject({ errno, status, refusals: [{ code: "unaligned" }] });
  },
);

test.each([
  ["4.1", 1],
  ["6.1", 0],
] as const)(
  "%s, acpi_no_memhotplug: device check answers _OST status %i (4.1: acpi_no_memhotplug)",
  async (id, status) => {
    const { acpi, kernel, insert } = bench(id, board, { noMemoryHotplug: true });
    await acpi.boot();
    kernel.since();
    await insert(MEM, HIGH, 1);
    expect(kernel.since()).toEqual([`ost 0x1 0x${status}`]);
  },
);

test.each([
  ["4.1", "EALREADY"],
  ["6.1", "EALREADY"],
  ["6.12", 0],
] as const)("%s: device check of a slot that was never filled: %s", async (id, errno) => {
  const { acpi } = bench(id, board);
  await acpi.boot();
  expect(await acpi.notify(MEM, 1)).toMatchObject({ errno });
});

test.each(kernels)("%s: device check of a device that vanished takes its offline memory away", async (id) => {
  const { acpi, kernel, insert, state } = bench(id, board);
  await acpi.boot();
  await insert(MEM, HIGH, 1);
  acpi.namespace.set(MEM, { _STA: 0 });
  expect(await acpi.notify(MEM, 1)).toMatchObject({ errno: 0, status: 0 });
  expect(kernel.blocks.size).toBe(0);
  expect(state(MEM)).toBe("absent");
});

test.each(kernels)(
  "%s: memory that vanished while online is a kernel BUG, not an answer (facts/kernel.md §5.2)",
  async (id) => {
    const { acpi, kernel, insert } = bench(id, board);
    await acpi.boot();
    await insert(MEM, HIGH, 1);
    kernel.online(HIGH);
    acpi.namespace.set(MEM, { _STA: 0 });
    await expect(acpi.notify(MEM, 1)).rejects.toThrow(/^kernel BUG/);
  },
);

test.each(kernels)("%s: bus check on a container brings every memory device in it", async (id) => {
  const { acpi, kernel, state } = bench(id, [
    {
      name: "BRD0",
      _HID: "ACPI0004",
      _STA: 0,
      _OST: true,
      children: [memoryDevice("MEM0", HIGH, 1), memoryDevice("MEM1", HIGH + 1, 1)],
    },
  ]);
  await acpi.boot();
  expect(kernel.since()).toEqual([]);
  acpi.namespace.set(BRD, { _STA: 0xf });
  expect(await acpi.notify(BRD, 0)).toMatchObject({ errno: 0 });
  const journal = kernel.since();
  expect(journal.filter((line) => line.includes("@"))).toEqual([
    "add@ACPI0004:00",
    "add@memory32",
    "add@memory33",
    "online@ACPI0004:00",
  ]);
  expect(journal.at(-1)).toBe("ost 0x0 0x0");
  expect([state(BRD), state(MEM)]).toEqual(["attached.online", "attached"]);
});

test.each([
  ["4.1", 2],
  ["6.1", 2],
  ["6.12", 1],
] as const)(
  "%s: bus check says `online` of a nested container %i times (facts/kernel.md §6.3: recursion)",
  async (id, times) => {
    const { acpi, kernel } = bench(id, [
      { name: "OUT0", _HID: "ACPI0004", children: [{ name: "IN0", _HID: "PNP0A06", children: [] }] },
    ]);
    await acpi.boot();
    kernel.since();
    await acpi.notify("\\_SB_.OUT0", 0);
    expect(kernel.since().filter((line) => line === "online@PNP0A06:00")).toHaveLength(times);
  },
);

test.each(kernels)(
  "%s: a memory device that fails to attach does not make a bus check fail (facts/kernel.md §6.3)",
  async (id) => {
    const { acpi, kernel } = bench(id, [
      { name: "BRD0", _HID: "ACPI0004", _OST: true, children: [memoryDevice("MEM0", HIGH, 1)] },
    ]);
    kernel.refusesAdd.set(HIGH * BLOCK, refusal("EINVAL", "unaligned"));
    expect(await acpi.notify(BRD, 0)).toMatchObject({ errno: 0, status: 0 });
  },
);

test.each(kernels)("%s: bus check on a vanished device: trimmed, result 0", async (id) => {
  const { acpi, kernel, insert, state } = bench(id, board);
  await acpi.boot();
  await insert(MEM, HIGH, 1);
  acpi.namespace.set(MEM, { _STA: 0 });
  expect(await acpi.notify(MEM, 0)).toMatchObject({ errno: 0 });
  expect([state(MEM), kernel.blocks.size]).toEqual(["absent", 0]);
});

test("6.12: bus check on the container takes apart what vanished in it; 4.1 forgets it and leaves its memory", async () => {
  const left: [string, number][] = [];
  for (const id of ["4.1", "6.12"]) {
    const { acpi, kernel, insert, state } = bench(id, board);
    await acpi.boot();
    await insert(MEM, HIGH, 1);
    acpi.namespace.set(MEM, { _STA: 0 });
    await acpi.notify(BRD, 0);
    left.push([state(MEM), kernel.blocks.size]);
  }
  expect(left).toEqual([
    ["attached", 1],
    ["absent", 0],
  ]);
});

test("6.12: a device check of one device brings its new neighbours too, since it scans from the parent", async () => {
  const { acpi, insert, state } = bench("6.12", board);
  await acpi.boot();
  acpi.namespace.set("\\_SB_.BRD0.MEM1", {
    _STA: 0xf,
    _CRS: [{ type: "memory", start: (HIGH + 8) * BLOCK, size: BLOCK }],
  });
  await insert(MEM, HIGH, 1);
  expect(state("\\_SB_.BRD0.MEM1")).toBe("attached");
});

test("a device that no driver of the kernel knows hears nothing of its notifies", async () => {
  const { acpi, kernel } = bench("6.1", [{ name: "DEV0", _HID: "PNP0103", _OST: true }]);
  expect(await acpi.notify("\\_SB_.DEV0", 1)).toMatchObject({ status: undefined });
  expect(kernel.osts).toEqual([]);
});
