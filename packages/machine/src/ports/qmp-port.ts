import { knownOptions } from "@memhp/abi";
import type { DeviceMonitor } from "@memhp/devices";
import {
  deviceNotFound,
  genericError,
  OK,
  type MemoryDevice,
  type OspmStatus,
  qmpEventsOf,
  type QmpPort,
  type QmpResult,
  resolveQomPath,
} from "@memhp/qmp";
import { NotQuietError } from "../image/quiet.ts";
import { beginReset } from "../image/reset.ts";
import { internalsOf, type Machine } from "../machine.ts";
import { untilRest } from "../time/at-rest.ts";

/** What a machine's monitor does besides what the machine knows. */
export interface QmpPortOptions {
  /** A client said `quit`. */
  readonly onQuit?: () => void;
  /** What a device's arrival or eject ended in, behind the answer, because memhp itself failed (a worker is gone). Without it, it is thrown. */
  readonly onBug?: (error: unknown) => void;
}

const OPTIONS: Readonly<Record<keyof QmpPortOptions, true>> = { onQuit: true, onBug: true };

/** The monitor of a simulated machine: what QEMU keeps beside the guest, and the machine's memory devices behind it. */
export function qmpPortOf(machine: Machine, options: QmpPortOptions = {}): QmpPort {
  knownOptions("qmpPortOf: options", options, OPTIONS);
  const { monitor } = internalsOf(machine).parts;
  const { backends } = monitor;
  const onBug = options.onBug ?? throwLater;
  // A machine that is reset has other ones.
  const monitorsNow = (): DeviceMonitor[] =>
    internalsOf(machine)
      .parts.devices.all()
      .flatMap((device) => device.monitor ?? []);
  const plugged = (): ReturnType<DeviceMonitor["plugged"]> => monitorsNow().flatMap((each) => each.plugged());
  const balloonNow = () => monitorsNow().find((each) => each.balloon !== undefined)?.balloon;
  for (const device of devices()) {
    const { memdev } = device;
    const sizeBytes = device.type === "virtio-mem" ? device.maxBytes : device.sizeBytes;
    if (backends.get(memdev) === undefined) backends.add({ id: memdev, sizeBytes: BigInt(sizeBytes) });
    backends.claim(memdev);
  }
  const backendOf = new Map(plugged().map(({ id, memdev }) => [id, memdev]));
  // A backend is free again when its device has gone, whoever asked for that.
  machine.listen((event) => {
    const memdev = event.type === "device_deleted" ? backendOf.get(event.device) : undefined;
    if (memdev !== undefined) backends.release(memdev);
  });
  function devices(): MemoryDevice[] {
    return monitorsNow()
      .flatMap((each) => each.devices())
      .sort((a, b) => Number(a.addr) - Number(b.addr));
  }
  /** What the driver does at once is done when the answer comes, so that who reads then sees the same with any number of workers. */
  async function tellBalloon(bytes: number): Promise<QmpResult> {
    const answer = balloonNow()?.request(bytes) ?? OK;
    await untilRest(machine);
    return answer;
  }
  return {
    ...(machine.spec.qemu === undefined ? {} : { version: machine.spec.qemu }),
    nowNs: () => machine.nowNs,
    takeDeviceNumber: () => monitor.anonymousDevices++,
    resolve: (path) => resolveQomPath(path, { backends: backends.ids(), devices: plugged().map(({ id }) => id) }),
    objectAdd: (backend) => backends.add(backend),
    objectDel: (id) => backends.remove(id),
    deviceAdd(device) {
      const added =
        monitorsNow()
          .find((each) => "add" in each)
          ?.add?.(device, backends, onBug) ?? genericError("no device of this machine can be plugged in");
      if (added.ok) for (const { id, memdev } of plugged()) backendOf.set(id, memdev);
      return added;
    },
    virtioMemAdd(device) {
      const added =
        monitorsNow()
          .find((each) => "addVirtioMem" in each)
          ?.addVirtioMem?.(device, backends) ?? genericError("'virtio-mem-pci' is not a valid device model name");
      if (added.ok) for (const { id, memdev } of plugged()) backendOf.set(id, memdev);
      return added;
    },
    deviceDel(id) {
      const owner = monitorsNow().find((each) => each.plugged().some((device) => device.id === id));
      return owner === undefined ? deviceNotFound(id) : owner.remove(id, onBug);
    },
    qomSet: (id, property, value) =>
      monitorsNow()
        .find((each) => each.plugged().some((device) => device.id === id))
        ?.set?.(id, property, value),
    ...(balloonNow() === undefined ? {} : { balloon: tellBalloon, balloonBytes: () => balloonNow()?.actualBytes ?? 0 }),
    systemReset() {
      try {
        beginReset(machine).catch(onBug);
      } catch (error) {
        if (!(error instanceof NotQuietError)) throw error;
        return genericError(`memhp resets a machine at rest alone: ${error.message}`);
      }
      return OK;
    },
    memoryDevices: devices,
    ospmStatus: () => [...monitorsNow().flatMap((each) => each.ospmStatus()), ...processors(machine)],
    memorySizeSummary: () => ({
      baseBytes: machine.spec.memoryBytes,
      pluggedBytes: devices().reduce((sum, { sizeBytes }) => sum + Number(sizeBytes), 0),
    }),
    quit: () => options.onQuit?.(),
    subscribe: (listener) =>
      machine.listen((event) => {
        for (const told of qmpEventsOf(event)) listener(told);
      }),
  };
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

function processors({ spec, board }: Machine): OspmStatus[] {
  if (!board.platform.processorSlots) return [];
  return Array.from({ length: spec.cpus }, (_, slot) => ({ slot, slotType: "CPU", source: 0, status: 0 }));
}
