import type { DeviceRoom, DeviceType } from "@memhp/devices";

export interface DeviceSpecs {
  /** By the id of the kind; only those of which the machine says something. */
  readonly devices: Readonly<Record<string, unknown>>;
  /** Possible nodes with what devices bring; 0 without NUMA. */
  readonly nodes: number;
  readonly room: DeviceRoom;
}

/** Reads what each kind of device finds of itself in `machine`. @throws SpecError */
export function readDeviceSpecs(
  types: readonly DeviceType[],
  raw: Readonly<Record<string, unknown>>,
  board: { readonly nodes: number; readonly isShortForm: boolean },
): DeviceSpecs {
  const devices: Record<string, unknown> = {};
  const taken = new Set<string>();
  let { nodes } = board;
  let room: DeviceRoom = { slots: 0, bytes: 0, largestBytes: 0 };
  for (const type of types) {
    const part = type.readSpec?.(raw, { ...board, taken }) ?? {};
    if (part.spec !== undefined) devices[type.id] = part.spec;
    for (const id of part.ids ?? []) taken.add(id);
    nodes = Math.max(nodes, part.nodes ?? 0);
    room = {
      slots: room.slots + (part.room?.slots ?? 0),
      bytes: room.bytes + (part.room?.bytes ?? 0),
      largestBytes: Math.max(room.largestBytes, part.room?.largestBytes ?? 0),
    };
  }
  return { devices, nodes, room };
}

/** What kinds of devices say of a machine, each of its own part. */
export function eachSpec<T>(
  types: readonly DeviceType[],
  specs: Readonly<Record<string, unknown>>,
  view: (type: DeviceType, spec: unknown) => T,
): T[] {
  return types.flatMap((type) => (specs[type.id] === undefined ? [] : [view(type, specs[type.id])]));
}
