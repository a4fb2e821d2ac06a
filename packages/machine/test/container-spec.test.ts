import { container, Containers, type ContainerSpec, DimmSlots, dimmsOf } from "@memhp/devices";
import { expect, test } from "vitest";
import { bootMachine, deviceWindow, layOutBoard, parseBootOptions, parseMachineSpec, SpecError } from "../src/index.ts";
import { kernelOf } from "@memhp/kernels";
import { platformOf } from "@memhp/platforms";

const x86_64 = platformOf("x86_64");

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const oneNode = { memory: "2G", nodes: [{ nodeid: 0, mem: "2G", cpus: "0" }], slots: 4, maxmem: "4G", smp: 1 };
const withContainers = (...containers: unknown[]): ReturnType<typeof parseMachineSpec> =>
  parseMachineSpec({ ...oneNode, containers });
const containersIn = (spec: ReturnType<typeof parseMachineSpec>): readonly ContainerSpec[] =>
  spec.devices[container.id] as readonly ContainerSpec[];
const board = (spec: ReturnType<typeof parseMachineSpec>): ReturnType<typeof layOutBoard> =>
  layOutBoard(kernelOf("6.1"), x86_64, spec, parseBootOptions(""));

test("a container is ACPI0004, absent and of no node of its own unless it says so", () => {
  expect(containersIn(withContainers({ id: "c0" }))).toEqual([
    { id: "c0", hid: "ACPI0004", present: false, memory: [], containers: [] },
  ]);
});

test("the short form takes containers too, and what is in a container that is there is there", () => {
  const spec = parseMachineSpec({
    nodes: { count: 2, memory: "2G" },
    containers: [
      {
        id: "c0",
        hid: "PNP0A05",
        uid: "7",
        node: 2,
        present: true,
        memory: [{ id: "m0", size: "1G", addr: "0x200000000" }],
        containers: [{ id: "c1", node: 3 }],
      },
    ],
  });
  expect(containersIn(spec)).toEqual([
    {
      id: "c0",
      hid: "PNP0A05",
      uid: "7",
      node: 2,
      present: true,
      memory: [{ id: "m0", sizeBytes: GIB, addr: 8 * GIB }],
      containers: [{ id: "c1", hid: "ACPI0004", node: 3, present: true, memory: [], containers: [] }],
    },
  ]);
});

test("a node that only a container brings is possible from boot on, and in the firmware's distances", () => {
  const rows = [
    [10, 40],
    [40, 10],
  ];
  const spec = parseMachineSpec({ ...oneNode, distances: rows, containers: [{ id: "c0", node: 1 }] });
  expect(board(spec).possibleNodes).toEqual([0, 1]);
  expect(spec.distances).toEqual(rows);
  expect(() => parseMachineSpec({ ...oneNode, distances: rows })).toThrow(/one row for each of the 1 nodes/);
});

test("a listed node without memory and processors becomes possible by a container of its own", () => {
  const nodes = [...oneNode.nodes, { nodeid: 1 }, { nodeid: 2 }];
  const possible = (containers: unknown[]): readonly number[] =>
    board(parseMachineSpec({ ...oneNode, nodes, maxmem: "2G", containers })).possibleNodes;
  expect(possible([])).toEqual([0]);
  expect(possible([{ id: "c0", node: 1 }])).toEqual([0, 1]);
});

test("memory of containers lies at the end of the window for memory devices; DIMMs lie where they would without", async () => {
  const containers = [
    {
      id: "c0",
      memory: [{ id: "m0", size: "512M" }],
      containers: [{ id: "c1", memory: [{ id: "m1", size: "256M" }] }],
    },
  ];
  const spec = withContainers(...containers);
  const end = deviceWindow(x86_64, spec).end;
  expect(new Containers(containersIn(spec), deviceWindow(x86_64, spec)).memory()).toEqual([
    { id: "m0", addr: end - 768 * MIB, sizeBytes: 512 * MIB },
    { id: "m1", addr: end - 256 * MIB, sizeBytes: 256 * MIB },
  ]);
  expect((end - 768 * MIB) % (2 * GIB)).toBe(0);
  const machine = await bootMachine(spec, { kernel: "6.1" });
  expect(await dimmsOf(machine).insert({ id: "d0", memdev: "x", sizeBytes: GIB, node: 0 })).toMatchObject({
    ok: true,
    value: { addr: deviceWindow(x86_64, spec).start },
  });
});

test("DIMMs go around memory that may come in a container, there or not, and cannot have its name", () => {
  const spec = withContainers({ id: "c0", memory: [{ id: "m0", size: "1G", addr: 4 * GIB + 512 * MIB }] });
  const window = deviceWindow(x86_64, spec);
  const containers = new Containers(containersIn(spec), window);
  const others = { has: (id: string) => containers.has(id), reserved: () => containers.memory() };
  const slots = new DimmSlots({ window, slots: 4, nodes: 1, roomBytes: 4 * GIB }, others);
  const plug = (id: string, sizeBytes: number, addr?: number): unknown => {
    const plugged = slots.plug({ id, memdev: id, sizeBytes, node: 0, ...(addr === undefined ? {} : { addr }) }, true);
    return plugged.ok ? plugged.value.addr : plugged.refusal.desc;
  };
  expect(plug("d0", GIB)).toBe(5 * GIB + 512 * MIB);
  expect(plug("d1", 512 * MIB)).toBe(4 * GIB);
  expect(plug("d2", 512 * MIB, 5 * GIB)).toBe("address range conflicts with memory device id='m0'");
  expect(plug("m0", 512 * MIB)).toBe("Duplicate device ID 'm0'");
  expect(plug("c0", 512 * MIB)).toBe("Duplicate device ID 'c0'");
});

const memory = (more: object): object => ({ id: "c0", memory: [{ id: "m0", size: "1G", ...more }] });
const bad: readonly (readonly [string, unknown, RegExp])[] = [
  ["no list", { id: "c0" }, /machine\.containers: expected a list/],
  ["no object", ["c0"], /machine\.containers\[0\]: expected an object with id, hid, /],
  ["no id", [{}], /machine\.containers\[0\]\.id: expected a letter, then letters, digits, - or _; found undefined/],
  ["an id with a dot", [{ id: "c.0" }], /containers\[0\]\.id: expected a letter/],
  [
    "an id that is taken",
    [{ id: "c0", containers: [{ id: "c0" }] }],
    /containers\[0\]\.containers\[0\]\.id: "c0" is taken/,
  ],
  ["memory with a container's id", [memory({ id: "c0" })], /memory\[0\]\.id: "c0" is taken/],
  ["an unknown field", [{ id: "c0", memroy: [] }], /containers\[0\]\.memroy: is not known \(allowed: id, hid, /],
  [
    "an id that is no container's",
    [{ id: "c0", hid: "PNP0C80" }],
    /"PNP0C80" is no container \(allowed: ACPI0004, PNP0A05, PNP0A06\)/,
  ],
  ["a uid that is no text", [{ id: "c0", uid: 1 }], /containers\[0\]\.uid: expected a text, found 1/],
  ["a node that is none", [{ id: "c0", node: -1 }], /containers\[0\]\.node: expected a whole number of 0\.\.1023/],
  ["a node after a gap", [{ id: "c0", node: 3 }], /containers: node 3 leaves a gap: the next node after 0\.\.0 is 1/],
  ["present that is no bool", [{ id: "c0", present: 1 }], /containers\[0\]\.present: expected true or false, found 1/],
  [
    "a present one in an absent one",
    [{ id: "c0", containers: [{ id: "c1", present: true }] }],
    /containers\[0\]\.containers\[0\]\.present: the container around it is not there at boot/,
  ],
  ["memory without a size", [{ id: "c0", memory: [{ id: "m0" }] }], /memory\[0\]\.size: expected a size such as 2G/],
  ["memory of no size", [memory({ size: 0 })], /memory\[0\]\.size: expected a multiple of 2M, found 0/],
  ["memory of an odd size", [memory({ size: "1M" })], /memory\[0\]\.size: expected a multiple of 2M, found "1M"/],
  ["an odd address", [memory({ addr: "0x180000001" })], /memory\[0\]\.addr: expected an address on a 2M boundary/],
];
for (const [what, containers, message] of bad) {
  test(`${what} is refused with its place`, () => {
    expect(() => parseMachineSpec({ ...oneNode, containers })).toThrow(SpecError);
    expect(() => parseMachineSpec({ ...oneNode, containers })).toThrow(message);
  });
}

test("a machine without nodes has no other node to bring", () => {
  expect(() => parseMachineSpec({ memory: "2G", nodes: [], containers: [{ id: "c0", node: 1 }] })).toThrow(
    /containers\[0\]\.node: a machine without nodes has no proximity domains \(allowed: 0\)/,
  );
});

test("a cold-plugged DIMM's name is taken", () => {
  const extra = ["-object", "memory-backend-ram,id=m,size=1G", "-device", "pc-dimm,id=c0,memdev=m"];
  expect(() => parseMachineSpec({ ...oneNode, extra, containers: [{ id: "c0" }] })).toThrow(/id: "c0" is taken/);
});

test.each([
  [
    [memory({ addr: 4 * GIB }), { id: "c1", memory: [{ id: "m1", size: "1G", addr: 4 * GIB + 512 * MIB }] }],
    /m1: lies on the same addresses as m0/,
  ],
  [
    [memory({ addr: 2 * GIB })],
    /m0: 0x80000000-0xbfffffff does not lie in the window for memory devices, 0x100000000-/,
  ],
  [[memory({ addr: 2 ** 46 })], /m0: 0x400000000000-0x40003fffffff does not lie in the window/],
])("memory that cannot lie where it should stops the boot", async (containers, message) => {
  const boot = bootMachine(withContainers(...containers), { kernel: "6.1" });
  await expect(boot).rejects.toThrow(SpecError);
  await expect(bootMachine(withContainers(...containers), { kernel: "6.1" })).rejects.toThrow(message);
});
