import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { expect, test } from "vitest";

const virt = parseMachineSpec({ arch: "arm64", machine: "virt,gic-version=3", memory: "2G", slots: 4, maxmem: "8G" });

test("arm64: boot memory never goes offline, and trying again does not help (6.12-arm64: a_boot_offline)", async () => {
  const machine = await bootMachine(virt, { kernel: "6.12" });
  const offline = await machine.offline(9);
  expect(offline).toMatchObject({ ok: false, refusal: { errno: "EPERM", code: "notifier_veto", retry: "no" } });
  expect(await machine.offline(23)).toMatchObject({ ok: false, refusal: { errno: "EINVAL", code: "memory_hole" } });
  await machine.close();
});

test("a kernel that is not built for the platform is refused with those that are", async () => {
  await expect(bootMachine(virt, { kernel: "7.3" })).rejects.toThrow('machine.arch: unknown kernel "7.3" for arm64');
  await expect(bootMachine(virt, { kernel: "2.6" })).rejects.toThrow(RangeError);
});
