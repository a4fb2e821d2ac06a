import { expect, test } from "vitest";
import { StepError } from "@memhp/scenario";
import { Driver } from "../src/driver.ts";
import { resolveOperands } from "../src/references.ts";
import { fakeTarget } from "./fake-target.ts";

const MIB = 1024 * 1024;
const d0 = { id: "d0", addr: 4096 * MIB, size: 512 * MIB, slot: 0 };
const dimms = { return: [{ type: "dimm", data: d0 }] };

test("references name blocks, addresses and pfns of a DIMM", () => {
  const resolved = resolveOperands(
    { op: "x", a: "${d0.0} ${d0.3} ${d0.first} ${d0.last}", b: "${d0.pfn} ${d0.addr}", c: 7 },
    new Map([["d0", d0]]),
    128 * MIB,
  );
  expect(resolved).toEqual({ op: "x", a: "32 35 32 35", b: "0x100000 0x100000000", c: 7 });
  expect(() => resolveOperands({ op: "x", a: "${d1.0}" }, new Map(), 128 * MIB)).toThrow('no DIMM "d1"');
  expect(() => resolveOperands({ op: "x", a: "${d0.end}" }, new Map([["d0", d0]]), 128 * MIB)).toThrow('"end"');
});

test("an op that only a simulated machine has, or nobody, is refused, with those that there are", async () => {
  const driver = await Driver.start(fakeTarget(() => undefined));
  await expect(driver.perform({ op: "load", id: "a", kind: "anon", size: "1M" })).rejects.toThrow(
    /op "load" cannot be recorded .*dimm_add/,
  );
  await expect(driver.perform({ op: "toString" })).rejects.toThrow('unknown op "toString"');
});

test("a missing operand is named", async () => {
  const driver = await Driver.start(fakeTarget(() => undefined));
  await expect(driver.perform({ op: "block", n: 3 })).rejects.toThrow(
    new StepError("block: v is missing (expected a text)", "v"),
  );
});

test("a kernel without memory hotplug is told at once", async () => {
  const target = fakeTarget(() => undefined, { read: async () => ({ errno: "ENOENT", mode: "0", data: "" }) });
  await expect(Driver.start(target)).rejects.toThrow("no block_size_bytes");
});

test("a relative path is below the memory devices", async () => {
  const paths: string[] = [];
  const target = fakeTarget(() => undefined, {
    write: async (path) => {
      paths.push(path);
      return { open_errno: 0, ret: 1, errno: 0 };
    },
  });
  const driver = await Driver.start(target);
  await driver.perform({ op: "write", path: "auto_online_blocks", data: "x" });
  await driver.perform({ op: "write", path: "/proc/x", data: "x" });
  expect(paths).toEqual(["/sys/devices/system/memory/auto_online_blocks", "/proc/x"]);
});

test("a DIMM that QEMU refuses gives its backend back", async () => {
  const refusal = { error: { class: "GenericError", desc: "no free slots available" } };
  const target = fakeTarget((command) => (command === "device_add" ? refusal : undefined));
  const driver = await Driver.start(target);
  const { result } = await driver.perform({ op: "dimm_add", id: "d1", size: "128M", node: 1 });
  expect(result).toEqual({ object_add: { return: {} }, device_add: refusal, devices: [], ospm: [] });
  expect(target.commands.slice(-2)).toEqual([
    ["device_add", { driver: "pc-dimm", id: "d1", memdev: "mem-d1", node: 1 }],
    ["object-del", { id: "mem-d1" }],
  ]);
});

test("a plugged DIMM is told with its own slot's _OST, and later steps may refer to it", async () => {
  const ospm = [
    { slot: "0", "slot-type": "DIMM", source: 1, status: 0, device: "d0" },
    { slot: "1", "slot-type": "DIMM", source: 0, status: 0 },
    { slot: "0", "slot-type": "CPU", source: 0, status: 0 },
  ];
  let plugged = false;
  const target = fakeTarget((command, events) => {
    if (command === "device_add") {
      plugged = true;
      events.push({ event: "ACPI_DEVICE_OST", data: { info: ospm[0] } }, { event: "RTC_CHANGE", data: {} });
    }
    if (command === "query-memory-devices") return plugged ? dimms : { return: [] };
    return command === "query-acpi-ospm-status" ? { return: ospm } : undefined;
  });
  const driver = await Driver.start(target);
  const outcome = await driver.perform({ op: "dimm_add", id: "d0", size: "512M" });
  expect(outcome).toEqual({
    result: {
      object_add: { return: {} },
      device_add: { return: {} },
      devices: dimms.return,
      ospm: [ospm[0], ospm[2]],
    },
    qmp_events: [{ info: ospm[0], event: "ACPI_DEVICE_OST" }],
  });
  expect(driver.dimms.get("d0")).toEqual(d0);
});

test("an eject that the guest refuses leaves DIMM and backend", async () => {
  const target = fakeTarget((command, events) => {
    if (command === "device_del") {
      for (const status of [132, 130])
        events.push({ event: "ACPI_DEVICE_OST", data: { info: { slot: "0", source: 3, status } } });
    }
    return command === "query-memory-devices" ? dimms : undefined;
  });
  const driver = await Driver.start(target);
  const outcome = await driver.perform({ op: "dimm_del", id: "d0" });
  expect(outcome.result).toEqual({ device_del: { return: {} }, devices_left: ["d0"], ospm: [] });
  expect(outcome.qmp_events).toHaveLength(2);
  expect(target.commands.map(([command]) => command)).not.toContain("object-del");
});

test("a write to an ACPI device's eject waits for the _OST that ends it", async () => {
  const waits: boolean[] = [];
  const ost = (status: number) => ({ event: "ACPI_DEVICE_OST", data: { info: { source: 259, status } } });
  const target = fakeTarget(() => undefined);
  target.monitor.waitFor = async (isEnough) => void waits.push(isEnough([ost(132)]), isEnough([ost(132), ost(0)]));
  const driver = await Driver.start(target);
  await driver.perform({ op: "write", path: "memory32/firmware_node/eject", data: "1" });
  await driver.perform({ op: "write", path: "memory32/state", data: "offline" });
  expect(waits).toEqual([false, true]);
});

test("a machine without ACPI is not asked for its slots; QEMU's own event ends an eject", async () => {
  const waited: boolean[] = [];
  const hotplug = { tellsOst: false, addWaitMs: 1 };
  const target = { ...fakeTarget((command) => (command === "query-memory-devices" ? dimms : undefined)), hotplug };
  const event = (name: string) => ({ event: name, data: {} });
  target.monitor.waitFor = async (isEnough) =>
    void waited.push(isEnough([event("MEMORY_DEVICE_SIZE_CHANGE")]), isEnough([event("MEM_UNPLUG_ERROR")]));
  const driver = await Driver.start(target);
  const { result } = await driver.perform({ op: "dimm_del", id: "d0" });
  expect(result).toEqual({ device_del: { return: {} }, devices_left: ["d0"], ospm: [] });
  expect(waited).toEqual([false, true]);
  expect(target.commands.map(([command]) => command)).not.toContain("query-acpi-ospm-status");
});

test("a command of the monitor, and the event that it is waited for", async () => {
  const waits: number[] = [];
  const change = { event: "MEMORY_DEVICE_SIZE_CHANGE", data: { id: "vm0", size: 1 } };
  const target = fakeTarget((command, events) => {
    if (command === "qom-set") events.push(change, { event: "RTC_CHANGE", data: {} });
    return undefined;
  });
  target.monitor.waitFor = async (isEnough, timeoutMs) => void waits.push(isEnough(target.events) ? timeoutMs : -1);
  const driver = await Driver.start(target);
  const operands = { path: "/machine/peripheral/vm0", property: "requested-size", value: 1 };
  const until = ["MEMORY_DEVICE_SIZE_CHANGE"];
  const outcome = await driver.perform({ op: "qmp", cmd: "qom-set", args: operands, until, wait: 3 });
  expect(outcome).toEqual({ result: { return: {} }, qmp_events: [{ ...change.data, event: change.event }] });
  expect(waits).toEqual([3000]);
});

test("a device that may grow counts as large as it may get", async () => {
  const data = { id: "vm0", memaddr: 4096 * MIB, size: 0, "max-size": 1024 * MIB, node: 1 };
  const target = fakeTarget((command) =>
    command === "query-memory-devices" ? { return: [{ type: "virtio-mem", data }] } : undefined,
  );
  const driver = await Driver.start(target);
  expect(driver.dimms.get("vm0")).toEqual({ id: "vm0", addr: 4096 * MIB, size: 1024 * MIB, slot: 0 });
});
