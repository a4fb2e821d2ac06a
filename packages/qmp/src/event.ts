import type { SimEvent } from "@memhp/abi";
import { deviceLabel } from "./qom.ts";
import type { QmpValue } from "./json/plain.ts";
import { JsonObject } from "./json/value.ts";
import { type OspmStatus, ospmInfo } from "./ospm-status.ts";

/** What QEMU tells every client. `atNs` is simulated time. */
export type QmpEvent = { readonly atNs: number } & (
  | { readonly event: "ACPI_DEVICE_OST"; readonly info: OspmStatus }
  | { readonly event: "DEVICE_DELETED"; readonly device?: string; readonly path: string }
  | { readonly event: "DEVICE_UNPLUG_GUEST_ERROR"; readonly device?: string; readonly path: string }
  | { readonly event: "MEM_UNPLUG_ERROR"; readonly device: string; readonly msg: string }
  | { readonly event: "SHUTDOWN"; readonly guest: boolean; readonly reason: string }
  /** One that memhp does not know: its name, and its data as they are told. */
  | { readonly event: "OTHER"; readonly name: string; readonly data: Readonly<Record<string, QmpValue>> }
);

/** The QMP events that tell of an event of the machine's stream, if QEMU has some for it; a device without an id goes by its QOM path. It knows no containers. */
export function qmpEventsOf(event: SimEvent): readonly QmpEvent[] {
  const { atNs } = event;
  if (event.type === "unplug_refused") return unplugRefused(event);
  const told = qmpEventOf(event);
  if (told === undefined) return [];
  // A device on a bus holds the device that does the work, which goes first (7.3-qemu11: v_hotplug_device).
  if (told.event === "DEVICE_DELETED" && event.type === "device_deleted" && event.of === "virtio-mem")
    return [{ event: "DEVICE_DELETED", atNs, path: `${told.path}/virtio-backend` }, told];
  return [told];
}

/** The word of QEMU before 9.1, and the new one twice (6.12-ppc64el, 6.12-ppc64el-qemu11: p_eject_busy). */
function unplugRefused({
  atNs,
  device,
  memUnplugError,
}: Extract<SimEvent, { type: "unplug_refused" }>): readonly QmpEvent[] {
  const { id, path } = deviceLabel(device);
  const refused = { event: "DEVICE_UNPLUG_GUEST_ERROR", atNs, ...(id !== undefined && { device: id }), path } as const;
  const msg = `Memory hotunplug rejected by the guest for device ${id ?? ""}`;
  const old = { event: "MEM_UNPLUG_ERROR", atNs, device: id ?? "", msg } as const;
  return [...(memUnplugError === true ? [old] : []), refused, refused];
}

function qmpEventOf(event: SimEvent): QmpEvent | undefined {
  const { atNs } = event;
  if (event.type === "acpi_ost") {
    const { device, slot, source, status } = event;
    if (slot === undefined) return undefined;
    const id = device === undefined ? undefined : deviceLabel(device).id;
    const info: OspmStatus = { ...(id !== undefined && { device: id }), slot, slotType: "DIMM", source, status };
    return { event: "ACPI_DEVICE_OST", atNs, info };
  }
  if (event.type === "device_deleted" && event.of !== "container") {
    const { id, path } = deviceLabel(event.device);
    return { event: "DEVICE_DELETED", atNs, ...(id !== undefined && { device: id }), path };
  }
  if (event.type === "memory_size_change") {
    const { id, path } = deviceLabel(event.device);
    const data = { size: event.sizeBytes, "qom-path": path, ...(id !== undefined && { id }) };
    return { event: "OTHER", name: "MEMORY_DEVICE_SIZE_CHANGE", atNs, data };
  }
  if (event.type === "reset")
    return { event: "OTHER", name: "RESET", atNs, data: { guest: false, reason: "host-qmp-system-reset" } };
  if (event.type === "balloon_change")
    return { event: "OTHER", name: "BALLOON_CHANGE", atNs, data: { actual: event.actualBytes } };
  return undefined;
}

/** An event as it goes over the wire. */
export function eventMessage(event: QmpEvent): JsonObject {
  const seconds = Math.floor(event.atNs / 1e9);
  const microseconds = Math.floor((event.atNs - seconds * 1e9) / 1000);
  const name = event.event === "OTHER" ? event.name : event.event;
  return JsonObject.from({ timestamp: { seconds, microseconds }, event: name, data: eventData(event) });
}

function eventData(event: QmpEvent): JsonObject {
  switch (event.event) {
    case "ACPI_DEVICE_OST":
      return JsonObject.from({ info: ospmInfo(event.info) });
    case "DEVICE_DELETED":
    case "DEVICE_UNPLUG_GUEST_ERROR":
      return JsonObject.from({ device: event.device, path: event.path });
    case "MEM_UNPLUG_ERROR":
      return JsonObject.from({ device: event.device, msg: event.msg });
    case "OTHER":
      return JsonObject.from(event.data);
    case "SHUTDOWN":
      break;
  }
  return JsonObject.from({ guest: event.guest, reason: event.reason });
}
