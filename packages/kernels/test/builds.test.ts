import { builds, configErrors, kernelFor, kernelNames, kernelOf, kernels } from "@memhp/kernels";
import { expect, test } from "vitest";

test.for(builds)("$id: plain data, found by its name, in a configuration that Kconfig allows", (kernel) => {
  expect(kernelOf(kernel.id)).toBe(kernel);
  expect(configErrors(kernel)).toEqual([]);
  expect(structuredClone(kernel)).toEqual(kernel);
});

test("no two kernels and builds have the same name", () => {
  const ids = [...kernels, ...builds].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a kernel's name and the platform choose the build, the flavour where there are several", () => {
  expect(kernelFor("6.12", "x86_64").id).toBe("6.12");
  expect(kernelFor("6.12", "arm64").id).toBe("6.12-arm64");
  expect(kernelFor("6.12", "arm64", "arm64-acpimem").id).toBe("6.12-arm64-acpimem");
  expect(kernelFor("6.12-arm64", "arm64").id).toBe("6.12-arm64");
  expect(kernelNames()).toContain("7.2");
});

test("a kernel that is not built for a platform is refused with those that are", () => {
  expect(() => kernelFor("4.1", "arm64")).toThrow(
    'unknown kernel "4.1" for arm64 (known: 6.12 (arm64), 6.12 (arm64-acpimem), 6.12 (arm64-16k), 6.12 (arm64-64k), 7.2 (arm64))',
  );
  expect(() => kernelFor("7.2", "x86_64")).toThrow(/^unknown kernel "7.2" \(known: 4.1, 4.1-nomn, 4.18, .*, 7.3\)$/);
});

test("Debian's arm64 kernels do not serve PNP0C80, a build with ACPI_HOTPLUG_MEMORY does (observed-newer §4)", () => {
  expect(
    builds.filter(({ build, config }) => build?.platform === "arm64" && config.ACPI_HOTPLUG_MEMORY).map(({ id }) => id),
  ).toEqual(["6.12-arm64-acpimem"]);
});

test("a flavour that nobody has is told in one line", () => {
  expect(() => kernelFor("6.12", "arm64", "0\n")).toThrow(String.raw`unknown kernel "6.12" ("0\n") for arm64`);
});
