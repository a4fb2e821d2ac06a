import { kernelProfile } from "@memhp/abi";
import { type AcpiKernelPort, attachMemoryDevice, ejectMemoryDevice } from "@memhp/acpi";
import { expect, test } from "vitest";
import { BLOCK, FakeKernel, HIGH, kernels, refusal } from "./fake-kernel.ts";

const device = { ranges: [{ start: HIGH * BLOCK, size: 2 * BLOCK }], node: 1, group: 4 };

function portOf(kernel: FakeKernel, id: string): AcpiKernelPort {
  const { memory, profile } = kernel.ports(kernelProfile(id));
  return {
    profile,
    addMemory: (range, options) => memory.addMemory(range, { ...options, memmapOnMemory: false }),
    bindBlocks: async ({ start, size }) => void kernel.journal.push(`bind ${start / BLOCK}+${size / BLOCK}`),
    blocksOf: (range) => memory.blocksOf(range),
    offlineBlock: (block) => memory.offlineBlock(block),
    onlineBlock: (block) => memory.onlineBlock(block),
    removeMemory: async (range) => void (await memory.removeMemory(range, 1)),
    ost: (source, status) => void kernel.journal.push(`ost ${source} ${status}`),
    ejectDevice: () => void kernel.journal.push("ej0"),
    uevent: () => {},
    log: (text) => void kernel.logged.push(text),
  };
}

test("one device without a namespace: attached with the caller's node and group, each range bound once", async () => {
  const kernel = new FakeKernel();
  expect(await attachMemoryDevice(portOf(kernel, "6.1"), device)).toEqual({ ok: true, status: 0, refusals: [] });
  expect(kernel.since()).toEqual(["add 32+2 node 1 group 4", "add@memory32", "add@memory33", "bind 32+2"]);
});

test.each([
  ["4.1", 1],
  ["6.1", 0],
])("%s: one device that fails to attach has status %i", async (id, status) => {
  const kernel = new FakeKernel();
  kernel.refusesAdd.set(HIGH * BLOCK, refusal("EINVAL", "unaligned"));
  expect(await attachMemoryDevice(portOf(kernel, id), device)).toMatchObject({
    ok: false,
    status,
    refusals: [{ code: "unaligned" }],
  });
});

test.each(kernels)("%s: one device is ejected, _EJ0 before the final _OST", async (id) => {
  const kernel = new FakeKernel();
  await attachMemoryDevice(portOf(kernel, id), device);
  kernel.online(HIGH);
  kernel.since();
  expect(await ejectMemoryDevice(portOf(kernel, id), device)).toEqual({ ok: true, status: 0, refusals: [] });
  expect(kernel.since()).toEqual([
    "ost 3 132",
    "offline@memory32",
    "remove@memory32",
    "remove@memory33",
    "ej0",
    "ost 3 0",
  ]);
});

test("one device that is in use stays, with the source of the request in the final _OST", async () => {
  const kernel = new FakeKernel();
  await attachMemoryDevice(portOf(kernel, "6.1"), device);
  kernel.online(HIGH + 1);
  kernel.busy.set(HIGH + 1, 9);
  kernel.since();
  const outcome = await ejectMemoryDevice(portOf(kernel, "6.1"), device, 0x103);
  expect(outcome).toMatchObject({ ok: false, status: 0x82, refusals: [{ block: 33 }, { block: 33 }] });
  expect(kernel.since()).toEqual(["ost 3 132", "busy memory33", "busy memory33", "ost 259 130"]);
  expect(kernel.logged).toEqual(["memory memory33: Offline failed."]);
});

test("one device whose memory was never added ejects without removing anything (6.1: b_dimm_odd_sizes)", async () => {
  const kernel = new FakeKernel();
  expect(await ejectMemoryDevice(portOf(kernel, "6.1"), device)).toMatchObject({ ok: true });
  expect(kernel.since()).toEqual(["ost 3 132", "ej0", "ost 3 0"]);
});
