import { type Kernel, kernelOf, kernels } from "@memhp/kernels";
import { describe, expect, test } from "vitest";

const fromSource = kernels.filter(({ source }) => source !== undefined);

/** What a source says, with the fact or the file that says so: the kernel, the rule, its value there, and before or after the change. */
const facts: readonly (readonly [
  fact: string,
  rule: string,
  kernel: string,
  value: unknown,
  other: string,
  otherValue: unknown,
])[] = [
  ["facts §10: holes refuse an offline since 5.4..5.8", "zones.holesRefuseOffline", "5.4", false, "5.10", true],
  ["facts §10: removable is constant since 5.4..5.8", "zones.removableFile", "5.4", "page-scan", "5.10", "always-1"],
  ["facts §10: EHWPOISON on online since 5.15..6.5", "zones.hwpoisonRefusesOnline", "5.15", false, "6.6", true],
  ["test_pages_in_a_zone is gone after 5.15", "zones.oneZoneCheck", "5.15", "every-page", "6.1", "zone-of-block"],
  ["facts §10: memmap_on_memory since 5.8..5.15", "add.memmapOnMemory", "5.10", "absent", "5.15", "one-block-dimm"],
  ["each block its memmap since 6.8", "add.memmapOnMemory", "6.6", "one-block-dimm", "6.8", "per-block"],
  ["facts §10: groups since 5.8..5.15", "add.groups", "5.10", false, "5.15", true],
  ["facts §10: groups since 5.8..5.15", "acpi.memoryGroups", "5.10", false, "5.15", true],
  [
    "facts §10: a check of an enumerated device is 0 since 6.5..6.12",
    "acpi.checkOfBound",
    "6.8",
    "EALREADY",
    "6.12",
    0,
  ],
  [
    "facts §3.3: MEM_PREPARE_ONLINE since 6.8",
    "hotplug.extraActions",
    "6.6",
    [],
    "6.8",
    ["MEM_PREPARE_ONLINE", "MEM_FINISH_OFFLINE"],
  ],
  [
    "include/linux/memory.h: status_change_nid_high",
    "notifier.statusChangeNids",
    "5.15",
    "normal-high-any",
    "6.1",
    "normal-any",
  ],
  ["facts §1.4: block size", "boot.x86BlockSize", "5.4", "by-end", "5.10", "2G-on-bare-metal"],
  ["mm/page_alloc.c: FPI_TO_TAIL since 5.10", "pages.placeMoved", "5.4", "head", "5.10", "tail"],
  ["mm/page_alloc.c: FPI_TO_TAIL since 5.10", "boot.memory.listsBegin", "5.4", "highest", "5.10", "lowest"],
  [
    "facts §2.6: zones for auto-online since 5.4..5.8",
    "sysfs.autoOnlineWords",
    "5.4",
    ["offline", "online"],
    "5.10",
    ["offline", "online", "online_kernel", "online_movable"],
  ],
  ["lib/kstrtox.c: t and f after 5.15", "sysfs.boolWords", "5.15", "on-off", "6.1", "kstrtobool"],
  [
    "drivers/dax/kmem.c: System RAM (kmem) since 5.8",
    "drivers.kmem.resourceName",
    "5.4",
    "System RAM",
    "5.10",
    "System RAM (kmem)",
  ],
  [
    "drivers/dax/hmem: soft-reserved memory since 5.5",
    "drivers.kmem.sources",
    "5.4",
    ["pmem"],
    "5.10",
    ["hmem", "pmem"],
  ],
  [
    "drivers/base/dd.c: bind tells what the probe said since 5.14",
    "drivers.kmem.bindTellsErrno",
    "5.10",
    false,
    "5.14",
    true,
  ],
  ["drivers/dax/bus.c: kmem is offered RAM since 6.3", "drivers.kmem.takesRam", "5.15", false, "6.6", true],
  ["drivers/dax/kmem.c: memmap_on_memory since 6.8", "drivers.kmem.memmapOnMemory", "6.6", "never", "6.8", "cxl"],
  ["drivers/virtio/virtio_mem.c since 5.8", "drivers.virtioMem", "5.4", undefined, "5.10", { removesLeftovers: false }],
  ["drivers/base/node.c: has_generic_initiator since 5.10", "sysfs.genericInitiatorFile", "5.4", false, "5.10", true],
  ["facts §8: parameters of memory_hotplug since 5.8..5.15", "sysfs.hotplugParameters", "5.10", false, "5.15", true],
  ["mm/gup.c: pins that last leave Movable since 5.13", "pages.longPinsLeaveMovable", "5.10", false, "5.14", true],
  [
    "mm/memory-failure.c: alloc_migration_target since 5.10",
    "pages.softTarget",
    "5.4",
    "new_page",
    "5.10",
    "alloc_migration_target",
  ],
  ["mm/memory-failure.c: a poisoned page", "pages.pageOffline.softPoisoned", "5.4", "EBUSY", "5.10", "done"],
  ["mm/memory-failure.c: a poisoned page", "pages.pageOffline.hardPoisoned", "5.10", "done", "5.15", "EHWPOISON"],
  ["mm/memory-failure.c: migration failed", "pages.pageOffline.softStuck", "5.10", "EIO", "5.15", "EBUSY"],
  ["mm/sparse.c: clear_hwpoisoned_pages until 5.15", "pages.removalLowersCorrupted", "5.15", true, "6.1", false],
  ["mm/page_alloc.c: min_free_kbytes at most", "watermarks.mostMinFreeKb", "5.4", 65_536, "5.10", 262_144],
  ["mm/page_alloc.c: per-cpu lists", "watermarks.pagesets", "5.10", "by-batch", "5.15", "by-watermark"],
  ["mm/page_alloc.c: per-cpu lists", "watermarks.pagesets", "6.6", "by-watermark", "6.8", "tuned"],
  ["RHEL 8: holes refuse, as later", "zones.holesRefuseOffline", "4.18", true, "5.4", false],
  ["RHEL 8: removable is constant", "zones.removableFile", "4.18", "always-1", "5.4", "page-scan"],
  ["RHEL 8: no memmap_on_memory", "add.memmapOnMemory", "4.18", "absent", "5.14", "one-block-dimm"],
  ["RHEL 8: block size", "boot.x86BlockSize", "4.18", "by-end", "5.10", "2G-on-bare-metal"],
  ["RHEL 8: kernel/sysctl.c: drop_caches 0644", "sysfs.dropCachesRead", "4.18", "last-write", "5.10", "refused"],
  ["RHEL 8: hard offline of a poisoned page", "pages.pageOffline.hardPoisoned", "4.18", "EHWPOISON", "5.10", "done"],
  [
    "RHEL 9: status_change_nid_high is gone",
    "notifier.statusChangeNids",
    "5.14",
    "normal-any",
    "5.15",
    "normal-high-any",
  ],
];

const ruleOf = (kernel: Kernel, rule: string): unknown =>
  rule.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], kernel);

test.each(facts)("%s: %s of %s", (_fact, rule, kernel, value, other, otherValue) => {
  expect(ruleOf(kernelOf(kernel), rule)).toEqual(value);
  expect(ruleOf(kernelOf(other), rule)).toEqual(otherValue);
});

describe.each(fromSource)("$id", (kernel) => {
  const { source } = kernel;

  test("nothing of it is recorded, and it says what it was read from", () => {
    expect([kernel.recordedRuns, kernel.recordedSteps]).toEqual([0, 0]);
    expect(source?.release).toMatch(/\d\.\d/);
  });

  test("just the sections that it names differ from the kernel that it is like", () => {
    const like = kernelOf(source?.like ?? "");
    const own = new Set([
      "id",
      "title",
      "version",
      "about",
      "build",
      "recordedRuns",
      "recordedSteps",
      "source",
      "recorder",
    ]);
    const differing = Object.keys(kernel).filter(
      (section) =>
        !own.has(section) &&
        JSON.stringify(kernel[section as keyof Kernel]) !== JSON.stringify(like[section as keyof Kernel]),
    );
    expect(Object.keys(source?.differs ?? {}).toSorted()).toEqual(
      expect.arrayContaining(differing.toSorted()) as string[],
    );
  });
});
