import { configErrors, type KernelConfig } from "@memhp/abi";
import { expect, test } from "vitest";
import { kernelIds, kernelOf, withConfig } from "../../../tools/conformance/src/kernels.ts";

const config: KernelConfig = kernelOf("4.1").config;

test.for(kernelIds)("%s: the profile carries its name and a configuration that Kconfig allows", (id) => {
  const profile = kernelOf(id);
  expect(profile.id).toBe(id);
  expect(configErrors(profile.config)).toEqual([]);
});

test("4.1-nomn is 4.1 without MOVABLE_NODE and nothing else", () => {
  const { id: _id, about: _about, ...without } = kernelOf("4.1-nomn");
  const { id: _id2, about: _about2, ...switched } = withConfig(kernelOf("4.1"), { MOVABLE_NODE: false });
  expect(without).toEqual(switched);
});

test("a zone is bound when memory is added in 4.1 and when it is onlined later (facts/kernel.md §10)", () => {
  expect(kernelIds.map((id) => kernelOf(id).zoneBinding)).toEqual(["at-add", "at-add", "at-online", "at-online"]);
});

test("6.12 differs from 6.1 in just what was seen to differ (observed-6 §13; zoneinfo of a_boot_* and x_going_offline)", () => {
  const [older, newer] = [kernelOf("6.1"), kernelOf("6.12")];
  const changed = Object.keys(newer).filter(
    (key) => JSON.stringify(newer[key as keyof typeof newer]) !== JSON.stringify(older[key as keyof typeof older]),
  );
  expect(changed.toSorted()).toEqual([
    "about",
    "autoOnline",
    "config",
    "extraActions",
    "hwpoisonRefusesOnline",
    "id",
    "memmapOnMemory",
    "pagesets",
    "watermarks",
  ]);
  expect(newer.extraActions).toEqual(["MEM_PREPARE_ONLINE", "MEM_FINISH_OFFLINE"]);
});

test("a change of configuration leaves the known profiles alone", () => {
  expect(withConfig(kernelOf("4.1"), { ACPI_CONTAINER: false }).config.ACPI_CONTAINER).toBe(false);
  expect(kernelOf("4.1").config).toEqual(config);
});

test("an unknown kernel is an error that names the known ones", () => {
  expect(() => kernelOf("5.4")).toThrow('unknown kernel "5.4" (known: 4.1, 4.1-nomn, 6.1, 6.12)');
  expect(() => kernelOf("toString")).toThrow(RangeError);
});

test("an unknown switch is an error", () => {
  expect(() => kernelOf("4.1", JSON.parse('{ "HIGHMEM": true }'))).toThrow("unknown configuration switch HIGHMEM");
  expect(() => kernelOf("4.1", JSON.parse('{ "valueOf": true }'))).toThrow("unknown configuration switch valueOf");
});

test("hot-remove needs hotplug and migration, hotplug needs SPARSEMEM (facts/kernel.md §1.4)", () => {
  expect(configErrors({ ...config, MIGRATION: false })).toEqual(["MEMORY_HOTREMOVE needs MIGRATION"]);
  expect(configErrors({ ...config, SPARSEMEM: false })).toEqual(["MEMORY_HOTPLUG needs SPARSEMEM"]);
  expect(configErrors({ ...config, NUMA: false, MOVABLE_NODE: false })).toEqual([]);
  expect(() => withConfig(kernelOf("4.1"), { MEMORY_HOTPLUG: false })).toThrow(
    "impossible kernel configuration: MEMORY_HOTREMOVE needs MEMORY_HOTPLUG; ACPI_HOTPLUG_MEMORY needs MEMORY_HOTPLUG; ARCH_MEMORY_PROBE needs MEMORY_HOTPLUG",
  );
});
