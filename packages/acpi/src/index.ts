export {
  isHotplugNotify,
  NOTIFY_BUS_CHECK,
  NOTIFY_DEVICE_CHECK,
  NOTIFY_EJECT_REQUEST,
  OST_EJECT_DEPENDENCY_BUSY,
  OST_EJECT_DEVICE_BUSY,
  OST_EJECT_DEVICE_IN_USE,
  OST_EJECT_IN_PROGRESS,
  OST_EJECT_NOT_SUPPORTED,
  OST_EVENT_OSPM_EJECT,
  OST_EVENT_OSPM_INSERTION,
  OST_EVENT_OSPM_SHUTDOWN,
  OST_FAILURE,
  OST_INSERT_DRIVER_LOAD_FAILURE,
  OST_INSERT_IN_PROGRESS,
  OST_INSERT_NOT_SUPPORTED,
  OST_SHUTDOWN_COMPLETED,
  OST_SHUTDOWN_DENIED,
  OST_SHUTDOWN_IN_PROGRESS,
  OST_SHUTDOWN_NOT_SUPPORTED,
  OST_SUCCESS,
  OST_UNRECOGNIZED_NOTIFY,
} from "./ost.ts";
export { eventWords, isOstFailure, ostWords } from "./ost-words.ts";
export {
  isEnabled,
  isPresent,
  isUsableMemory,
  STA_DEFAULT,
  STA_ENABLED,
  STA_FUNCTIONING,
  STA_PRESENT,
  STA_UI,
} from "./status.ts";
export {
  type AcpiDeviceDescription,
  type AcpiNamespace,
  createNamespace,
  type NamespaceDescription,
  NamespaceError,
} from "./namespace.ts";
export { type AcpiMethods, type AcpiNode, proximityOf } from "./namespace-node.ts";
export { MAX_NAMED_SLOTS, qemuNamespace, qemuSlotPath } from "./qemu-namespace.ts";
export { type Caching, type CrsMemory, memoryOfCrs, type MemoryRange, type ResourceDescriptor } from "./crs.ts";
export { type Acpi, type AcpiOptions, createAcpi } from "./acpi.ts";
export type { AcpiDeviceImage, AcpiImage, ContainerDeviceImage, MemoryDeviceImage } from "./image.ts";
export { type AcpiPorts, type AddMemoryOptions, type Firmware, KernelBug, type HotplugPort } from "./ports.ts";
export type { AcpiKernel, AcpiRules } from "./acpi-rules.ts";
export type { DriverKind } from "./drivers.ts";
export { finalStatus, type HotplugOutcome } from "./hotplug-event.ts";
export type { KernelReturn } from "./kernel-return.ts";
export { createNotifyQueue, type HotplugLock, type NotifyQueue, type NotifyQueueOptions } from "./notify-queue.ts";
export type { BusDevice, ContainerBusDevice, MemoryBusDevice, PlainBusDevice } from "./bus-device.ts";
export type { PhysicalDevice, PhysicalNode, PhysicalNodes } from "./physical-node.ts";
export type { AcpiInspector, ContainerActor, DeviceActor, MemoryDeviceActor } from "./device-actor.ts";
export {
  type MemoryDeviceContext,
  type MemoryDeviceEvent,
  type MemoryDeviceInput,
  type MemoryDeviceMachine,
  memoryDeviceMachine,
  type MemoryDeviceStep,
  memoryDeviceSteps,
  type MemoryDeviceTag,
} from "./memory-device-machine.ts";
export {
  type ContainerContext,
  type ContainerEvent,
  type ContainerInput,
  type ContainerMachine,
  containerMachine,
  type ContainerStep,
  containerSteps,
  type ContainerTag,
} from "./container-machine.ts";
export { type AcpiDeviceView, type AcpiViews, type ContainerView, createAcpiViews } from "./device-views.ts";
export type { StepAnswer, StepFailure } from "./step.ts";
export { checksum, type TableHeader, TableError } from "./tables/table-header.ts";
export { nodesOfSrat, readSrat, type Srat, SRAT_REVISION, writeSrat } from "./tables/srat.ts";
export type {
  ApicAffinity,
  InitiatorAffinity,
  MemoryAffinity,
  OtherAffinity,
  SratAffinity,
  X2apicAffinity,
} from "./tables/srat-affinity.ts";
export {
  LOCAL_DISTANCE,
  readSlit,
  REMOTE_DISTANCE,
  type Slit,
  slitDistance,
  trustedSlit,
  writeSlit,
} from "./tables/slit.ts";
