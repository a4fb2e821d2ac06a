import type { Device, DeviceType, DriverModule } from "../device-type.ts";
import { virtioMemMachine } from "./virtio-mem-machine.ts";
import { checkVirtioMemImage, type VirtioMemsImage } from "./virtio-mem-image.ts";
import { virtioMemMonitor } from "./virtio-mem-monitor.ts";
import { virtioMemSchema } from "./virtio-mem-schema.ts";
import { readVirtioMem, type VirtioMemSpec } from "./virtio-mem-spec.ts";
import { VirtioMems } from "./virtio-mems.ts";

/** What a program does with the virtio-mem devices of a machine. */
export type VirtioMemsDoor = Pick<
  VirtioMems,
  "list" | "get" | "memory" | "add" | "remove" | "request" | "set" | "busyWith"
>;

/** virtio-mem devices: `virtio-mem-pci`, the kernel's virtio_mem. */
export const virtioMem: DeviceType<VirtioMemsDoor, VirtioMemSpec, VirtioMemsImage> = {
  id: "virtio-mem",
  statechart: virtioMemMachine,
  schema: virtioMemSchema,
  readSpec: readVirtioMem,
  checkImage: checkVirtioMemImage,
  create(host, spec, image): Device<VirtioMemsDoor> {
    const devices = new VirtioMems(host, spec, image);
    const module: DriverModule = {
      name: "virtio_mem",
      // drivers/virtio/Kconfig: VIRTIO_MEM.
      needs: ["MEMORY_HOTPLUG", "MEMORY_HOTREMOVE"],
      load: (words) => devices.load(words),
    };
    return {
      door: devices,
      namespace: [],
      memory: () => devices.memory(),
      reserved: () => devices.memory(),
      has: (id) => devices.get(id) !== undefined,
      ost: () => false,
      ejected: () => false,
      boot: () => devices.boot(),
      goOn: () => devices.goOn(),
      monitor: virtioMemMonitor(devices),
      get module() {
        return host.driver.modules.virtioMem === undefined ? undefined : module;
      },
      snapshot: () => devices.image(),
      afterReset: () => ({
        spec: spec === undefined ? undefined : { ...spec, cold: [] },
        image: devices.imageAfterReset(),
      }),
    };
  },
};

/** The virtio-mem devices of a machine. */
export function virtioMemsOf(machine: { device<Door>(type: DeviceType<Door>): Door }): VirtioMemsDoor {
  return machine.device<VirtioMemsDoor>(virtioMem);
}
