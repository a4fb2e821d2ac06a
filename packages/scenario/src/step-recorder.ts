import { type Dimm, dimmsOf } from "@memhp/devices";
import type { Refusal, SimEvent } from "@memhp/abi";
import { type EventColumns, EventKind } from "@memhp/hotplug";
import type { Machine } from "@memhp/machine";

import type { StepEvents } from "./step-events.ts";
import type { TraceStep } from "./trace.ts";

type Json = Record<string, unknown>;

/**
 * Where a step has the events that its fields are made of. A WeakMap beside the steps would keep the events of all of them until the whole
 * heap is collected: an old map holds on to young values.
 */
const EVENTS = Symbol("events");

/** What happened in a step, where it was recorded here. */
export function recordedEvents(step: object): StepEvents | undefined {
  return (step as { readonly [EVENTS]?: StepEvents })[EVENTS];
}

/** Everybody who was refused in a step that ran here, in the order of the stream; the step's own field has the last alone. */
export function refusalsOf(step: TraceStep): Refusal[] {
  const others = recordedEvents(step)?.others() ?? [];
  return others.flatMap((event) => (event.type === "refusal" ? [event.refusal] : []));
}

/**
 * Adds the fields that a trace's step has beside its result. Those that bulk work makes long are made from the events each time
 * somebody reads them.
 */
export function withEventFields<T extends object>(step: T, events: StepEvents): T {
  Object.defineProperty(step, EVENTS, { value: events });
  const others = events.others();
  const qmpEvents = others.flatMap(qmpEventField);
  const osts = others.flatMap(containerOstField);
  const log = others.flatMap((event) => (event.type === "log" ? [event.text] : []));
  const refusal = others.findLast((event) => event.type === "refusal");
  if (events.some(isUevent)) Object.defineProperty(step, "uevents", readUevents);
  if (qmpEvents.length > 0) Object.assign(step, { qmp_events: qmpEvents });
  if (osts.length > 0) Object.assign(step, { acpi_ost: osts });
  if (events.some(isNotification)) Object.defineProperty(step, "notifications", readNotifications);
  if (log.length > 0) Object.assign(step, { kernel_log: log });
  if (refusal?.type === "refusal") Object.assign(step, { refusal: refusal.refusal });
  return step;
}

type Choice = (columns: EventColumns, i: number) => boolean;

/** One for all steps: an accessor of a step's own would keep its events until the whole heap is collected. */
function readLate(value: (events: StepEvents) => unknown): PropertyDescriptor {
  return {
    get(this: object) {
      const events = recordedEvents(this);
      return events === undefined ? undefined : value(events);
    },
    enumerable: true,
    configurable: true,
  };
}
const readUevents = readLate((events) => chosen(events, isUevent, ueventField));
const readNotifications = readLate((events) => chosen(events, isNotification, notificationField));

/** What the uevents of a trace are made of. */
export const isUevent: Choice = (columns, i) =>
  columns.kind[i] === EventKind.memoryUevent ||
  (columns.kind[i] === EventKind.other && columns.body(i).type === "uevent");
/** Calls of the recording module's callbacks, on either chain. */
export const isNotification: Choice = (columns, i) => {
  if (columns.kind[i] === EventKind.notifier) return isRecorder(columns.text(i, 0));
  if (columns.kind[i] !== EventKind.other) return false;
  const body = columns.body(i);
  return body.type === "node_notifier" && isRecorder(body.name);
};
const isRecorder = (name: string): boolean => name === "early" || name === "late";

function chosen<T>(events: StepEvents, isChosen: Choice, field: (event: SimEvent) => T): T[] {
  const fields: T[] = [];
  events.each((columns, i) => {
    if (isChosen(columns, i)) fields.push(field(columns.event(i)));
  });
  return fields;
}

/** A uevent, or a notification, as it stands in a trace. */
export function eventField(columns: EventColumns, i: number, name: "uevents" | "notifications"): unknown {
  const event = columns.event(i);
  return name === "uevents" ? ueventField(event) : notificationField(event);
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
  if (event.type === "device_deleted" && event.of !== "container") {
    const path = `/machine/peripheral/${event.device}`;
    // What is on the bus holds the device itself, which goes first (7.3-qemu11: v_hotplug_device).
    const inner = event.of === "virtio-mem" ? [{ path: `${path}/virtio-backend`, event: "DEVICE_DELETED" }] : [];
    return [...inner, { device: event.device, path, event: "DEVICE_DELETED" }];
  }
  if (event.type === "memory_size_change") {
    const { device, sizeBytes } = event;
    const path = `/machine/peripheral/${device}`;
    return [{ size: sizeBytes, "qom-path": path, id: device, event: "MEMORY_DEVICE_SIZE_CHANGE" }];
  }
  if (event.type === "reset") return [{ guest: false, reason: "host-qmp-system-reset", event: "RESET" }];
  if (event.type === "balloon_change") return [{ actual: event.actualBytes, event: "BALLOON_CHANGE" }];
  if (event.type === "unplug_refused") return unplugErrors(event.device, event.memUnplugError === true);
  return [];
}

/** Of pseries: the old event, up to QEMU 9.0, and the new one twice (6.12-ppc64el, 6.12-ppc64el-qemu11: p_eject_busy). */
function unplugErrors(device: string, alsoOld: boolean): Json[] {
  const refused = { device, path: `/machine/peripheral/${device}`, event: "DEVICE_UNPLUG_GUEST_ERROR" };
  const msg = `Memory hotunplug rejected by the guest for device ${device}`;
  return [...(alsoOld ? [{ device, msg, event: "MEM_UNPLUG_ERROR" }] : []), refused, refused];
}

/** _OST of containers and of the memory in them, which QEMU's events do not know. */
function containerOstField(event: SimEvent): Json[] {
  if (event.type !== "acpi_ost" || event.slot !== undefined) return [];
  return [{ device: event.device, source: event.source, status: event.status }];
}

function notificationField(event: SimEvent): Json {
  if (event.type !== "notifier" && event.type !== "node_notifier") return {};
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
    type: dimm.nvdimm === true ? "nvdimm" : "dimm",
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
  if (machine.board.platform.announces !== "acpi") return [];
  if (machine.board.platform.processorSlots && filter !== "used" && filter.slot < machine.spec.cpus)
    slots.push({ source: 0, status: 0, slot: String(filter.slot), "slot-type": "CPU" });
  return slots;
}
