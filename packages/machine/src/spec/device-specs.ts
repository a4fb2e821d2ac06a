import { type DeviceRoom, type DeviceType, type IgnoredWord, readQemuOptions, type SpecReading } from "@memhp/devices";

export interface DeviceSpecs {
  /** By the id of the kind; only those of which the machine says something. */
  readonly devices: Readonly<Record<string, unknown>>;
  /** Possible nodes with what devices bring; 0 without NUMA. */
  readonly nodes: number;
  readonly room: DeviceRoom;
  /** Words of QEMU's command line that no kind of device carries out. */
  readonly ignored: readonly IgnoredWord[];
}

/** Reads what each kind of device finds of itself in `machine`. @throws SpecError */
export function readDeviceSpecs(
  types: readonly DeviceType[],
  raw: Readonly<Record<string, unknown>>,
  board: Omit<SpecReading, "taken">,
): DeviceSpecs {
  const devices: Record<string, unknown> = {};
  const taken = new Set<string>();
  const options = board.isShortForm ? [] : readQemuOptions(raw["extra"]);
  const carriedOut = new Set<number>();
  const ignored: IgnoredWord[] = [];
  let { nodes } = board;
  let room: DeviceRoom = { slots: 0, bytes: 0, largestBytes: 0 };
  for (const type of types) {
    const part = type.readSpec?.(raw, { ...board, taken }) ?? {};
    if (part.spec !== undefined) devices[type.id] = part.spec;
    for (const at of part.qemuOptions ?? []) carriedOut.add(at);
    ignored.push(...(part.ignored ?? []));
    for (const id of part.ids ?? []) taken.add(id);
    nodes = Math.max(nodes, part.nodes ?? 0);
    room = {
      slots: room.slots + (part.room?.slots ?? 0),
      bytes: room.bytes + (part.room?.bytes ?? 0),
      largestBytes: Math.max(room.largestBytes, part.room?.largestBytes ?? 0),
    };
  }
  for (const { at, where, name, value } of options) {
    if (carriedOut.has(at)) continue;
    ignored.push({ where, word: [name, value].filter(Boolean).join(" "), why: whyIgnored(name, value ?? "") });
  }
  return { devices, nodes, room, ignored };
}

/** QEMU's options that `machine` says itself. */
const fields: Readonly<Record<string, string>> = {
  "-append": "cmdline",
  "-cpu": "cpu",
  "-m": "memory, slots and maxmem",
  "-machine": "machine",
  "-M": "machine",
  "-numa": "nodes",
  "-smp": "smp",
};

function whyIgnored(name: string, value: string): string {
  if (name === "") return "no option stands before it";
  const field = fields[name];
  if (field !== undefined) return `write it in ${field} of machine`;
  if (name === "-object" && value.startsWith("memory-backend")) return "no DIMM of this line uses it";
  if (name !== "-device") return "memhp has nothing for this option of QEMU";
  const driver = value.split(",")[0] as string;
  return otherDevices.find(([drivers]) => drivers.test(driver))?.[1] ?? "memhp has no such device";
}

/** Devices of QEMU that bring memory to a guest, and what memhp has instead. */
const otherDevices: readonly (readonly [drivers: RegExp, why: string])[] = [
  [
    /^(pxb-cxl|cxl-)/,
    "memhp has no bus of CXL: write the region into dax of machine ({ id: dax0.0, source: cxl, size: 1G, node: 1, present: false }); the step dax makes it",
  ],
  [
    /^virtio-pmem/,
    "memhp has no such device: write its namespace into dax of machine ({ id: dax0.0, source: pmem, size: 1G, node: 0 })",
  ],
];

/** What kinds of devices say of a machine, each of its own part. */
export function eachSpec<T>(
  types: readonly DeviceType[],
  specs: Readonly<Record<string, unknown>>,
  view: (type: DeviceType, spec: unknown) => T,
): T[] {
  return types.flatMap((type) => (specs[type.id] === undefined ? [] : [view(type, specs[type.id])]));
}
