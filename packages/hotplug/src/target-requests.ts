import type { ZoneIndex } from "@memhp/abi";
import type { TargetsFound, MigratingFolios, NodeMemory } from "@memhp/engine";

/**
 * Pages of a block that want to move and cannot be moved by their node alone: where they may go, only the whole
 * machine knows. The batch stops until every node has come to such a point or to its end; then the requests for targets are
 * served in the order of (time, node), whoever was faster.
 */
export interface TargetRequest {
  readonly node: number;
  readonly atNs: number;
  readonly block: number;
  /** Zone that the pages leave. */
  readonly zone: ZoneIndex;
  readonly folios: readonly MigratingFolios[];
  /** Their own node may keep them, as for any allocation there (alloc_contig_range). */
  readonly ownNodeFirst?: true;
}

/** How many base pages went to a node. */
export interface TargetPages {
  readonly node: number;
  readonly pages: number;
}

/** What a node gives in a round that was planned from counters. */
export interface PlannedTake {
  readonly op: "accept";
  readonly node: number;
  readonly folios: readonly MigratingFolios[];
  readonly highestZone: ZoneIndex;
  readonly hugepages: boolean;
  /** Free pages that must stay in each zone of the node, by zone index. */
  readonly floors: readonly number[];
  /** How many pages of each group it gives. */
  readonly planned: readonly number[];
}

/** NR_FREE_PAGES of a node, by zone index. */
export interface FreePages {
  readonly node: number;
  readonly zones: readonly number[];
}

/** The answer to the request of a node. */
export type TargetAnswer =
  | {
      readonly node: number;
      /** Group by group. */
      readonly found: readonly TargetsFound[];
      readonly targets: readonly TargetPages[];
    }
  /** 4.1: nobody had room, so the OOM killer ended a process; the pages are looked at anew. */
  | { readonly node: number; readonly killed: string };

/** What a shard tells the others when each of its nodes has come to a request for targets, or to its end. */
export interface RoundPart {
  readonly targetRequests: readonly TargetRequest[];
  /** Its nodes as they are now; only those that may have changed, where it has told of all of them before. */
  readonly nodes: readonly { readonly memory: NodeMemory; readonly free: readonly number[] }[];
  /** Nothing of its batch is left to do. */
  readonly finished: boolean;
  /** Events that wait to be told. */
  readonly events: number;
}

/** What a shard gets and gives in a round that the shards have planned among themselves. */
export interface SharedRound {
  readonly answers: readonly TargetAnswer[];
  readonly takes: readonly PlannedTake[];
}

/** Where the shards of a batch meet to plan a round without the machine. */
export interface Rounds {
  /**
   * Waits, the thread with it, until every shard has told its part.
   * @returns the round; or, where it is the machine that goes on, whether all shards have finished.
   */
  meet(part: RoundPart): SharedRound | { readonly finished: boolean };
}
