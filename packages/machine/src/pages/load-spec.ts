import type { EventBody } from "@memhp/abi";
import type { LoadKind, MemoryMap, NodePages, NodePolicy, zoneFloors } from "@memhp/engine";
import type { PageResult } from "@memhp/hotplug";
import type { Kernel } from "@memhp/kernels";
import type { PageWork } from "@memhp/shards";
import type { Alarm } from "../time/alarms.ts";

/** A load as somebody asks for it. */
export interface LoadSpec {
  readonly id: string;
  readonly kind: LoadKind;
  readonly sizeBytes: number;
  /** Where its pages may lie; by default wherever the first node with a processor finds room. */
  readonly policy?: NodePolicy;
  /** It has references to its own pages, which end with it. Of `pinned` loads: 6.x keeps long pins out of ZONE_MOVABLE. */
  readonly pin?: "short" | "long";
  /** It lives: every so often it frees this part of its pages and allocates as many anew. */
  readonly churn?: { readonly fraction: number; readonly everyNs: number };
  /** It ends by itself after this time. */
  readonly lifetimeNs?: number;
}

/** A load that runs. */
export interface RunningLoad extends LoadSpec {
  readonly startedNs: number;
  /** Churn is done up to here. */
  churnedNs: number;
  /** Somebody else has run since it began, who may have put objects into its slab. */
  othersRan?: true;
}

/** What loads need of the machine. */
export interface LoadHost {
  readonly kernel: Kernel;
  readonly map: MemoryMap;
  readonly pages: ReadonlyMap<number, NodePages>;
  readonly pageSize: number;
  readonly nowNs: number;
  readonly taskNode: number;
  /** Free pages that programs leave in each zone of a node, as it is now. */
  floors(): ReturnType<typeof zoneFloors>;
  /** Nodes with memory, as an allocation of a node asks them. */
  nodeOrder(node: number): readonly number[];
  work: PageWork;
  emit(body: EventBody): void;
  setAlarm(alarm: Alarm): void;
  /** A program begins to use memory of a node. */
  used(node: number): Promise<void>;
}

/** Base pages of an answer. */
export function pagesIn(result: PageResult): number {
  return "pages" in result ? result.pages : 0;
}
