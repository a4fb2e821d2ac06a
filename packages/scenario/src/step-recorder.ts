import { type Dimm, dimmsOf } from "@memhp/devices";
import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";

type Json = Record<string, unknown>;

/** Turns the events of one step into the fields that a trace's step has beside its result. */
export function eventFields(events: readonly SimEvent[]): Json {
  const uevents = events.filter((event) => event.type === "uevent").map(ueventField);
  const qmpEvents = events.flatMap(qmpEventField);
  const notifications = events
    .filter((event) => event.type === "notifier" || event.type === "node_notifier")
    .filter(({ name }) => name === "early" || name === "late")
    .map(notificationField);
  const osts = events.flatMap(containerOstField);
  const log = events.flatMap((event) => (event.type === "log" ? [event.text] : []));
  const refusal = events.findLast((event) => event.type === "refusal");
  return {
    ...(uevents.length > 0 ? { uevents } : {}),
    ...(qmpEvents.length > 0 ? { qmp_events: qmpEvents } : {}),
    ...(osts.length > 0 ? { acpi_ost: osts } : {}),
    ...(notifications.length > 0 ? { notifications } : {}),
    ...(log.length > 0 ? { kernel_log: log } : {}),
    ...(refusal?.type === "refusal" ? { refusal: refusal.refusal } : {}),
  };
}

/** Memory and node uevents are one text; others carry their subsystem and variables. */
function ueventField(event: SimEvent): unknown {
  if (event.type !== "uevent") return undefined;
  const text = `${event.action}@${event.devpath}`;
  const plain = (event.subsystem === "memory" || event.subsystem === "node") && event.env === undefined;
  return plain ? text : { uevent: text, SUBSYSTEM: event.subsystem, ...event.env };
}

function qmpEventField(event: SimEvent): Json[] {
  if (event.type === "acpi_ost" && event.slot !== undefined) {
    const device = event.device === undefined ? {} : { device: event.device };
    return [
      {
        info: { ...device, source: event.source, status: event.status, slot: String(event.slot), "slot-type": "DIMM" },
        event: "ACPI_DEVICE_OST",
      },
    ];
  }
  if (event.type === "device_deleted" && event.of !== "container")
    return [{ device: event.device, path: `/machine/peripheral/${event.device}`, event: "DEVICE_DELETED" }];
  return [];
}

/** _OST of containers and of the memory in them, which QEMU's events do not know. */
function containerOstField(event: SimEvent): Json[] {
  if (event.type !== "acpi_ost" || event.slot !== undefined) return [];
  return [{ device: event.device, source: event.source, status: event.status }];
}

function notificationField(event: Extract<SimEvent, { type: "notifier" | "node_notifier" }>): Json {
  // The module's second callback records only that it was called.
  if (event.name === "late") return { notifier: "late", action: event.action };
  if (event.type === "node_notifier") return { notifier: event.name, action: event.action, nid: event.nid };
  return {
    notifier: event.name,
    action: event.action,
    start_pfn: event.startPfn,
    nr_pages: event.nrPages,
    ...(event.statusChangeNidNormal === undefined ? {} : { status_change_nid_normal: event.statusChangeNidNormal }),
    ...(event.statusChangeNidHigh === undefined ? {} : { status_change_nid_high: event.statusChangeNidHigh }),
    ...(event.statusChangeNid === undefined ? {} : { status_change_nid: event.statusChangeNid }),
  };
}

/** A DIMM as query-memory-devices shows it. */
export function dimmField(dimm: Dimm): Json {
  return {
    type: "dimm",
    data: {
      memdev: `/objects/${dimm.memdev}`,
      hotplugged: dimm.hotplugged,
      addr: dimm.addr,
      hotpluggable: true,
      size: dimm.sizeBytes,
      slot: dimm.slot,
      node: dimm.node,
      id: dimm.id,
    },
  };
}

/** query-acpi-ospm-status: what each slot last told, processors included. */
export function ospmField(machine: Machine, filter: { readonly slot: number } | "used"): Json[] {
  const plugged = new Map(
    dimmsOf(machine)
      .list()
      .map((dimm) => [dimm.slot, dimm.id]),
  );
  const slots: Json[] = [];
  for (let slot = 0; slot < machine.spec.slots; slot++) {
    if (filter !== "used" && filter.slot !== slot) continue;
    const last = dimmsOf(machine).ostOfSlot.get(slot);
    const device = plugged.get(slot);
    if (filter === "used" && device === undefined && last === undefined) continue;
    slots.push({
      ...(device === undefined ? {} : { device }),
      source: last?.source ?? 0,
      status: last?.status ?? 0,
      slot: String(slot),
      "slot-type": "DIMM",
    });
  }
  if (machine.board.platform.processorSlots && filter !== "used" && filter.slot < machine.spec.cpus)
    slots.push({ source: 0, status: 0, slot: String(filter.slot), "slot-type": "CPU" });
  return slots;
}
