export { applyDelta } from "./map-delta.ts";
export { createHotplug, type Hotplug, type HotplugOptions, type PagesAnswer } from "./hotplug.ts";
export type {
  TargetAnswer,
  FreePages,
  PlannedTake,
  RoundPart,
  Rounds,
  SharedRound,
  TargetRequest,
  TargetPages,
} from "./target-requests.ts";
export { mergeNodes, type NodesImage, type NodesState, restoreNodes, sliceNodes, snapshotNodes } from "./image.ts";
export { letGoCallback, type MemoryDriver } from "./withheld.ts";
export type { DaxSource, KmemRules, MemoryDriverRules, VirtioMemRules } from "@memhp/engine";
export type { CallbackPages, PagesCallback } from "./callback-pages.ts";
export type { BlockSurvey } from "./offline-forecast.ts";
export type { PageRequest, PageResult } from "./page-requests.ts";
export type { HotplugRules } from "@memhp/engine";
export type { HotplugKernel } from "./hotplug-kernel.ts";
export { checkPageRequests, checkRequests } from "./check-requests.ts";
export { type Costs, defaultCosts } from "./costs.ts";
export { EventColumns, type EventData, EventKind } from "./event-columns.ts";
export { EventMerge, EventStream, inOrder } from "./event-merge.ts";
export { allEvents, EventLog, type EventWants } from "./event-log.ts";
export type { BlockWatcher, WatchableBlock } from "./watched-blocks.ts";
export type {
  Batch,
  BatchAnswer,
  BlockOutcome,
  BlockRefused,
  MapDelta,
  NodeRequest,
  RangeOutcome,
  RequestResult,
  StateRequest,
} from "./request.ts";
