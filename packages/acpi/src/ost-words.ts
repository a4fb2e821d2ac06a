import * as ost from "./ost.ts";

type Words = Readonly<Record<number, string>>;

const notifies: Words = {
  [ost.NOTIFY_BUS_CHECK]: "bus check",
  [ost.NOTIFY_DEVICE_CHECK]: "device check",
  [ost.NOTIFY_EJECT_REQUEST]: "eject request",
};
const ownSources: Words = {
  [ost.OST_EVENT_OSPM_SHUTDOWN]: "shutdown",
  [ost.OST_EVENT_OSPM_EJECT]: "eject by sysfs",
  [ost.OST_EVENT_OSPM_INSERTION]: "insertion",
};

const general: Words = {
  [ost.OST_SUCCESS]: "success",
  [ost.OST_FAILURE]: "failure",
  [ost.OST_UNRECOGNIZED_NOTIFY]: "unrecognised notify",
};
const PENDING = "in progress";
const ofEject: Words = {
  [ost.OST_EJECT_NOT_SUPPORTED]: "not supported",
  [ost.OST_EJECT_DEVICE_IN_USE]: "device in use",
  [ost.OST_EJECT_DEVICE_BUSY]: "device busy",
  [ost.OST_EJECT_DEPENDENCY_BUSY]: "dependency busy",
  [ost.OST_EJECT_IN_PROGRESS]: PENDING,
};
const ofInsertion: Words = {
  [ost.OST_INSERT_IN_PROGRESS]: PENDING,
  [ost.OST_INSERT_DRIVER_LOAD_FAILURE]: "driver load failure",
  [ost.OST_INSERT_NOT_SUPPORTED]: "not supported",
};
const ofShutdown: Words = {
  [ost.OST_SHUTDOWN_DENIED]: "denied",
  [ost.OST_SHUTDOWN_IN_PROGRESS]: PENDING,
  [ost.OST_SHUTDOWN_COMPLETED]: "completed",
  [ost.OST_SHUTDOWN_NOT_SUPPORTED]: "not supported",
};
/** The kernel answers a check of a device with the codes of an eject (facts/kernel.md §6.3: 0x80 for EPERM). */
const statuses: Readonly<Record<number, Words>> = {
  [ost.OST_EVENT_OSPM_INSERTION]: ofInsertion,
  [ost.OST_EVENT_OSPM_SHUTDOWN]: ofShutdown,
};

/** What an event of ACPI is called: `value` is a notify of the firmware, or the kernel's own reason to evaluate _OST (facts/kernel.md §6.4). */
export function eventWords(value: number): string {
  return notifies[value] ?? ownSources[value] ?? `event 0x${value.toString(16)}`;
}

/** What the code `status` of _OST says of the event `source` that it answers (facts/kernel.md §6.4): `device busy (0x82)`. */
export function ostWords(source: number, status: number): string {
  return `${statusOf(source, status) ?? "status"} (0x${status.toString(16)})`;
}

/** Whether the event `source` came to nothing, by the code `status` of _OST; one that is in progress has not. */
export function isOstFailure(source: number, status: number): boolean {
  return status !== ost.OST_SUCCESS && statusOf(source, status) !== PENDING;
}

function statusOf(source: number, status: number): string | undefined {
  return general[status] ?? (statuses[source] ?? ofEject)[status];
}
