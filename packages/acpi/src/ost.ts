/** Values that firmware notifies and that the kernel passes to _OST (facts/kernel.md §6.2, §6.4). */
export const NOTIFY_BUS_CHECK = 0x00;
/** Notify value 1: look at this device, it may have come. */
export const NOTIFY_DEVICE_CHECK = 0x01;
/** Notify value 3: let this device go. */
export const NOTIFY_EJECT_REQUEST = 0x03;

/** Source codes that no firmware notifies: the kernel's own reasons to evaluate _OST (facts/kernel.md §6.4). */
export const OST_EVENT_OSPM_SHUTDOWN = 0x100;
/** An eject that a write to sysfs started. */
export const OST_EVENT_OSPM_EJECT = 0x103;
/** `_OST` source: an insertion that the system began. */
export const OST_EVENT_OSPM_INSERTION = 0x200;

/** `_OST` status: done. */
export const OST_SUCCESS = 0x0;
/** `_OST` status: not done, for no reason that has a code. */
export const OST_FAILURE = 0x1;
/** `_OST` status: the system knows no such notify. */
export const OST_UNRECOGNIZED_NOTIFY = 0x2;

/** Status codes of an eject: sources 3 and 0x103. */
export const OST_EJECT_NOT_SUPPORTED = 0x80;
/** `_OST` status of an eject: a program uses the device. */
export const OST_EJECT_DEVICE_IN_USE = 0x81;
/** `_OST` status of an eject: the device is busy. */
export const OST_EJECT_DEVICE_BUSY = 0x82;
/** `_OST` status of an eject: something that the device needs, or that needs it, is busy. */
export const OST_EJECT_DEPENDENCY_BUSY = 0x83;
/** `_OST` status of an eject: it has begun. */
export const OST_EJECT_IN_PROGRESS = 0x84;

/** Status codes of an insertion: source 0x200. */
export const OST_INSERT_IN_PROGRESS = 0x80;
/** `_OST` status of an insertion: the driver did not take the device. */
export const OST_INSERT_DRIVER_LOAD_FAILURE = 0x81;
/** `_OST` status of an insertion: the system takes no such device. */
export const OST_INSERT_NOT_SUPPORTED = 0x82;

/** Status codes of a shutdown: source 0x100. */
export const OST_SHUTDOWN_DENIED = 0x80;
/** `_OST` status of a shutdown: it has begun. */
export const OST_SHUTDOWN_IN_PROGRESS = 0x81;
/** `_OST` status of a shutdown: it is over. */
export const OST_SHUTDOWN_COMPLETED = 0x82;
/** `_OST` status of a shutdown: the system does not do that. */
export const OST_SHUTDOWN_NOT_SUPPORTED = 0x83;

/**
 * The three values that put work on the hotplug queue; all others are only logged (facts/kernel.md §6.2).
 * @param value the notify's value: 0, 1 or 3 are of hotplug
 */
export function isHotplugNotify(value: number): boolean {
  return value === NOTIFY_BUS_CHECK || value === NOTIFY_DEVICE_CHECK || value === NOTIFY_EJECT_REQUEST;
}

const otherNotifies: ReadonlyMap<number, string> = new Map([
  [0x02, "Device wake"],
  [0x04, "Device check light"],
  [0x05, "Frequency mismatch"],
  [0x06, "Bus mode mismatch"],
  [0x07, "Power fault"],
]);

/** What the kernel's log calls a notify value that it does nothing about. */
export function notifyText(value: number): string {
  return otherNotifies.get(value) ?? `Unknown event type 0x${value.toString(16)}`;
}
