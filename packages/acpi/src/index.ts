export {
  NOTIFY_BUS_CHECK,
  NOTIFY_DEVICE_CHECK,
  NOTIFY_EJECT_REQUEST,
  OST_EJECT_IN_PROGRESS,
  OST_EJECT_NOT_SUPPORTED,
  OST_EVENT_OSPM_EJECT,
  OST_FAILURE,
  OST_SUCCESS,
} from "./ost.ts";
export type { AcpiKernelPort, MemoryRange } from "./kernel-port.ts";
export { attachMemoryDevice, type DeviceOutcome, ejectMemoryDevice, type MemoryDevice, OST_NOT_ATTACHED } from "./memory-device.ts";
