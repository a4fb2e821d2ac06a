import {
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
  /** What a DIMM's arrival or eject ended in, behind the answer, because memhp itself failed (a worker is gone). Without it, it is thrown. */
  readonly onBug?: (error: unknown) => void;
}

/** The monitor of a simulated machine: what QEMU keeps beside the guest, and the machine's DIMM slots behind it. */
export function qmpPortOf(machine: Machine, options: QmpPortOptions = {}): QmpPort {
  const { monitor } = machine;
  const { backends } = monitor;
  const onBug = options.onBug ?? throwLater;
  const backendOf = new Map<string, string>();
  for (const { id, memdev, sizeBytes } of machine.dimms.list()) {
    if (backends.get(memdev) === undefined) backends.add({ id: memdev, sizeBytes: BigInt(sizeBytes) });
    backends.claim(memdev);
    backendOf.set(id, memdev);
  }
  // A backend is free again when its DIMM has gone, whoever asked for that.
  machine.listen((event) => {
    const memdev = event.type === "device_deleted" ? backendOf.get(event.device) : undefined;
    if (memdev !== undefined) backends.release(memdev);
  });
  return {
    nowNs: () => machine.nowNs,
    takeDeviceNumber: () => monitor.anonymousDevices++,
    resolve: (path) =>
      resolveQomPath(path, { backends: backends.ids(), devices: machine.dimms.list().map(({ id }) => id) }),
    objectAdd: (backend) => backends.add(backend),
    objectDel: (id) => backends.remove(id),
    deviceAdd(dimm) {
      const request = place(machine, backends, dimm);
      if (!request.ok) return request;
      backendOf.set(request.value.id, request.value.memdev);
      // The board has it now. The guest hears of it when it can; how that ends is in the events.
      machine.dimmAdd(request.value).catch(onBug);
      return OK;
    },
    deviceDel(id) {
      if (machine.dimms.get(id) === undefined) return deviceNotFound(id);
      // The answer is only that the guest was asked; how it ends is in the events.
      machine.dimmDel(id).catch(onBug);
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

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** What the board is asked for, once it is sure to have room: then the backend is the DIMM's. */
function place(machine: Machine, backends: MemoryBackends, dimm: PcDimm): QmpResult<DimmRequest> {
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
  return { ok: true, value: request };
}

/** Every DIMM slot, then every processor. */
function ospmStatus(machine: Machine): OspmStatus[] {
  const plugged = new Map(machine.dimms.list().map(({ slot, id }) => [slot, deviceLabel(id).id]));
  const dimms = Array.from({ length: machine.spec.slots }, (_, slot): OspmStatus => {
    const device = plugged.get(slot);
    const { source = 0, status = 0 } = machine.ostOfSlot.get(slot) ?? {};
    return { ...(device !== undefined && { device }), slot, slotType: "DIMM", source, status };
  });
  const { processorSlots } = machine.board.platform;
  const cpus = Array.from({ length: processorSlots ? machine.spec.cpus : 0 }, (_, slot): OspmStatus => {
    return { slot, slotType: "CPU", source: 0, status: 0 };
  });
  return [...dimms, ...cpus];
}
