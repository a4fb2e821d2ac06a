export {
  createLocalShard,
  type HostCallback,
  type Injection,
  type Shard,
  type ShardInit,
  type ShardRounds,
} from "./shard.ts";
export { deferredShards, type MoveShards } from "./deferred-shards.ts";
export type { MemoryGroups, OnlinePolicy } from "./memory-groups.ts";
export { type InspectOptions, ShardSet, type ShardSetHost } from "./shard-set.ts";
export type { MemoryImage } from "./memory-image.ts";
export { freePace, type Pace } from "./pace.ts";
export {
  clockAtBoot,
  type ClockImage,
  type EventListener,
  type StreamListener,
  MachineClock,
} from "./machine-clock.ts";
export { createRemoteShard, type ShardHost, type WorkerFactory, type WorkerTransport } from "./remote/remote-shard.ts";
export { WorkerGone } from "./remote/worker-gone.ts";
export { createShardHost } from "./remote/shard-host.ts";
export { serveShard } from "./remote/serve-shard.ts";
export { type TargetAllocatorHost, TargetAllocator } from "./targets/target-allocator.ts";
export type { TargetServer } from "./targets/target-server.ts";
export { nodeOrder, type Topology } from "./targets/round-planner.ts";
export { roundMemory, type RoundMemory } from "./rounds/round-memory.ts";
export { findTargets, type FoundTargets, type PageWork } from "./targets/target-search.ts";
