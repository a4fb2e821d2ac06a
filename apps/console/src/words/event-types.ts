import type { SimEvent } from "@memhp/abi";

export type EventType = SimEvent["type"];

/** Every kind of event, with the name that the filter shows. */
export const eventTypes: readonly (readonly [type: EventType, name: string])[] = [
  ["file_write", "write"],
  ["acpi_notify", "firmware"],
  ["acpi_ost", "_OST"],
  ["device_deleted", "ejected"],
  ["unplug_refused", "not ejected"],
  ["memory_size_change", "device size"],
  ["balloon_change", "balloon"],
  ["reset", "reset"],
  ["block", "block"],
  ["notifier", "notifier"],
  ["node_notifier", "node notifier"],
  ["uevent", "uevent"],
  ["zone", "zone"],
  ["migrate", "migrate"],
  ["load", "load"],
  ["refusal", "refusal"],
  ["log", "kernel log"],
];

const names = new Map(eventTypes);
export function typeName(type: EventType): string {
  return names.get(type) ?? type;
}
