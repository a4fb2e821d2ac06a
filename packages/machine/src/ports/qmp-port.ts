import {
  createMemoryBackends,
  deviceLabel,
  deviceNotFound,
  DIMM_ERRORS,
  type MemoryBackends,
  type MemoryDevice,
  OK,
  type OspmStatus,
  type PcDimm,
  qmpEventOf,
  type QmpPort,
  type QmpResult,
  resolveQomPath,
} from "@memhp/qmp";
import type { DimmRequest } from "../board/dimm-slots.ts";
import type { Machine } from "../machine.ts";

export interface QmpPortOptions {
  /** A client said `quit`. */
  readonly onQuit?: () => void;
  /** A DIMM could not be ejected because memhp itself failed (a worker is gone). */
  readonly onBug?: (error: unknown) => void;
}

/** The monitor of a simulated machine: what QEMU keeps beside the guest, and the machine's DIMM slots behind it. */
export function qmpPortOf(machine: Machine, options: QmpPortOptions = {}): QmpPort {
  const backends = createMemoryBackends();
  for (const { memdev, sizeBytes } of machine.dimms.list()) {
    backends.add({ id: memdev, sizeBytes: BigInt(sizeBytes) });
    backends.claim(memdev);
  }
  return {
    nowNs: () => machine.nowNs,
    resolve: (path) =>
      resolveQomPath(path, { backends: backends.ids(), devices: machine.dimms.list().map(({ id }) => id) }),
    objectAdd: (backend) => backends.add(backend),
    objectDel: (id) => backends.remove(id),
    deviceAdd: (dimm) => deviceAdd(machine, backends, dimm),
    deviceDel(id) {
      const dimm = machine.dimms.get(id);
      if (dimm === undefined) return deviceNotFound(id);
      // The answer is only that the guest was asked; how it ends is in the events.
      const eject = async (): Promise<void> => {
        await machine.dimmDel(id);
        if (machine.dimms.get(id) === undefined) backends.release(dimm.memdev);
      };
      eject().catch((error: unknown) => options.onBug?.(error));
      return OK;
    },
    memoryDevices: () =>
      machine.dimms.list().map(({ id: name, ...dimm }): MemoryDevice => {
        const { id } = deviceLabel(name);
        return { ...(id !== undefined && { id }), ...dimm };
      }),
    ospmStatus: () => ospmStatus(machine),
    memorySizeSummary: () => ({
      baseBytes: machine.spec.memoryBytes,
      pluggedBytes: machine.dimms.list().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    }),
    quit: () => options.onQuit?.(),
    subscribe: (listener) =>
      machine.listen((event) => {
        const told = qmpEventOf(event);
        if (told !== undefined) listener(told);
      }),
  };
}

async function deviceAdd(machine: Machine, backends: MemoryBackends, dimm: PcDimm): Promise<QmpResult> {
  // The machine knows a DIMM without an id by its QOM path.
  const { path, id = path, memdev, node, slot, addr } = dimm;
  const hasSlot = machine.dimms.freeSlot(slot);
  if (!hasSlot.ok) return hasSlot;
  const backend = memdev === undefined ? undefined : backends.get(memdev);
  if (memdev === undefined || backend === undefined) return DIMM_ERRORS.noMemdev();
  const request: DimmRequest = {
    id,
    memdev,
    sizeBytes: Number(backend.sizeBytes),
    node,
    ...(addr !== undefined && { addr }),
    ...(slot !== undefined && { slot }),
  };
  // QEMU judges the place first (of it the slot, even before the backend), then whether another DIMM has the backend.
  const placed = machine.dimms.place(request);
  if (!placed.ok) return placed;
  const claimed = backends.claim(memdev);
  if (!claimed.ok) return claimed;
  const plugged = await machine.dimmAdd(request);
  return plugged.ok ? OK : plugged;
}

/** Every DIMM slot, then every processor. */
function ospmStatus(machine: Machine): OspmStatus[] {
  const plugged = new Map(machine.dimms.list().map(({ slot, id }) => [slot, deviceLabel(id).id]));
  const dimms = Array.from({ length: machine.spec.slots }, (_, slot): OspmStatus => {
    const device = plugged.get(slot);
    const { source = 0, status = 0 } = machine.ostOfSlot.get(slot) ?? {};
    return { ...(device !== undefined && { device }), slot, slotType: "DIMM", source, status };
  });
  const cpus = Array.from({ length: machine.spec.cpus }, (_, slot): OspmStatus => {
    return { slot, slotType: "CPU", source: 0, status: 0 };
  });
  return [...dimms, ...cpus];
}
