import type { MemoryDevice } from "@memhp/qmp";
import type { DeviceMonitor } from "../device-type.ts";
import type { VirtioMems } from "./virtio-mems.ts";

/** What QEMU's monitor says of virtio-mem devices and does with them. */
export function virtioMemMonitor(devices: VirtioMems): DeviceMonitor {
  return {
    plugged: () => devices.list(),
    remove: (id) => devices.remove(id),
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
