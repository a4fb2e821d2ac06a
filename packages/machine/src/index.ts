export { bootMachine, type MachineOptions } from "./boot.ts";
export { type BulkResult, Machine } from "./machine.ts";
export type { Writer } from "./writer.ts";
export type { LoadSpec, RunningLoad } from "./loads.ts";
export type { MachinePages } from "./machine-pages.ts";
export { type BlockOutlook, offlineOutlook, type OutlookAnswer, planMachineOffline } from "./offline-outlook.ts";
export {
  type OfflinePlan,
  type PlanBlock,
  type PlanGoal,
  type PlanInput,
  planOffline,
  type PlanStep,
} from "./offline-plan.ts";
export { type NamedGoal, readGoal } from "./named-goal.ts";
export type { LeavingBlock, RoomSource } from "./target-room.ts";
export type { AddMemoryOptions } from "./memory-core.ts";
export type { OstRecord } from "./acpi-bus.ts";
export { type ColdDimm, type MachineSpec, type NodeSpec, parseMachineSpec, SpecError } from "./spec.ts";
export {
  type Board,
  type ByteRange,
  dimmWindow,
  firmwareRam,
  layOutBoard,
  lowMemoryEnd,
  proximityMap,
} from "./board.ts";
export {
  type AutoOnline,
  type BootOptions,
  bootAutoOnline,
  bootParameters,
  type HotplugParameters,
  parseBootOptions,
} from "./boot-options.ts";
export { type Container, type ContainerNotify, Containers, isInserted } from "./containers.ts";
export type { ContainerMemory } from "./container-memory.ts";
export type { ContainerHid, ContainerMemorySpec, ContainerSpec } from "./container-spec.ts";
export { type Dimm, type DimmRequest, DimmSlots } from "./dimm-slots.ts";
export { createLocalShard, type HostCallback, type Injection, type Shard, type ShardInit } from "./shard.ts";
export {
  createRemoteShard,
  type ShardHost,
  WorkerGone,
  type WorkerFactory,
  type WorkerTransport,
} from "./remote-shard.ts";
export { createShardHost } from "./shard-host.ts";
export { Timeline } from "./timeline.ts";
export { qmpPortOf, type QmpPortOptions } from "./qmp-port.ts";
