import { bootMachine, offlineOutlook, parseMachineSpec } from "@memhp/machine";
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

// Sections of 16 MiB, each with a PMD set aside for its memmap: that of 2 GiB begins 258 MiB below the end (pfn 0x6fe00).
test("pseries: which boot blocks refuse, nothing given (6.12-ppc64el: p_boot_offline)", async () => {
  const pseries = parseMachineSpec({
    arch: "ppc64",
    machine: "pseries",
    memory: "2G",
    slots: 8,
    maxmem: "16G",
    smp: 2,
  });
  const machine = await bootMachine(pseries, { kernel: "6.12" });
  const outlook = await offlineOutlook(machine, [0, 1, 2, 3, 4, 5, 6, 7]);
  expect(outlook.filter(({ refusal }) => refusal !== undefined).map(({ block }) => block)).toEqual([0, 2, 3, 6, 7]);
  await machine.close();
});
