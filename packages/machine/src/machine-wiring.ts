import type { Task } from "@memhp/abi";
import type { IgnoredWord } from "@memhp/devices";
import type { HostCallback, ShardSet } from "@memhp/shards";
import type { MachineParts } from "./assembly.ts";
import type { Board } from "./board/board.ts";
import type { MachineFiles } from "./doors/machine-files.ts";
import type { MachineImage } from "./image/machine-image.ts";
import type { HotplugParameters } from "./spec/boot-options.ts";
import type { MachineSpec } from "./spec/spec.ts";
import type { Scheduler } from "./time/scheduler.ts";

/** What of a machine its own package works with, and nobody else. */
export interface MachineInternals {
  readonly shards: ShardSet;
  readonly parts: MachineParts;
  readonly start: <T>(name: string, body: () => Promise<T>) => Task<T>;
  /** Callbacks of the host program on the chain, by name. */
  readonly callbacks: ReadonlyMap<string, HostCallback>;
}

/** What a machine is joined from. */
export type Wiring = readonly [
  image: MachineImage,
  board: Board,
  shards: ShardSet,
  parameters: HotplugParameters,
  scheduler: Scheduler,
];

/** What one boot has made of a machine. */
export interface Joined {
  readonly spec: MachineSpec;
  readonly board: Board;
  readonly parameters: HotplugParameters;
  readonly internals: MachineInternals;
  readonly ignored: readonly IgnoredWord[];
  readonly files: MachineFiles;
}
