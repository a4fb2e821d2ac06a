import type { Device, DeviceType } from "../device-type.ts";
import { standbyFiles } from "./standby-files.ts";
import { standbyMachine } from "./standby-machine.ts";
import { checkStandbyImage, type StandbyImage, StandbyMemory } from "./standby-memory.ts";
import { readStandby, standbySchema, type StandbySpec } from "./standby-spec.ts";

/** What a program does with s390's standby memory. */
export type StandbyDoor = Pick<StandbyMemory, "list" | "configure" | "setMemmapOnMemory">;

/** s390's standby memory: `/sys/firmware/memory` of Linux 6.19 and later (from source, not recorded). */
export const standby: DeviceType<StandbyDoor, StandbySpec, StandbyImage> = {
  id: "standby",
  statechart: standbyMachine,
  schema: standbySchema,
  readSpec: readStandby,
  windowEnd: ({ sizeBytes }, end) => end + sizeBytes,
  checkImage: checkStandbyImage,
  create(host, spec, image): Device<StandbyDoor> {
    const memory = new StandbyMemory(host, spec, image);
    return {
      door: memory,
      namespace: [],
      memory: () => [],
      reserved: () => [],
      has: () => false,
      ost: () => false,
      ejected: () => false,
      files: () => standbyFiles(memory, host.driver),
      snapshot: () => memory.image(),
    };
  },
};

/** The standby memory of a machine; its methods are for a kernel thread, as files and drivers run in. */
export function standbyOf(machine: { device<Door>(type: DeviceType<Door>): Door }): StandbyDoor {
  return machine.device<StandbyDoor>(standby);
}
