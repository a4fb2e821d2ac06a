import { configErrors, type Kernel, kernelOf, kernels } from "@memhp/kernels";
import { expect, test } from "vitest";

test.for(kernels)("$id: plain data, found by its name, in a configuration that Kconfig allows", (kernel) => {
  expect(kernelOf(kernel.id)).toBe(kernel);
  expect(configErrors(kernel)).toEqual([]);
  expect(JSON.parse(JSON.stringify(kernel))).toEqual(kernel);
  expect(structuredClone(kernel)).toEqual(kernel);
});

test("no two kernels have the same name", () => {
  expect(new Set(kernels.map(({ id }) => id)).size).toBe(kernels.length);
  expect(new Set(kernels.map(({ title }) => title)).size).toBe(kernels.length);
});

test("4.1-nomn is 4.1 without MOVABLE_NODE and nothing else", () => {
  const names = { id: "", title: "", about: "", recordedRuns: 0, recordedSteps: 0 };
  expect({ ...kernelOf("4.1-nomn"), ...names }).toEqual({
    ...kernelOf("4.1"),
    config: { ...kernelOf("4.1").config, MOVABLE_NODE: false },
    ...names,
  });
});

test("a zone is bound when memory is added in 4.1 and when it is onlined later (facts/kernel.md §10)", () => {
  expect(kernels.filter(({ zones }) => zones.zoneBinding === "at-add").map(({ id }) => id)).toEqual([
    "4.1",
    "4.1-nomn",
  ]);
});

test("Movable is migrate type 2 in 4.1 and 1 in 6.x (facts/kernel.md §11.19)", () => {
  const place = (id: string): number => kernelOf(id).sysfs.pagetypeinfo.rows.indexOf("Movable");
  expect([place("4.1"), place("6.1"), place("6.12")]).toEqual([2, 1, 1]);
});

test("6.12 differs from 6.1 in just what was seen to differ (observed-6 §13; zoneinfo of a_boot_* and x_going_offline; idle hosts)", () => {
  expect(differences(kernelOf("6.1"), kernelOf("6.12"))).toEqual([
    "acpi.driverLeaves",
    "acpi.scan",
    "add.memmapOnMemory",
    // The image of 6.12 is smaller (reserved pages of the idle hosts).
    "boot.memory",
    "capture.acrossEnd",
    "capture.since",
    "config.CRASH_HOTPLUG",
    "config.defaultOnlineType",
    // From the drivers' source.
    "drivers.kmem",
    "drivers.virtioMem",
    "hotplug.extraActions",
    "pageFlags.flags",
    "pageFlags.tail",
    "pages.removalLowersCorrupted",
    // Since 6.10, from source; recorded on ppc64 alone.
    "pages.unisolateSplits",
    "recorder.unwrittenDefaultState",
    // 6.12-qemu11/a_boot_2node looks into `power`; of 6.1 no recording does.
    "sysfs.powerFiles",
    "text.meminfo",
    "text.nodeCounters",
    "text.nodeDirectories",
    "text.nodeMeminfo",
    "text.nodeMeminfoNarrow",
    "text.vmEvents",
    "text.zoneCounters",
    "text.zoneRows",
    "watermarks.movable",
    "watermarks.pagesets",
    "zones.hwpoisonRefusesOnline",
  ]);
  expect(kernelOf("6.12").hotplug.extraActions).toEqual(["MEM_PREPARE_ONLINE", "MEM_FINISH_OFFLINE"]);
});

/** Rules of all sections that differ. */
function differences(one: Kernel, other: Kernel): string[] {
  return Object.entries(one)
    .flatMap(([section, rules]) => {
      if (typeof rules !== "object" || section === "version" || section === "kconfig") return [];
      const others = other[section as keyof Kernel] as unknown as Record<string, unknown>;
      const changed = (name: string) =>
        JSON.stringify((rules as Record<string, unknown>)[name]) !== JSON.stringify(others[name]);
      return Object.keys(others)
        .filter(changed)
        .map((name) => `${section}.${name}`);
    })
    .toSorted();
}

test("an unknown kernel is an error that names the known ones, of memhp or of the caller", () => {
  expect(() => kernelOf("6.2")).toThrow(
    'unknown kernel "6.2" (known: 4.1, 4.1-nomn, 4.18, 5.4, 5.10, 5.14, 5.15, 6.1, 6.6, 6.8, 6.12, 7.3)',
  );
  expect(() => kernelOf("toString")).toThrow(RangeError);
  const own = { ...kernelOf("6.12"), id: "mine" };
  expect(kernelOf("mine", [own])).toBe(own);
  expect(() => kernelOf("6.12", [own])).toThrow('unknown kernel "6.12" (known: mine)');
});
