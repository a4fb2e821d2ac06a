import type { Machine } from "@memhp/machine";
import {
  createMemoryBackends,
  DIMM_ERRORS,
  genericError,
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

/** The monitor of a simulated machine: what QEMU keeps beside the guest, and the machine's DIMM slots behind it. */
export function machinePort(machine: Machine): QmpPort {
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
    async deviceDel(id) {
      const memdev = machine.dimms.get(id)?.memdev;
      const asked = await machine.dimmDel(id);
      if (!asked.ok) return asked;
      // How it ended is in the events; the answer is only that the guest was asked.
      if (memdev !== undefined && machine.dimms.get(id) === undefined) backends.release(memdev);
      return OK;
    },
    memoryDevices: () => machine.dimms.list().map((dimm): MemoryDevice => dimm),
    ospmStatus: () => ospmStatus(machine),
    memorySizeSummary: () => ({
      baseBytes: machine.spec.memoryBytes,
      pluggedBytes: machine.dimms.list().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    }),
    quit: () => undefined,
    subscribe: (listener) =>
      machine.listen((event) => {
        const told = qmpEventOf(event);
        if (told !== undefined) listener(told);
      }),
  };
}

async function deviceAdd(machine: Machine, backends: MemoryBackends, dimm: PcDimm): Promise<QmpResult> {
  const { id, memdev, node, slot, addr } = dimm;
  if (id === undefined) return genericError("memhp: a DIMM needs an id");
  const backend = memdev === undefined ? undefined : backends.get(memdev);
  if (memdev === undefined || backend === undefined) return DIMM_ERRORS.noMemdev();
  if (machine.dimms.list().some((other) => other.memdev === memdev)) return backends.claim(memdev);
  const plugged = await machine.dimmAdd({
    id,
    memdev,
    sizeBytes: Number(backend.sizeBytes),
    node,
    ...(addr !== undefined && { addr: Number(addr) }),
    ...(slot !== undefined && { slot }),
  });
  return plugged.ok ? backends.claim(memdev) : plugged;
}

/** Every DIMM slot, then every processor. */
function ospmStatus(machine: Machine): OspmStatus[] {
  const plugged = new Map(machine.dimms.list().map(({ slot, id }) => [slot, id]));
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
