import { standbyOf } from "@memhp/devices";
import { expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec, snapshot, start } from "../src/index.ts";

const FIRMWARE = "/sys/firmware/memory";
const spec = (more: object = {}) => parseMachineSpec({ arch: "s390x", memory: "1G", standby: "512M", ...more });
const config = (machine: Machine, block: number) => machine.files.read(`${FIRMWARE}/memory${block}/config`);
const write = async (machine: Machine, file: string, data: string) =>
  (await machine.write(`${FIRMWARE}/${file}`, data)).errno;

// peer-programs §8: drivers/s390/char/sclp_mem.c of 6.19; from source, not recorded.
test("s390's standby memory: configured block by block, given back when offline", async () => {
  const machine = await bootMachine(spec(), { kernel: "7.2-s390x" });
  expect(
    standbyOf(machine)
      .list()
      .map(({ state }) => state === "configured"),
  ).toEqual([...Array.from({ length: 8 }, () => true), ...Array.from({ length: 4 }, () => false)]);
  expect([config(machine, 0), config(machine, 8)]).toMatchObject([{ value: "1\n" }, { value: "0\n" }]);
  expect(machine.map.blocks.has(8)).toBe(false);
  expect(await write(machine, "memory8/config", "1")).toBe(0);
  expect(machine.map.blocks.has(8)).toBe(true);
  expect(await write(machine, "memory8/config", "1")).toBe(0);
  expect(await write(machine, "memory8/config", "0")).toBe("EBUSY");
  expect(await write(machine, "memory8/config", "maybe")).toBe("EINVAL");

  // An image knows which are configured.
  const other = await start(await snapshot(machine));
  expect(config(other, 8)).toMatchObject({ value: "1\n" });
  expect(await other.offline(8)).toMatchObject({ ok: true });
  expect(await write(other, "memory8/config", "0")).toBe(0);
  expect(other.map.blocks.has(8)).toBe(false);
  expect(await other.pages.audit()).toEqual([]);
  await other.close();
  await machine.close();
});

test("struct pages on the block itself: before it is configured, and where the kernel does that", async () => {
  const without = await bootMachine(spec(), { kernel: "7.2-s390x" });
  expect(await write(without, "memory8/memmap_on_memory", "1")).toBe("EOPNOTSUPP");
  const machine = await bootMachine(spec({ cmdline: "memory_hotplug.memmap_on_memory=1" }), { kernel: "7.2-s390x" });
  expect(await write(machine, "memory8/memmap_on_memory", "1")).toBe(0);
  expect(await write(machine, "memory8/config", "1")).toBe(0);
  expect(await write(machine, "memory8/memmap_on_memory", "0")).toBe("EBUSY");
  // 32,768 pages of 64 bytes of struct page are 512 pages.
  expect(machine.map.blocks.altmapPages(8)).toBe(512);
});

test("who else asks for standby memory is told where there is some", async () => {
  const asked = parseMachineSpec({ memory: "1G", standby: "512M" });
  await expect(bootMachine(asked, { kernel: "6.12" })).rejects.toThrow("machine.standby: only s390x");
  await expect(bootMachine(spec({ standby: "100M" }), { kernel: "7.2-s390x" })).rejects.toThrow("whole blocks");
  // QEMU has none (7.2-s390x/s_boot).
  const none = await bootMachine(spec({ standby: undefined }), { kernel: "7.2-s390x" });
  expect(none.files.read(`${FIRMWARE}/memory0/config`)).toMatchObject({ ok: false });
});
