export { boot, type BootOptions as MachineBootOptions } from "./image/boot.ts";
export { bootMachine, type MachineOptions, start, type StartOptions } from "./image/start.ts";
export { type BoardImage, IMAGE_FORMAT, type MachineImage } from "./image/machine-image.ts";
export { decodeImage, encodeImage, type ImageLimits } from "./image/image-file.ts";
export { withRemovableFlags } from "./image/removable-flags.ts";
export { NotQuietError } from "./image/quiet.ts";
export { reset, resetUnderWay } from "./image/reset.ts";
export { snapshot } from "./image/snapshot.ts";
export { ImageError } from "@memhp/engine";
export { type Announcer, announcers } from "./kernel/announcers.ts";
export type { BootRefusal } from "./kernel/boot-scan.ts";
export type { MachineFiles } from "./doors/machine-files.ts";
export type { Machine } from "./machine.ts";
export type { BulkResult } from "./kernel/state-changes.ts";
export { untilRest } from "./time/at-rest.ts";
export { LiveClock, type LiveClockOptions } from "./time/live-clock.ts";
export { EndlessError } from "./time/endless.ts";
export { StuckError } from "./time/stuck.ts";
export type { LoadSpec, RunningLoad } from "./pages/load-spec.ts";
export type { LoadsDoor, PagesDoor } from "./pages/pages-door.ts";
export { type BlockOutlook, offlineOutlook, type OutlookAnswer, planMachineOffline } from "./plan/offline-outlook.ts";
export {
  type OfflinePlan,
  type PlanBlock,
  type PlanGoal,
  type PlanInput,
  planOffline,
  type PlanStep,
} from "./plan/offline-plan.ts";
export { type NamedGoal, readGoal } from "./plan/named-goal.ts";
export type { LeavingBlock, RoomSource } from "./plan/planned-free-memory.ts";
export type { AddMemoryOptions } from "./kernel/memory-hotplug.ts";
export { ignoredWords } from "./spec/kernel-words.ts";
export type { NodeSpec } from "./spec/node-spec.ts";
export { type MachineSpec, parseMachineSpec } from "./spec/spec.ts";
export { type Board, deviceWindow, layOutBoard, proximityMap } from "./board/board.ts";
export {
  type BootOptions,
  bootAutoOnline,
  bootParameters,
  type HotplugParameters,
  parseBootOptions,
} from "./spec/boot-options.ts";
export { SpecError } from "@memhp/devices";
export { Task, type TaskState } from "@memhp/abi";
export {
  createLocalShard,
  createRemoteShard,
  createShardHost,
  serveShard,
  type HostCallback,
  type Injection,
  type Shard,
  type ShardHost,
  type ShardInit,
  MachineClock,
  type WorkerFactory,
  WorkerGone,
  type WorkerTransport,
} from "@memhp/shards";
export { qmpEventsOf, readQemuVersion } from "@memhp/qmp";
export { executeCommand } from "./ports/monitor-command.ts";
export { qmpPortOf, type QmpPortOptions } from "./ports/qmp-port.ts";
