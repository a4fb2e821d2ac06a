import { createNamespace, memoryOfCrs, NamespaceError, proximityOf, qemuNamespace, qemuSlotPath } from "@memhp/acpi";
import { expect, test } from "vitest";

const nested = {
  devices: [
    {
      name: "BRD0",
      _HID: "ACPI0004",
      _PXM: 3,
      children: [
        { name: "MEM0", _HID: "PNP0C80", _UID: "1" },
        { name: "MEM1", _HID: "PNP0C80", _PXM: 0 },
        { name: "IN", children: [{ name: "MEM", _HID: "PNP0C80" }] },
      ],
    },
    { name: "MEM9", _HID: "PNP0C80" },
  ],
};

test("a path is the names from the root, each padded to four characters", () => {
  const namespace = createNamespace(nested);
  expect(namespace.byPath("\\_SB.BRD0.IN.MEM")?.path).toBe("\\_SB_.BRD0.IN__.MEM_");
  expect(namespace.nodes.map(({ path }) => path).slice(0, 4)).toEqual([
    "\\",
    "\\_SB_",
    "\\_SB_.BRD0",
    "\\_SB_.BRD0.MEM0",
  ]);
  expect(namespace.byPath("\\_SB_.NONE")).toBeUndefined();
});

test("bus ids count per hardware id in namespace order, depth first", () => {
  const namespace = createNamespace(nested);
  expect(namespace.byPath("\\_SB_.BRD0.IN__.MEM_")?.busId).toBe("PNP0C80:02");
  expect(namespace.byPath("\\_SB_.MEM9")?.busId).toBe("PNP0C80:03");
  expect(namespace.byBusId("PNP0C80:01")?.path).toBe("\\_SB_.BRD0.MEM1");
  expect(namespace.byPath("\\_SB_.BRD0.IN__")?.busId).toBe("device:00");
});

test("bus ids count in hexadecimal (6.1: x_firmware_memmap lists PNP0C80:0a to :0f)", () => {
  const namespace = createNamespace(qemuNamespace(16));
  expect(namespace.byPath("\\_SB_.MHPC.MP0F")?.busId).toBe("PNP0C80:0f");
});

test("QEMU's container of memory devices is PNP0A06:04 (6.1: x_firmware_memmap, firmware_node of memory32)", () => {
  const namespace = createNamespace(qemuNamespace(16));
  expect(namespace.byPath("\\_SB_.MHPC.MP00")?.devpath).toBe("/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:00");
});

test("a board with more slots than QEMU has keeps its names apart", () => {
  const { nodes } = createNamespace(qemuNamespace(1000));
  expect(new Set(nodes.map(({ path }) => path)).size).toBe(nodes.length);
  for (const slots of [256, 1000]) {
    expect(createNamespace(qemuNamespace(slots)).byPath(qemuSlotPath(200, slots))?.busId).toBe("PNP0C80:c8");
  }
  expect(() => qemuNamespace(0)).toThrow(RangeError);
});

test("_PXM is that of the device or of its nearest ancestor (facts/kernel.md §6.1)", () => {
  const namespace = createNamespace(nested);
  const pxm = (path: string): number | undefined => proximityOf(namespace.byPath(path) ?? namespace.root);
  expect(pxm("\\_SB_.BRD0.MEM0")).toBe(3);
  expect(pxm("\\_SB_.BRD0.MEM1")).toBe(0);
  expect(pxm("\\_SB_.BRD0.IN__.MEM_")).toBe(3);
  expect(pxm("\\_SB_.MEM9")).toBeUndefined();
});

test.each([
  ["a name of five characters", { devices: [{ name: "MEM00" }] }],
  ["a name that begins with a digit", { devices: [{ name: "0MEM" }] }],
  ["the same name twice", { devices: [{ name: "MEM" }, { name: "MEM_" }] }],
  ["a hardware id of no known form", { devices: [{ name: "MEM", _HID: "memory" }] }],
  ["half a byte", { devices: [{ name: "MEM", _CRS: [{ type: "memory" as const, start: 0.5, size: 1 }] }] }],
])("a description with %s is refused", (_what, description) => {
  expect(() => createNamespace(description)).toThrow(NamespaceError);
});

test("a method's answer changes, the tree does not", () => {
  const namespace = createNamespace(nested);
  namespace.set("\\_SB_.MEM9", { _STA: 0xf });
  expect(namespace.byPath("\\_SB_.MEM9")?.methods).toEqual({ _HID: "PNP0C80", _STA: 0xf });
  expect(() => namespace.set("\\_SB_.NONE", {})).toThrow(NamespaceError);
});

const memory = { type: "memory", size: 0x1000 } as const;

test("_CRS: a memory descriptor that continues one with equal caching and write protection extends it (§6.1)", () => {
  expect(
    memoryOfCrs([
      { ...memory, start: 0 },
      { ...memory, start: 0x1000 },
    ]),
  ).toEqual([{ start: 0, size: 0x2000, caching: "cacheable", writeProtect: false }]);
});

test("_CRS: descriptors apart, differently cached or differently protected stay apart", () => {
  const ranges = memoryOfCrs([
    { ...memory, start: 0 },
    { ...memory, start: 0x2000 },
    { ...memory, start: 0x3000, caching: "non-cacheable" },
    { ...memory, start: 0x1000, writeProtect: true },
  ]);
  expect(ranges.map(({ start, size }) => [start, size])).toEqual([
    [0, 0x1000],
    [0x2000, 0x1000],
    [0x3000, 0x1000],
    [0x1000, 0x1000],
  ]);
});

test("_CRS: a descriptor is never put before the one that it touches from below", () => {
  expect(
    memoryOfCrs([
      { ...memory, start: 0x1000 },
      { ...memory, start: 0 },
    ]),
  ).toHaveLength(2);
});

test("_CRS: descriptors of other types are passed over", () => {
  expect(
    memoryOfCrs([
      { type: "io", start: 0, size: 16 },
      { type: "bus", start: 0, size: 256 },
    ]),
  ).toEqual([]);
});
