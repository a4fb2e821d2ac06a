import { describe, expect, test } from "vitest";
import { createTree } from "../src/index.ts";
import { type FakeOptions, fakePort, nodeView } from "./fake-port.ts";
import { errnoOf, valueOf } from "./result.ts";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";

const MEMORY = "/sys/devices/system/memory";
const NODE = "/sys/devices/system/node";

function treeOf(kernel: string, config: FakeOptions["config"] = {}) {
  return createTree(
    fakePort({ kernel, config, blocks: [{ id: 8 }], nodes: [nodeView(0, { cpus: [0], blocks: [8] })] }),
  );
}

/** Kernels on which a path exists. */
function kernelsWith(path: string): string[] {
  return kernelIds.filter((kernel) => treeOf(kernel).stat(path).ok);
}

test.each([
  ["auto_online_blocks", ["6.1", "6.12", "7.3"]],
  ["probe", ["4.1", "4.1-nomn"]],
  ["crash_hotplug", ["6.12", "7.3"]],
  ["soft_offline_page", ["4.1", "4.1-nomn", "6.1", "6.12", "7.3"]],
])("%s is there on %j", (file, kernels) => expect(kernelsWith(`${MEMORY}/${file}`)).toEqual(kernels));

test.each([
  ["has_memory", ["4.1", "6.1", "6.12", "7.3"]],
  ["has_generic_initiator", ["6.1", "6.12", "7.3"]],
  ["node0/x86", ["6.1", "6.12", "7.3"]],
  ["node0/memory_failure", ["6.12", "7.3"]],
  ["node0/reclaim", ["7.3"]],
])("node/%s is there on %j", (file, kernels) => expect(kernelsWith(`${NODE}/${file}`)).toEqual(kernels));

test("4.1 has no module parameters", () => {
  expect(kernelsWith("/sys/module/memory_hotplug/parameters")).toEqual(["6.1", "6.12", "7.3"]);
});

describe("a configuration switch that is off", () => {
  test("MEMORY_HOTREMOVE: no valid_zones, and nothing is removable", () => {
    const tree = treeOf("4.1", { MEMORY_HOTREMOVE: false });
    expect(errnoOf(tree.stat(`${MEMORY}/memory8/valid_zones`))).toBe("ENOENT");
    expect(valueOf(tree.read(`${MEMORY}/memory8/removable`))).toBe("0\n");
  });
  test("ARCH_MEMORY_PROBE: no probe", () => {
    expect(errnoOf(treeOf("4.1", { ARCH_MEMORY_PROBE: false }).read(`${MEMORY}/probe`))).toBe("ENOENT");
  });
  test("MEMORY_FAILURE: no *_offline_page, and no HardwareCorrupted", () => {
    const tree = treeOf("6.1", { MEMORY_FAILURE: false });
    expect(valueOf(tree.list(MEMORY)).filter((name) => name.endsWith("_page"))).toEqual([]);
    expect(valueOf(tree.read("/proc/meminfo"))).not.toContain("HardwareCorrupted");
  });
  test("NUMA: no nodes and no links to them", () => {
    const tree = treeOf("6.1", { NUMA: false });
    expect(errnoOf(tree.stat(NODE))).toBe("ENOENT");
    expect(errnoOf(tree.stat(`${MEMORY}/memory8/node0`))).toBe("ENOENT");
    expect(errnoOf(tree.list("/sys/bus/node"))).toBe("ENOENT");
  });
  test("MEMORY_HOTPLUG: no memory directory at all", () => {
    const off = {
      MEMORY_HOTPLUG: false,
      MEMORY_HOTREMOVE: false,
      ACPI_HOTPLUG_MEMORY: false,
      ARCH_MEMORY_PROBE: false,
    };
    expect(errnoOf(treeOf("4.1", off).list(MEMORY))).toBe("ENOENT");
  });
});

test("the error injection's files come with its module", () => {
  const port = fakePort({ kernel: "6.1" });
  const tree = createTree(port);
  expect(valueOf(tree.list("/sys/kernel/debug"))).toEqual([]);
  void port.writeInjection("MEM_GOING_ONLINE", "-12\n");
  const file = "/sys/kernel/debug/notifier-error-inject/memory/actions/MEM_GOING_ONLINE/error";
  expect(valueOf(tree.stat(file)).mode).toBe(0o600);
  expect(valueOf(tree.read(file))).toBe("-12\n");
});

test("has_cpu reads empty on 4.1 and names nodes later (observed-4.1 §1)", () => {
  expect(valueOf(treeOf("4.1").read(`${NODE}/has_cpu`))).toBe("\n");
  expect(valueOf(treeOf("6.1").read(`${NODE}/has_cpu`))).toBe("0\n");
});

test("a node that is not online has no directory", () => {
  expect(errnoOf(treeOf("6.1").stat(`${NODE}/node1`))).toBe("ENOENT");
});
