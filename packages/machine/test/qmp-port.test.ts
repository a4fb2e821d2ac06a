import { dimmsOf } from "@memhp/devices";
import { createQmpSession } from "@memhp/qmp";
import { expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec, qmpPortOf, Task } from "../src/index.ts";

const MIB = 2 ** 20;

interface Answer {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
  readonly data?: unknown;
}

/** A machine of two nodes, and what its monitor says. */
async function monitor(kernel: string, more: object = {}): Promise<{ machine: Machine; ask: Ask; told: Answer[] }> {
  const machine = await bootMachine(
    parseMachineSpec({
      machine: "q35",
      memory: "2G",
      slots: 4,
      maxmem: "8G",
      smp: 1,
      nodes: [
        { nodeid: 0, mem: "1G", cpus: "0" },
        { nodeid: 1, mem: "1G" },
      ],
      cmdline: "memhp_default_state=offline",
      ...more,
    }),
    { kernel },
  );
  const told: Answer[] = [];
  const waiting: ((answer: Answer) => void)[] = [];
  const session = createQmpSession(qmpPortOf(machine), {
    send(line) {
      const answer = JSON.parse(line) as Answer;
      if (answer.event !== undefined) told.push(answer);
      else waiting.shift()?.(answer);
    },
  });
  const ask: Ask = async (execute, args = {}) => {
    const answer = await new Promise<Answer>((resolve) => {
      waiting.push(resolve);
      session.receive(JSON.stringify({ execute, arguments: args }));
    });
    // The answer does not wait for the guest; these tests do.
    if (execute === "device_add" && answer.error === undefined) await machine.wait(1e9);
    return answer.error?.desc ?? answer.return;
  };
  await ask("qmp_capabilities");
  return { machine, ask, told };
}
type Ask = (execute: string, args?: object) => Promise<unknown>;

const backend = (id: string): object => ({ "qom-type": "memory-backend-ram", id, size: 128 * MIB });

test.each(["4.1", "6.12"])(
  "%s: a DIMM without an id goes by its path (QEMU: a device without an id)",
  async (kernel) => {
    const { machine, ask, told } = await monitor(kernel);
    await ask("object-add", backend("m0"));
    expect(await ask("device_add", { driver: "pc-dimm", slot: 99, memdev: "m0" })).toBe(
      "invalid slot number 99, valid range is [0-3]",
    );
    expect(await ask("device_add", { driver: "pc-dimm", memdev: "m0" })).toEqual({});
    expect(await ask("query-memory-devices")).toEqual([
      {
        type: "dimm",
        data: {
          memdev: "/objects/m0",
          addr: 2 ** 32,
          size: 128 * MIB,
          slot: 0,
          node: 0,
          hotplugged: true,
          hotpluggable: true,
        },
      },
    ]);
    expect(((await ask("query-acpi-ospm-status")) as object[])[0]).toEqual({
      slot: "0",
      "slot-type": "DIMM",
      source: 1,
      status: 0,
    });
    expect([...machine.map.blocks.ids()]).toContain(32);
    expect(await ask("device_del", { id: "/machine/peripheral-anon/device[0]" })).toBe(
      "Device '/machine/peripheral-anon/device[0]' not found",
    );
    expect(await ask("device_del", { id: "/machine/peripheral-anon/device[1]" })).toEqual({});
    await machine.wait(1e9);
    expect(told.map(({ event, data }) => [event, data])).toEqual([
      ["ACPI_DEVICE_OST", { info: { slot: "0", "slot-type": "DIMM", source: 1, status: 0 } }],
      ["ACPI_DEVICE_OST", { info: { slot: "0", "slot-type": "DIMM", source: 3, status: 0x84 } }],
      ["DEVICE_DELETED", { path: "/machine/peripheral-anon/device[1]" }],
      ["ACPI_DEVICE_OST", { info: { slot: "0", "slot-type": "DIMM", source: 3, status: 0 } }],
    ]);
    expect(await ask("object-del", { id: "m0" })).toEqual({});
  },
);

test("the slot is judged even before the backend, and an address to its last bit", async () => {
  const { ask } = await monitor("6.12");
  expect(await ask("device_add", { driver: "pc-dimm", id: "d", slot: 4 })).toBe(
    "invalid slot number 4, valid range is [0-3]",
  );
  expect(await ask("device_add", { driver: "pc-dimm", id: "d" })).toBe("'memdev' property must be set");
  await ask("object-add", backend("m0"));
  const at = (addr: string): Promise<unknown> => ask("device_add", { driver: "pc-dimm", id: "d", memdev: "m0", addr });
  expect(await at("0xffffffffffffffff")).toBe("address must be aligned to 0x200000 bytes");
  expect(await at("0xffffffffffe00000")).toBe(
    "can't add memory device [0xffffffffffe00000:0x8000000], usable range for memory devices [0x100000000:0x280000000]",
  );
});

test("a board without slots says so in QEMU's words (-m 2G,slots=0,maxmem=4G)", async () => {
  const { ask } = await monitor("6.12", { slots: 0, maxmem: "4G" });
  await ask("object-add", backend("m0"));
  expect(await ask("device_add", { driver: "pc-dimm", id: "d", memdev: "m0", slot: 1 })).toBe(
    "invalid slot number 1, valid range is [0-18446744073709551615]",
  );
  expect(await ask("device_add", { driver: "pc-dimm", id: "d", memdev: "m0" })).toBe(
    "no slots where allocated, please specify the 'slots' option",
  );
  expect(((await ask("query-acpi-ospm-status")) as { "slot-type": string }[]).map((s) => s["slot-type"])).toEqual([
    "CPU",
  ]);
});

test("what a DIMM's arrival or eject ends in behind the answer is never swallowed", async () => {
  const { machine } = await monitor("6.12");
  await dimmsOf(machine).insert({ id: "d0", memdev: "m", sizeBytes: 128 * MIB, node: 0 });
  const bugs: unknown[] = [];
  const dimms = dimmsOf(machine);
  const port = qmpPortOf(machine, { onBug: (bug) => bugs.push(bug) });
  const breaks = (what: string): Task<never> =>
    new Task({ name: what, hasEnded: true, hasHadLock: true }, (_, reject) => reject(new Error(`the ${what} broke`)));
  dimms.eject = () => breaks("eject");
  dimms.arrive = () => breaks("arrival");
  expect(port.deviceDel("d0")).toEqual({ ok: true, value: undefined });
  await port.objectAdd({ id: "m1", sizeBytes: 128n * 2n ** 20n });
  expect(port.deviceAdd({ id: "d1", path: "/machine/peripheral/d1", memdev: "m1", node: 0 })).toMatchObject({
    ok: true,
  });
  await machine.wait(1e9);
  expect(bugs.map(String)).toEqual(["Error: the eject broke", "Error: the arrival broke"]);
});

test("virtio-mem by the monitor alone: comes on a root port, goes once nothing is plugged, as its QEMU allows", async () => {
  const ports = { extra: ["-device", "pcie-root-port,id=rp0,chassis=1,slot=1"] };
  const add = { driver: "virtio-mem-pci", id: "va", memdev: "m0", bus: "rp0", "requested-size": 128 * MIB };
  const query = async (ask: Ask): Promise<unknown> => await ask("query-memory-devices");
  // 7.3-qemu11: v_hotplug_device, v_dynamic_memslots.
  const { machine, ask, told } = await monitor("7.3", { ...ports, qemu: "11.1" });
  await ask("object-add", backend("m0"));
  await machine.loadModule("virtio_mem");
  expect(await ask("device_add", { ...add, bus: undefined })).toBe("Bus 'pcie.0' does not support hotplugging");
  expect(await ask("device_add", { ...add, memdev: "m9" })).toBe("Device 'm9' not found");
  expect(await ask("device_add", { ...add, "block-size": "3M" })).toContain("power of two");
  expect(await ask("device_add", { ...add, node: 1, "dynamic-memslots": true })).toEqual({});
  expect(await query(ask)).toMatchObject([{ data: { id: "va", size: 128 * MIB, node: 1, memdev: "/objects/m0" } }]);
  expect(await ask("device_del", { id: "va" })).toBe(
    "virtio-mem device cannot get unplugged while some of its memory is still plugged",
  );
  expect(await ask("object-del", { id: "m0" })).toContain("in use");
  // A word that is missing is no 0, which would unplug all.
  expect(await ask("qom-set", { path: "va", property: "requested-size" })).toBe("Parameter 'value' is missing");
  await ask("qom-set", { path: "/machine/peripheral/va", property: "requested-size", value: 0 });
  await machine.idle();
  expect(await Promise.all([ask("device_del", { id: "va" }), ask("device_del", { id: "va" })])).toEqual([
    {},
    "Device va is already in the process of unplug",
  ]);
  await machine.idle();
  expect(await query(ask)).toEqual([]);
  expect(told.filter(({ event }) => event === "DEVICE_DELETED").map(({ data }) => data)).toEqual([
    { path: "/machine/peripheral/va/virtio-backend" },
    { device: "va", path: "/machine/peripheral/va" },
  ]);
  expect(machine.files.read("/proc/iomem")).not.toMatchObject({ value: expect.stringContaining("virtio0") });
  expect(await ask("object-del", { id: "m0" })).toEqual({});

  // 7.3-vmem: v_hotplug_device.
  const old = await monitor("7.3", ports);
  await old.ask("object-add", backend("m0"));
  expect(await old.ask("device_add", { ...add, "dynamic-memslots": true })).toContain("not found");
  expect(await old.ask("device_add", add)).toEqual({});
  expect(await old.ask("device_del", { id: "va" })).toBe("virtio based memory devices cannot be unplugged.");
});
