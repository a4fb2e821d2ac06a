import {
  deviceLabel,
  DIMM_ERRORS,
  type MemoryBackends,
  type MemoryDevice,
  OK,
  type OspmStatus,
  type PcDimm,
  type QmpResult,
} from "@memhp/qmp";
import type { DeviceMonitor } from "../device-type.ts";
import { bytesBesideLabels } from "./qemu-dimms.ts";
import type { Dimm } from "./dimm-slots.ts";
import type { Dimms } from "./dimms.ts";

/** What QEMU's monitor says of DIMMs and does with them. */
export function dimmMonitor(dimms: Dimms): DeviceMonitor {
  return {
    plugged: () => dimms.list(),
    add(device, backends, onBug) {
      const plugged = plug(dimms, device, backends);
      if (!plugged.ok) return plugged;
      // The board has it now. The guest hears of it when it can; how that ends is in the events.
      dimms.arrive(plugged.value).catch(onBug);
      return OK;
    },
    remove(id, onBug) {
      if (dimms.get(id)?.nvdimm === true) return DIMM_ERRORS.nvdimmStays();
      // The answer is only that the guest was asked; how it ends is in the events.
      dimms.eject(id).catch(onBug);
      return OK;
    },
    devices: () =>
      dimms.list().map(({ id: name, nvdimm, ...dimm }): MemoryDevice => {
        const { id } = deviceLabel(name);
        return { ...(nvdimm === true ? { type: "nvdimm" } : {}), ...(id !== undefined && { id }), ...dimm };
      }),
    ospmStatus() {
      const inNamespace = dimms.list().filter(({ nvdimm }) => nvdimm !== true);
      const plugged = new Map(inNamespace.map(({ slot, id }) => [slot, deviceLabel(id).id]));
      return Array.from({ length: dimms.slots }, (_, slot): OspmStatus => {
        const device = plugged.get(slot);
        const { source = 0, status = 0 } = dimms.ostOfSlot.get(slot) ?? {};
        return { ...(device !== undefined && { device }), slot, slotType: "DIMM", source, status };
      });
    },
  };
}

/** QEMU judges the place first (of it the slot, even before the backend), then whether another DIMM has the backend. */
function plug(dimms: Dimms, device: PcDimm, backends: MemoryBackends): QmpResult<Dimm> {
  // The machine knows a DIMM without an id by its QOM path.
  const { path, id = path, memdev, node, slot, addr } = device;
  const hasSlot = dimms.freeSlot(slot);
  if (!hasSlot.ok) return hasSlot;
  const backend = memdev === undefined ? undefined : backends.get(memdev);
  if (memdev === undefined || backend === undefined) return DIMM_ERRORS.noMemdev();
  const { nvdimm } = device;
  if (nvdimm !== undefined && !dimms.takesNvdimms) return DIMM_ERRORS.nvdimmOff();
  const backendBytes = Number(backend.sizeBytes);
  const sizeBytes = nvdimm === undefined ? backendBytes : bytesBesideLabels(backendBytes, Number(nvdimm.labelBytes));
  if (nvdimm !== undefined && sizeBytes === 0)
    return DIMM_ERRORS.nvdimmTooSmall(memdev, backend.sizeBytes, nvdimm.labelBytes);
  const request = {
    id,
    memdev,
    sizeBytes,
    node,
    ...(addr !== undefined && { addr }),
    ...(slot !== undefined && { slot }),
  };
  const plugged = dimms.plug(request, true, nvdimm !== undefined);
  if (!plugged.ok) return plugged;
  const claimed = backends.claim(memdev);
  if (claimed.ok) return plugged;
  dimms.unplug(id);
  return claimed;
}
