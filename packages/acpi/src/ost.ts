/** Values that firmware notifies and that the kernel passes to _OST (facts/kernel.md §6.2, §6.4). */
export const NOTIFY_BUS_CHECK = 0x00;
export const NOTIFY_DEVICE_CHECK = 0x01;
export const NOTIFY_EJECT_REQUEST = 0x03;
/** Source code of an eject that a write to sysfs started; no firmware notify. */
export const OST_EVENT_OSPM_EJECT = 0x103;

export const OST_SUCCESS = 0x0;
export const OST_FAILURE = 0x1;
export const OST_EJECT_NOT_SUPPORTED = 0x80;
export const OST_EJECT_IN_PROGRESS = 0x84;
