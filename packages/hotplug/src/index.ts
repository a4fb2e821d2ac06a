export { createHotplug, applyDelta, type Hotplug, type HotplugOptions, type PagesAnswer } from "./hotplug.ts";
export type { DemandAnswer, PageDemand, TargetPages } from "./exchange.ts";
export type { BlockSurvey, PageRequest, PageResult } from "./page-requests.ts";
export { refuseByVeto } from "./notify-steps.ts";
export type { HotplugKernel, HotplugRules } from "./hotplug-rules.ts";
export { type Costs, defaultCosts } from "./costs.ts";
export { allEvents, EventLog, type EventWants } from "./event-log.ts";
export type { BlockWatcher, WatchableBlock } from "./watched-blocks.ts";
export type { Batch, BatchAnswer, BlockOutcome, MapDelta, NodeRequest, RequestResult } from "./request.ts";
