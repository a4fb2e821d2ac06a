import type { Device, DeviceType, DriverModule } from "../device-type.ts";
import { type BalloonImage, checkBalloonImage } from "./balloon-image.ts";
import { balloonMachine } from "./balloon-machine.ts";
import { balloonSchema, type BalloonSpec, readBalloon } from "./balloon-spec.ts";
import { Balloons } from "./balloons.ts";

/** What a program does with the balloon of a machine. */
export type BalloonDoor = Pick<Balloons, "balloon" | "actualBytes" | "request" | "load">;

/** A balloon: `virtio-balloon-pci`, the kernel's virtio_balloon. */
export const balloon: DeviceType<BalloonDoor, BalloonSpec, BalloonImage> = {
  id: "balloon",
  statechart: balloonMachine,
  schema: balloonSchema,
  readSpec: readBalloon,
  checkImage: checkBalloonImage,
  create(host, spec, image): Device<BalloonDoor> {
    const devices = new Balloons(host, spec, image);
    const module: DriverModule = { name: "virtio_balloon", load: () => devices.load() };
    return {
      door: devices,
      namespace: [],
      memory: () => [],
      reserved: () => [],
      has: (id) => devices.balloon?.id === id,
      ost: () => false,
      ejected: () => false,
      async goOn() {
        devices.goOn();
      },
      monitor: {
        plugged: () => [],
        remove: () => ({
          ok: false,
          refusal: { class: "GenericError", desc: "Bus 'pcie.0' does not support hotplugging" },
        }),
        get balloon() {
          return devices.balloon === undefined ? undefined : devices;
        },
        devices: () => [],
        ospmStatus: () => [],
      },
      module,
      snapshot: () => devices.image(),
      afterReset: () => ({ spec, image: devices.imageAfterReset() }),
    };
  },
};

/** The balloon of a machine. */
export function balloonOf(machine: { device<Door>(type: DeviceType<Door>): Door }): BalloonDoor {
  return machine.device<BalloonDoor>(balloon);
}
