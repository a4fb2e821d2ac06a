import { readFileSync } from "node:fs";
import { type AcpiFiles, createAcpiFiles, createAcpiViews, qemuNamespace } from "@memhp/acpi";
import { describe, expect, test } from "vitest";
import { type Bench, bench, HIGH, kernels } from "./fake-kernel.ts";

const MEM = "\\_SB_.MHPC.MP00";
const DIMM = "/sys/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:00";

async function qemu(id: string, options: Parameters<typeof bench>[2] = {}): Promise<Bench & { files: AcpiFiles }> {
  const made = bench(id, qemuNamespace(16).devices, options);
  await made.acpi.boot();
  made.kernel.since();
  return { ...made, files: createAcpiFiles(made.acpi) };
}

function read(files: AcpiFiles, path: string): string {
  const result = files.read(path);
  return result.ok ? result.value : String(result.refusal.errno);
}

async function write(files: AcpiFiles, path: string, data: string): Promise<unknown> {
  const result = await files.write(path, data);
  return result.ok ? result.value : result.refusal.errno;
}

function names(files: AcpiFiles, path: string): string[] {
  const result = files.list(path);
  return result.ok ? result.value.map(({ name }) => name) : [String(result.refusal.errno)];
}

function target(files: AcpiFiles, directory: string, name: string): string | undefined {
  const result = files.list(directory);
  return result.ok ? result.value.find((entry) => entry.name === name)?.target : undefined;
}

/** Every file below a directory as a `tree` step of a trace has it. */
function tree(files: AcpiFiles, path: string): Record<string, unknown> {
  const result = files.list(path);
  if (!result.ok) throw new Error(path);
  return Object.assign(
    {},
    ...result.value.map(({ name, kind, mode }) => {
      const below = `${path}/${name}`;
      if (kind === "dir") return { [below]: [mode.toString(8)], ...tree(files, below) };
      return { [below]: [0, mode.toString(8), read(files, below)] };
    }),
  ) as Record<string, unknown>;
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
  const { files } = await qemu(id);
  const recorded = trace(id, "x_acpi_hotplug_profile").steps.find(({ step }) => step.op === "tree");
  expect(tree(files, "/sys/firmware/acpi/hotplug")).toEqual(recorded?.result);
});

test.each(["6.1", "6.12"])("%s: memory devices are as x_firmware_memmap lists them", async (id) => {
  const { files, insert } = await qemu(id);
  await insert(MEM, HIGH, 2);
  const listing = trace(id, "x_firmware_memmap")
    .steps.map(({ result }) => (typeof result["out"] === "string" ? result["out"] : ""))
    .find((text) => text.includes("physical_node1"));
  const recorded = (listing ?? "").split("\n").filter((line) => line.startsWith("/sys/bus/acpi/devices/"));
  const ours = names(files, "/sys/bus/acpi/devices")
    .filter((name) => name.startsWith("PNP0C80"))
    .map((name) => {
      const at = `${DIMM.slice(0, -10)}${name}`;
      const [status, path, hid, uid] = ["status", "path", "hid", "uid"].map((file) =>
        read(files, `${at}/${file}`).trim(),
      );
      return `/sys/bus/acpi/devices/${name} ${status} ${path} ${hid} ${uid} ${names(files, at).join(" ")}`;
    });
  expect(ours).toEqual(recorded);
  expect(recorded).toHaveLength(16);
});

test("the bus names every device by a link; physical nodes lead to memory blocks", async () => {
  const { files, insert } = await qemu("6.1");
  await insert(MEM, HIGH, 2);
  expect(target(files, "/sys/bus/acpi/devices", "PNP0C80:00")).toBe(
    "../../../devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:00",
  );
  expect(target(files, DIMM, "physical_node1")).toBe("../../../../system/memory/memory33");
  expect(target(files, DIMM, "subsystem")).toBe("../../../../../bus/acpi");
});

test("modes: eject 0200, enabled and force_remove 0644, everything else of a device 0444 or 0644", async () => {
  const { files } = await qemu("6.1");
  const result = files.list(DIMM);
  const modes = result.ok ? Object.fromEntries(result.value.map(({ name, mode }) => [name, mode.toString(8)])) : {};
  expect(modes).toMatchObject({ eject: "200", hid: "444", path: "444", status: "444", uid: "444", uevent: "644" });
});

describe("eject (facts/kernel.md §6.6)", () => {
  test.each(["0", "x1", " 1", "\n"])("%j: EINVAL", async (data) => {
    const { files, insert } = await qemu("6.1");
    await insert(MEM, HIGH, 1);
    expect(await write(files, `${DIMM}/eject`, data)).toBe("EINVAL");
  });

  test.each(["1", "1\n", "100"])("%j: the count at once, the eject later", async (data) => {
    const { acpi, files, insert, kernel } = await qemu("6.1");
    await insert(MEM, HIGH, 1);
    kernel.since();
    expect(await write(files, `${DIMM}/eject`, data)).toBe(data.length);
    await acpi.idle();
    expect(kernel.since()).toEqual(["ost 0x3 0x84", "remove@memory32", "ost 0x103 0x0"]);
  });

  test("an empty slot has no driver: ENODEV, and no _OST", async () => {
    const { files, kernel } = await qemu("6.1");
    expect(await write(files, `${DIMM}/eject`, "1")).toBe("ENODEV");
    expect(kernel.osts).toEqual([]);
  });

  test("ejects disabled: ENODEV", async () => {
    const { files, insert } = await qemu("6.1");
    await insert(MEM, HIGH, 1);
    await write(files, "/sys/firmware/acpi/hotplug/memory/enabled", "0");
    expect(await write(files, `${DIMM}/eject`, "1")).toBe("ENODEV");
  });

  test("a write of nothing is never seen; a read is EACCES", async () => {
    const { files } = await qemu("6.1");
    expect(await write(files, `${DIMM}/eject`, "")).toBe(0);
    expect(read(files, `${DIMM}/eject`)).toBe("EACCES");
  });

  test("without _EJ0 there is no such file", async () => {
    const { files } = await qemu("6.1");
    expect(names(files, DIMM.slice(0, -11))).not.toContain("eject");
    expect(await write(files, `${DIMM.slice(0, -11)}/eject`, "1")).toBe("ENOENT");
  });
});

describe("enabled (facts/kernel.md §6.6)", () => {
  const file = "/sys/firmware/acpi/hotplug/memory/enabled";

  test.each(["0", "0\n", "+0", "000"])("%j disables", async (data) => {
    const { files } = await qemu("6.1");
    expect(await write(files, file, data)).toBe(data.length);
    expect(read(files, file)).toBe("0\n");
  });

  test.each(["2", "-1", "y", "0x0", " 0", "0 ", "1\n\n", "off"])("%j: EINVAL, and nothing changes", async (data) => {
    const { files } = await qemu("6.1");
    expect(await write(files, file, data)).toBe("EINVAL");
    expect(read(files, file)).toBe("1\n");
  });
});

describe("force_remove (facts/kernel.md §6.6)", () => {
  const file = "/sys/firmware/acpi/hotplug/force_remove";

  test("4.1: a switch", async () => {
    const { files } = await qemu("4.1");
    expect(await write(files, file, "yes")).toBe(3);
    expect(read(files, file)).toBe("1\n");
    expect(await write(files, file, "true")).toBe("EINVAL");
    expect(await write(files, file, "0")).toBe(1);
    expect(read(files, file)).toBe("0\n");
  });

  test.each(["6.1", "6.12"])("%s: reads 0, false is taken, true is EINVAL", async (id) => {
    const { files } = await qemu(id);
    expect(await write(files, file, "1")).toBe("EINVAL");
    expect(await write(files, file, "0")).toBe(1);
    expect(read(files, file)).toBe("0\n");
  });
});

describe("container (facts/kernel.md §6.5)", () => {
  const container = "/sys/devices/system/container/PNP0A06:04";

  test("a held container has a device of the same name", async () => {
    const { files } = await qemu("6.1");
    expect(names(files, container)).toEqual(["firmware_node", "online", "power", "subsystem", "uevent"]);
    expect(target(files, container, "firmware_node")).toBe("../../../LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04");
    expect(target(files, DIMM.slice(0, -11), "physical_node")).toBe("../../../system/container/PNP0A06:04");
    expect(target(files, container, "subsystem")).toBe("../../../../bus/container");
    expect(target(files, "/sys/bus/container/devices", "PNP0A06:04")).toBe(
      "../../../devices/system/container/PNP0A06:04",
    );
  });

  test("`online` takes it offline once its members are, and tells EBUSY before", async () => {
    const { files, insert, kernel } = await qemu("6.1");
    await insert(MEM, HIGH, 1);
    kernel.online(HIGH);
    expect(await write(files, `${container}/online`, "0")).toBe("EBUSY");
    kernel.blocks.set(HIGH, "offline");
    expect(await write(files, `${container}/online`, "0\n")).toBe(2);
    expect(read(files, `${container}/online`)).toBe("0\n");
    expect(await write(files, `${container}/online`, "2")).toBe("EINVAL");
  });

  test("a kernel without the container driver has none", async () => {
    const { files } = await qemu("6.1", { config: { ACPI_CONTAINER: false } });
    expect(names(files, "/sys/bus/container/devices")).toEqual([]);
    expect(names(files, "/sys/firmware/acpi/hotplug")).toContain("container");
  });
});

test("a word written to `uevent` comes out as that uevent", async () => {
  const { files, kernel } = await qemu("6.1");
  expect(await write(files, `${DIMM}/uevent`, "change\n")).toBe(7);
  expect(await write(files, `${DIMM}/uevent`, "explode")).toBe("EINVAL");
  expect(kernel.since()).toEqual(["change@PNP0C80:00"]);
  expect(read(files, `${DIMM}/uevent`)).toBe("MODALIAS=acpi:PNP0C80:\n");
});

test("what is no file says which errno", async () => {
  const { files } = await qemu("6.1");
  expect(read(files, `${DIMM}/nothing`)).toBe("ENOENT");
  expect(read(files, "/sys/kernel")).toBe("ENOENT");
  expect(read(files, `${DIMM}/hid/below`)).toBe("ENOTDIR");
  expect(read(files, `${DIMM}/power`)).toBe("EISDIR");
  expect(names(files, `${DIMM}/hid`)).toEqual(["ENOTDIR"]);
  expect(await write(files, `${DIMM}/hid`, "x")).toBe("EACCES");
  expect(await write(files, DIMM, "x")).toBe("EISDIR");
});

test.each(kernels)("%s: a write longer than a page is cut", async (id) => {
  const { files, insert, acpi } = await qemu(id);
  await insert(MEM, HIGH, 1);
  expect(await write(files, `${DIMM}/eject`, "1".repeat(5000))).toBe(4096);
  await acpi.idle();
});

test("a file tree of somebody else's gets the same facts as views", async () => {
  const { acpi, insert, kernel } = await qemu("6.1");
  await insert(MEM, HIGH, 1);
  const views = createAcpiViews(acpi);
  const dimm = views.devices().find(({ path }) => path === MEM);
  expect(dimm).toEqual({
    devpath: DIMM.slice(4),
    path: MEM,
    hid: "PNP0C80",
    uid: "0x00",
    status: 15,
    ejectable: true,
    physicalNodes: [{ id: 0, devpath: "/devices/system/memory/memory32" }],
  });
  expect(views.eject(DIMM.slice(4)).ok).toBe(true);
  await acpi.idle();
  expect(kernel.blocks.size).toBe(0);
  expect(() => views.eject("/devices/none")).toThrow(RangeError);
});
