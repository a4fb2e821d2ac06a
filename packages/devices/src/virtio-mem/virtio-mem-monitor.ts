import type { MemoryDevice } from "@memhp/qmp";
import type { DeviceMonitor } from "../device-type.ts";
import { VIRTIO_MEM_ERRORS } from "./virtio-mem-errors.ts";
import type { VirtioMems } from "./virtio-mems.ts";

/** What QEMU's monitor says of virtio-mem devices and does with them. */
export function virtioMemMonitor(devices: VirtioMems): DeviceMonitor {
  return {
    plugged: () => devices.list(),
    addVirtioMem(device, backends) {
      const { path, id = path, memdev, node, bus, blockBytes, requestedBytes } = device;
      const backend = memdev === undefined ? undefined : backends.get(memdev);
      const request = {
        id,
        node,
        ...(bus === undefined ? {} : { bus }),
        ...(blockBytes === undefined ? {} : { blockBytes: Number(blockBytes) }),
        requestedBytes: Number(requestedBytes),
      };
      // QEMU judges the bus first.
      const wrongBus = devices.refuseBus(request);
      if (wrongBus !== undefined) return wrongBus;
      if (memdev === undefined || backend === undefined) return VIRTIO_MEM_ERRORS.noMemdev();
      const claimed = backends.claim(memdev);
      if (!claimed.ok) return claimed;
      const added = devices.add({ ...request, memdev, sizeBytes: Number(backend.sizeBytes) });
      if (!added.ok) backends.release(memdev);
      return added;
    },
    remove: (id, onBug) => devices.remove(id, onBug),
    set: (id, property, value) => devices.set(id, property, value),
    devices: () =>
      devices
        .list()
        .map(({ id, memdev, addr, sizeBytes, blockBytes, node, pluggedBytes, requestedBytes }): MemoryDevice => ({
          type: "virtio-mem",
          id,
          memdev,
          addr,
          sizeBytes: pluggedBytes,
          maxBytes: sizeBytes,
          blockBytes,
          requestedBytes,
          node,
        })),
    ospmStatus: () => [],
  };
}
