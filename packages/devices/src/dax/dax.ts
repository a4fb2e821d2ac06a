import type { Device, DeviceType, DriverModule } from "../device-type.ts";
import { daxFiles } from "./dax-files.ts";
import { checkDaxImage, type DaxDevicesImage } from "./dax-image.ts";
import { DaxDevices } from "./dax-devices.ts";
import { daxMachine } from "./dax-machine.ts";
import { daxSchema } from "./dax-schema.ts";
import { daxNodes, type DaxSpec, endWithDax, readDax } from "./dax-spec.ts";

/** What a program does with the dax devices of a machine. */
export type DaxDoor = Pick<
  DaxDevices,
  | "isLoaded"
  | "drivers"
  | "list"
  | "get"
  | "regions"
  | "memory"
  | "insert"
  | "eject"
  | "resize"
  | "bind"
  | "unbind"
  | "newId"
>;

/** Driver-managed memory: dax devices of soft-reserved memory, CXL and persistent memory, and the kernel's driver kmem. */
export const dax: DeviceType<DaxDoor, readonly DaxSpec[], DaxDevicesImage> = {
  id: "dax",
  statechart: daxMachine,
  schema: daxSchema,
  readSpec: readDax,
  windowEnd: endWithDax,
  proximityDomains: daxNodes,
  checkImage: checkDaxImage,
  create(host, spec, image): Device<DaxDoor> {
    const devices = new DaxDevices(host, spec, image);
    const module: DriverModule = {
      name: "kmem",
      // drivers/dax/Kconfig: DEV_DAX_KMEM.
      needs: ["MEMORY_HOTPLUG"],
      load: (words) => devices.load(words),
      unload: () => devices.unload(),
    };
    return {
      door: devices,
      namespace: [],
      memory: () => devices.memory(),
      reserved: () => devices.regions(),
      has: (id) => devices.regions().some((region) => region.id === id),
      ost: () => false,
      ejected: () => false,
      boot: () => devices.boot(),
      async goOn() {
        devices.listen();
      },
      get module() {
        return devices.rules === undefined ? undefined : module;
      },
      whereIsModule: (name) =>
        name === "kmem"
          ? "boot a kernel that has kmem: Linux since 5.1, of memhp's the x86-64 ones from 5.4 on"
          : undefined,
      files: () => daxFiles(devices, host.driver),
      slowBlocks: () => devices.all().flatMap(({ blocks }) => blocks.all),
      snapshot: () => devices.image(),
    };
  },
};

/** The dax devices of a machine. */
export function daxOf(machine: { device<Door>(type: DeviceType<Door>): Door }): DaxDoor {
  return machine.device<DaxDoor>(dax);
}
