import { memoryDeviceMachine, qemuNamespace } from "@memhp/acpi";
import type { Device, DeviceType } from "../device-type.ts";
import { coldRanges, type DimmSpec, readColdDimms } from "./cold-dimms.ts";
import { dimmSchema } from "./dimm-schema.ts";
import { dimmMonitor } from "./dimm-monitor.ts";
import { checkDimmImage, type DimmImage } from "./dimm-image.ts";
import { Dimms } from "./dimms.ts";

/** What a program does with the DIMMs of a machine. */
export type DimmsDoor = Pick<
  Dimms,
  | "slots"
  | "freeSlot"
  | "list"
  | "get"
  | "offerBackend"
  | "place"
  | "refuseFull"
  | "insert"
  | "arrive"
  | "eject"
  | "ostOfSlot"
>;

/** DIMMs of QEMU's board: `-m slots=`, `pc-dimm`, `\_SB_.MHPC`. */
export const dimm: DeviceType<DimmsDoor, DimmSpec, DimmImage> = {
  id: "dimm",
  statechart: memoryDeviceMachine,
  schema: dimmSchema,
  readSpec: readColdDimms,
  bootRam: ({ cold }, start) => coldRanges(cold, start),
  checkImage: checkDimmImage,
  create(host, spec, image): Device<DimmsDoor> {
    const dimms = new Dimms(host, image, spec?.nvdimm === true);
    return {
      door: dimms,
      namespace: qemuNamespace(dimms.namedSlots, host.board.resourceDevices).devices,
      // What an NVDIMM holds is no RAM.
      memory: () => dimms.list().filter(({ nvdimm }) => nvdimm !== true),
      reserved: () => dimms.list(),
      has: (id) => dimms.get(id) !== undefined,
      ost: (path, source, status) => dimms.ost(path, source, status),
      ejected: (path) => dimms.ejected(path),
      boot: () => dimms.plugCold(spec?.cold ?? []),
      monitor: dimmMonitor(dimms),
      snapshot: () => dimms.image(),
      afterReset: () => dimms.afterReset(),
    };
  },
};

/** The DIMMs of a machine. */
export function dimmsOf(machine: { device<Door>(type: DeviceType<Door>): Door }): DimmsDoor {
  return machine.device<DimmsDoor>(dimm);
}
