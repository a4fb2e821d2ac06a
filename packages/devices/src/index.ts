export type { DriverBlockState, DriverKernel } from "./driver-kernel.ts";
export { deviceTypes } from "./device-types.ts";
export type {
  Device,
  DeviceBoard,
  DeviceHost,
  DeviceMemory,
  DeviceMonitor,
  DeviceType,
  DlparPort,
  DriverModule,
} from "./device-type.ts";
export type { SchemaPart, SchemaWords } from "./schema-part.ts";
export type { DeviceRoom, SpecPart, SpecReading } from "./spec-part.ts";
export type { IgnoredWord } from "./ignored-word.ts";
export { type QemuOption, qemuFields, readQemuOptions } from "./qemu-options.ts";
export {
  byteRange,
  type Check,
  expected,
  fields,
  flag,
  list,
  number,
  oneOf,
  optional,
  orNull,
  record,
  text,
  tuple,
  whole,
} from "./image-checks.ts";
export { at, count, fail, isRecord, MAX_SLOTS, optionalText, size, SpecError, trueOrFalse } from "./spec-fields.ts";
export { MAX_NODES } from "./spec-nodes.ts";
export { dimm, type DimmsDoor, dimmsOf } from "./dimm/dimm.ts";
export { type Dimm, type DimmRequest, DimmSlots } from "./dimm/dimm-slots.ts";
export type { DimmImage, OstRecord } from "./dimm/dimm-image.ts";
export type { ColdDimm } from "./dimm/cold-dimm.ts";
export type { DimmSpec } from "./dimm/cold-dimms.ts";
export { balloon, type BalloonDoor, balloonOf } from "./balloon/balloon.ts";
export type { Balloon } from "./balloon/balloons.ts";
export { balloonMachine } from "./balloon/balloon-machine.ts";
export { standby, type StandbyDoor, standbyOf } from "./standby/standby.ts";
export type { StandbyBlock } from "./standby/standby-memory.ts";
export type { StandbySpec } from "./standby/standby-spec.ts";
export { container, type ContainersDoor, containersOf } from "./container/container.ts";
export { type Container, Containers } from "./container/containers.ts";
export type { ContainerNotify } from "./container/machine-containers.ts";
export type { ContainerMemory } from "./container/container-memory.ts";
export type { ContainerHid, ContainerMemorySpec, ContainerSpec } from "./container/container-spec.ts";
export { dax, type DaxDoor, daxOf } from "./dax/dax.ts";
export { type DaxDriver, daxDrivers } from "./dax/dax-device.ts";
export type { Dax } from "./dax/dax-devices.ts";
export type { DaxSpec } from "./dax/dax-spec.ts";
export { daxMachine } from "./dax/dax-machine.ts";
export { virtioMem, type VirtioMemsDoor, virtioMemsOf } from "./virtio-mem/virtio-mem.ts";
export type { VirtioMem, VirtioMemRequest } from "./virtio-mem/virtio-mems.ts";
export type { VirtioMemSpec } from "./virtio-mem/virtio-mem-spec.ts";
export { virtioMemMachine } from "./virtio-mem/virtio-mem-machine.ts";
