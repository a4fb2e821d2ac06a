import { kernelFor, kernelOf, switchesOf, withConfig } from "@memhp/kernels";
import { expect, test } from "vitest";

const configured = (id: string, asked: Readonly<Record<string, boolean>>) => withConfig(kernelOf(id), asked).configured;

test("what needs a switch goes with it (mm/Kconfig, drivers/acpi/Kconfig of 4.1.3 and 7.1.5)", () => {
  expect(configured("4.1", { MEMORY_HOTPLUG: false })).toEqual({
    MEMORY_HOTPLUG: false,
    MEMORY_HOTREMOVE: false,
    ACPI_HOTPLUG_MEMORY: false,
    ARCH_MEMORY_PROBE: false,
    MEMORY_NOTIFIER_ERROR_INJECT: false,
  });
  expect(configured("4.1", { NUMA: false })).toEqual({ NUMA: false, MOVABLE_NODE: false });
  expect(configured("6.12", { MIGRATION: false })).toEqual({
    MIGRATION: false,
    MEMORY_HOTREMOVE: false,
    COMPACTION: false,
    TRANSPARENT_HUGEPAGE: false,
  });
});

test("CONFIG_ may stand before a name, a symbol that follows another sets that, and what is so already changes nothing", () => {
  expect(configured("6.12", { CONFIG_HUGETLB_PAGE: false })).toEqual({ HUGETLBFS: false });
  expect(configured("6.12", { MEMORY_HOTREMOVE: true })).toBeUndefined();
  expect(withConfig(kernelOf("6.12"), {})).toEqual(kernelOf("6.12"));
});

test("what a configuration came to, asked for again, comes to the same", () => {
  for (const asked of [{ MEMORY_HOTPLUG: false }, { MIGRATION: false }, { NUMA: false }]) {
    const kernel = withConfig(kernelOf("6.12"), asked);
    expect(withConfig(kernelOf("6.12"), kernel.configured ?? {})).toEqual(kernel);
  }
});

test("a switch that a kernel does not have is refused with those that it has", () => {
  expect(() => configured("6.12", { MOVABLE_NODE: false })).toThrow(
    /^config\.MOVABLE_NODE: 6\.12 has no such switch \(allowed: SPARSEMEM, MEMORY_HOTPLUG, /,
  );
  expect(() => configured("4.1", { valueOf: true })).toThrow("config.valueOf: 4.1 has no such switch");
  expect(() => configured("4.1", { MEMORY_HOTPLUG_DEFAULT_ONLINE: true })).toThrow("4.1 has no such switch");
  expect(() => configured("6.1", { CRASH_HOTPLUG: false })).toThrow("6.1 has no such switch");
});

test("what Kconfig does not leave to anybody is refused, and says why", () => {
  expect(() => configured("4.1", { SPARSEMEM: false })).toThrow(
    "config.SPARSEMEM: is y in 4.1, and nothing else is allowed: x86_64 has no other memory model",
  );
  expect(() => configured("7.3", { MIGRATION: false })).toThrow("it has no prompt");
  expect(() => configured("6.12-ppc64el", { ARCH_MEMORY_PROBE: false })).toThrow("powerpc builds it");
});

test("a switch that is asked for without what it needs is refused with what is allowed", () => {
  expect(() => configured("4.1", { MEMORY_HOTREMOVE: true, MIGRATION: false })).toThrow(
    "config.MEMORY_HOTREMOVE: needs MIGRATION, which is off (allowed: n, or MIGRATION=y with it)",
  );
  expect(configured("6.12-arm64", { ACPI_HOTPLUG_MEMORY: true })).toEqual({ ACPI_HOTPLUG_MEMORY: true });
  expect(() => configured("6.12-arm64", { ACPI_HOTPLUG_MEMORY: true, MEMORY_HOTPLUG: false })).toThrow("needs");
});

test("the online type of added memory: a switch until 6.13, a choice since (observed-newer §1 6)", () => {
  const type = (id: string, asked: Readonly<Record<string, boolean>>) =>
    withConfig(kernelOf(id), asked).config.defaultOnlineType;
  expect(type("6.1", { MEMORY_HOTPLUG_DEFAULT_ONLINE: true })).toBe("online");
  expect(type("6.12", { MEMORY_HOTPLUG_DEFAULT_ONLINE: false })).toBe("offline");
  expect(type("7.3", { MHP_DEFAULT_ONLINE_TYPE_ONLINE_MOVABLE: true })).toBe("online_movable");
  expect(configured("7.3", { MHP_DEFAULT_ONLINE_TYPE_OFFLINE: true })).toEqual({
    MHP_DEFAULT_ONLINE_TYPE_OFFLINE: true,
    MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO: false,
  });
  expect(() => type("7.3", { MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO: false })).toThrow(
    "one of a choice is on; set another (allowed: MHP_DEFAULT_ONLINE_TYPE_OFFLINE=y,",
  );
  expect(() =>
    type("7.3", { MHP_DEFAULT_ONLINE_TYPE_OFFLINE: true, MHP_DEFAULT_ONLINE_TYPE_ONLINE_KERNEL: true }),
  ).toThrow("they are one choice");
});

test("architectures have their own switches (arch/arm64/Kconfig, arch/powerpc/Kconfig of 7.1.5)", () => {
  const names = (platform: string): string[] => switchesOf(kernelFor("7.2", platform)).map(({ name }) => name);
  expect(names("arm64")).not.toContain("ARCH_MEMORY_PROBE");
  expect(names("arm64")).toContain("ACPI_HOTPLUG_MEMORY");
  expect(names("ppc64")).not.toContain("ACPI_HOTPLUG_MEMORY");
  expect(configured("7.2-ppc64el", { SPARSEMEM: false })).toMatchObject({ NUMA: false, MEMORY_HOTPLUG: false });
});

test("a switch under two names that contradict each other is refused", () => {
  expect(() => configured("6.12", { MEMORY_HOTREMOVE: false, CONFIG_MEMORY_HOTREMOVE: true })).toThrow(
    "config.CONFIG_MEMORY_HOTREMOVE: MEMORY_HOTREMOVE is asked for, and it is not (allowed: one of them)",
  );
  expect(() => configured("6.12", { HUGETLBFS: false, HUGETLB_PAGE: true })).toThrow(
    "config.HUGETLB_PAGE: HUGETLBFS is",
  );
});

test("the known kernels stay as they are", () => {
  withConfig(kernelOf("4.1"), { ACPI_CONTAINER: false });
  expect(kernelOf("4.1").config.ACPI_CONTAINER).toBe(true);
});
