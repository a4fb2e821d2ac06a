import { dimmsOf } from "@memhp/devices";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec } from "../src/index.ts";

const MIB = 2 ** 20;
const DIMM = "/sys/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:00";
const HOTPLUG = "/sys/firmware/acpi/hotplug";

/** QEMU's board with sixteen slots, and in the first of them a DIMM of two blocks, offline. */
async function boot(kernel: string): Promise<Machine> {
  const machine = await bootMachine(
    parseMachineSpec({
      machine: "q35",
      memory: "2G",
      slots: 16,
      maxmem: "16G",
      smp: 1,
      nodes: [{ nodeid: 0, mem: "2G", cpus: "0" }],
      cmdline: "memhp_default_state=offline",
    }),
    { kernel },
  );
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 256 * MIB, node: 0 });
  return machine;
}

function read(machine: Machine, path: string): string {
  const result = machine.files.read(path);
  return result.ok ? result.value : String(result.refusal.errno);
}

function names(machine: Machine, path: string): string[] {
  const result = machine.files.list(path);
  return result.ok ? result.value : [String(result.refusal.errno)];
}

async function write(machine: Machine, path: string, data: string): Promise<unknown> {
  const { openErrno, errno, ret } = await machine.files.write(path, data);
  return openErrno === 0 && errno === 0 ? ret : openErrno === 0 ? errno : openErrno;
}

interface Trace {
  readonly steps: readonly {
    readonly step: { readonly op: string; readonly path?: string };
    readonly result: Record<string, unknown>;
  }[];
}

function trace(id: string, name: string): Trace {
  const file = new URL(`../../../tools/conformance/kernel-traces/${id}/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Trace;
}

test.each(["6.1", "6.12"])("%s: /sys/firmware/acpi/hotplug is as x_acpi_hotplug_profile has it", async (id) => {
  const machine = await boot(id);
  const tree = Object.fromEntries(
    [...machine.files.walk(HOTPLUG)].map(({ path, kind, mode }) => [
      path,
      kind === "dir" ? [mode.toString(8)] : [0, mode.toString(8), read(machine, path)],
    ]),
  );
  const recorded = trace(id, "x_acpi_hotplug_profile").steps.find(({ step }) => step.op === "tree");
  expect(tree).toEqual(recorded?.result);
});

test.each(["6.1", "6.12"])("%s: memory devices are as x_firmware_memmap lists them", async (id) => {
  const machine = await boot(id);
  const listing = trace(id, "x_firmware_memmap")
    .steps.map(({ result }) => (typeof result["out"] === "string" ? result["out"] : ""))
    .find((text) => text.includes("physical_node1"));
  const recorded = (listing ?? "").split("\n").filter((line) => line.startsWith("/sys/bus/acpi/devices/"));
  const ours = names(machine, "/sys/bus/acpi/devices")
    .filter((name) => name.startsWith("PNP0C80"))
    .map((name) => {
      const at = `/sys/bus/acpi/devices/${name}`;
      const [status, path, hid, uid] = ["status", "path", "hid", "uid"].map((file) =>
        read(machine, `${at}/${file}`).trim(),
      );
      return `${at} ${status} ${path} ${hid} ${uid} ${names(machine, at).join(" ")}`;
    });
  expect(ours).toEqual(recorded);
  expect(recorded).toHaveLength(16);
});

test("the bus names every device by a link; physical nodes lead to memory blocks", async () => {
  const { files } = await boot("6.1");
  expect(files.realpath("/sys/bus/acpi/devices/PNP0C80:00")).toMatchObject({ value: DIMM });
  expect(files.readlink(`${DIMM}/physical_node1`)).toMatchObject({ value: "../../../../system/memory/memory33" });
  expect(files.readlink(`${DIMM}/subsystem`)).toMatchObject({ value: "../../../../../bus/acpi" });
});

test("modes: eject 0200, uevent 0644, everything else of a device 0444", async () => {
  const { files } = await boot("6.1");
  const modes = Object.fromEntries([...files.walk(DIMM, 0)].map(({ path, mode }) => [path.split("/").at(-1), mode]));
  expect(modes).toMatchObject({ eject: 0o200, hid: 0o444, path: 0o444, status: 0o444, uid: 0o444, uevent: 0o644 });
});

describe("eject (facts/kernel.md §6.6)", () => {
  test.each(["0", "x1", " 1", "\n"])("%j: EINVAL", async (data) => {
    expect(await write(await boot("6.1"), `${DIMM}/eject`, data)).toBe("EINVAL");
  });

  test.each(["1", "1\n", "100"])("%j: the count at once, the eject later", async (data) => {
    const machine = await boot("6.1");
    const osts: string[] = [];
    machine.listen((event) => {
      if (event.type === "acpi_ost") osts.push(`${event.source.toString(16)} ${event.status.toString(16)}`);
    });
    expect(await write(machine, `${DIMM}/eject`, data)).toBe(data.length);
    await machine.idle();
    expect(osts).toEqual(["3 84", "103 0"]);
    expect(dimmsOf(machine).list()).toEqual([]);
  });

  test("an empty slot has no driver: ENODEV", async () => {
    expect(await write(await boot("6.1"), `${DIMM.slice(0, -1)}1/eject`, "1")).toBe("ENODEV");
  });

  test("ejects disabled: ENODEV", async () => {
    const machine = await boot("6.1");
    await write(machine, `${HOTPLUG}/memory/enabled`, "0");
    expect(await write(machine, `${DIMM}/eject`, "1")).toBe("ENODEV");
  });

  test("a write of nothing is never seen, a read is EACCES, and without _EJ0 there is no such file", async () => {
    const machine = await boot("6.1");
    expect(await write(machine, `${DIMM}/eject`, "")).toBe(0);
    expect(read(machine, `${DIMM}/eject`)).toBe("EACCES");
    expect(names(machine, DIMM.slice(0, -11))).not.toContain("eject");
    expect(await write(machine, `${DIMM.slice(0, -11)}/eject`, "1")).toBe("ENOENT");
  });
});

describe("enabled (facts/kernel.md §6.6)", () => {
  const file = `${HOTPLUG}/memory/enabled`;
  test.each(["0", "0\n", "+0", "000"])("%j disables", async (data) => {
    const machine = await boot("6.1");
    expect(await write(machine, file, data)).toBe(data.length);
    expect(read(machine, file)).toBe("0\n");
  });

  test.each(["2", "-1", "y", "0x0", " 0", "0 ", "1\n\n", "off"])("%j: EINVAL, and nothing changes", async (data) => {
    const machine = await boot("6.1");
    expect(await write(machine, file, data)).toBe("EINVAL");
    expect(read(machine, file)).toBe("1\n");
  });
});

describe("force_remove (facts/kernel.md §6.6)", () => {
  const file = `${HOTPLUG}/force_remove`;
  test("4.1: a switch", async () => {
    const machine = await boot("4.1");
    expect(await write(machine, file, "yes")).toBe(3);
    expect(read(machine, file)).toBe("1\n");
    expect(await write(machine, file, "true")).toBe("EINVAL");
    expect(await write(machine, file, "0")).toBe(1);
    expect(read(machine, file)).toBe("0\n");
  });

  test.each(["6.1", "6.12"])("%s: reads 0, false is taken, true is EINVAL", async (id) => {
    const machine = await boot(id);
    expect(await write(machine, file, "1")).toBe("EINVAL");
    expect(await write(machine, file, "0")).toBe(1);
    expect(read(machine, file)).toBe("0\n");
  });
});

test("a word written to `uevent` comes out as that uevent, and a device that is there has a module's name", async () => {
  const machine = await boot("6.1");
  const heard: string[] = [];
  machine.listen((event) => {
    if (event.type === "uevent") heard.push(`${event.action}@${event.devpath}`);
  });
  expect(await write(machine, `${DIMM}/uevent`, "change\n")).toBe(7);
  expect(await write(machine, `${DIMM}/uevent`, "explode")).toBe("EINVAL");
  expect(heard).toEqual([`change@${DIMM.slice("/sys".length)}`]);
  expect(read(machine, `${DIMM}/uevent`)).toBe("MODALIAS=acpi:PNP0C80:\n");
  expect(read(machine, `${DIMM.slice(0, -1)}1/modalias`)).toBe("");
});

test("what is no file says which errno, and a write longer than a page is cut", async () => {
  const machine = await boot("6.1");
  expect(read(machine, `${DIMM}/nothing`)).toBe("ENOENT");
  expect(read(machine, `${DIMM}/hid/below`)).toBe("ENOTDIR");
  expect(read(machine, `${DIMM}/power`)).toBe("EISDIR");
  expect(names(machine, `${DIMM}/hid`)).toEqual(["ENOTDIR"]);
  expect(await write(machine, `${DIMM}/hid`, "x")).toBe("EACCES");
  expect(await write(machine, DIMM, "x")).toBe("EISDIR");
  expect(await write(machine, `${DIMM}/eject`, "1".repeat(5000))).toBe(4096);
});
