import type { OnlineType, Refusal } from "@memhp/abi";
import type {
  AddRange,
  BlockPart,
  BlockRun,
  MemoryMap,
  NodeMemory,
  NodePages,
  PolicyInput,
  WithheldRange,
} from "@memhp/engine";
import type { EventColumns } from "./event-columns.ts";
import type { EventWants } from "./event-log.ts";
import type { FreePages, TargetRequest } from "./target-requests.ts";

/** Work for one node. Requests of different nodes run beside each other, those of one node one after another. */
export type NodeRequest =
  | {
      readonly op: "online";
      readonly node: number;
      readonly blocks: readonly number[];
      /** `remembered` takes the type that an earlier write left in each block. */
      readonly type: OnlineType | "remembered";
      readonly signalAtNs?: number;
      /** Who asks: refusals in the stream name it. */
      readonly by?: string;
      /** Auto-online ends at the first block that fails (observed-6 §7: h_inject). */
      readonly stopAtFailure?: boolean;
    }
  | {
      readonly op: "offline";
      readonly node: number;
      readonly blocks: readonly number[];
      /** The writer gets a signal at this simulated time. */
      readonly signalAtNs?: number;
      /** The writer gets a signal when one block takes longer than this. */
      readonly patienceNs?: number;
      readonly by?: string;
      readonly stopAtFailure?: boolean;
    }
  | ({
      readonly op: "add";
      /** Frames that the driver who adds it keeps until it has them. */
      readonly withheld?: readonly WithheldRange[];
    } & AddRange)
  | WithholdRequest
  /** A driver gives frames of one block to the allocator. */
  | ({ readonly op: "release"; readonly node: number } & WithheldRange)
  | {
      readonly op: "remove";
      readonly node: number;
      readonly startPfn: number;
      readonly nrPages: number;
      readonly cpus: boolean;
      /** `strayParts` of the node, which lie in blocks that its shard may not have. */
      readonly strays?: readonly BlockPart[];
    }
  /** A write that changes nothing still leaves its online type (facts §2.8). */
  | { readonly op: "remember_type"; readonly node: number; readonly block: number; readonly type: OnlineType }
  /** Kernel pages come into a block or leave it. */
  | { readonly op: "set_unmovable"; readonly node: number; readonly block: number; readonly unmovable: boolean }
  | { readonly op: "set_firmware"; readonly node: number; readonly blocks: readonly number[] };

/** A driver takes frames of one block from the allocator; whole pageblocks. */
export interface WithholdRequest extends WithheldRange {
  readonly op: "withhold";
  readonly node: number;
  /** Calls of alloc_contig_range before it gives up in ZONE_MOVABLE; elsewhere the first is the last. */
  readonly movableTries: number;
}

/** What became of frames that a driver wanted. */
export type RangeOutcome = { readonly ok: true } | { readonly ok: false; readonly refusal: Refusal };

/** Blocks go online or offline. */
export type StateRequest = Extract<NodeRequest, { op: "online" | "offline" }>;

/** The type of an online of this block. */
export function typeOfRequest({ blocks }: MemoryMap, request: StateRequest, block: number): OnlineType {
  if (request.op === "offline") return "online";
  return request.type === "remembered" ? (blocks.onlineType(block) ?? "online") : request.type;
}

/** Requests that are carried out together, and until when. */
export interface Batch {
  readonly startNs: number;
  /** What would begin, end or happen at or after this time waits for the next `advance`. */
  readonly untilNs: number;
  readonly requests: readonly NodeRequest[];
  readonly policy: PolicyInput;
  readonly wants: EventWants;
  /** How long a page takes to move, in nanoseconds, where it is made slow on purpose. */
  readonly migratePageNs?: number;
}

/** A block that would not go on- or offline. */
export interface BlockRefused {
  readonly refusal: Refusal;
  /** The event stream has the refusal. */
  readonly told?: true;
}

/** What became of one block of an online or offline. */
export type BlockOutcome = "changed" | "unchanged" | BlockRefused;

/** The answer to one request of a batch. */
export type RequestResult =
  /** An outcome for each block of the request, in its order; fewer where it ended at a failure. */
  | { readonly op: "online" | "offline"; readonly outcomes: readonly BlockOutcome[] }
  | { readonly op: "add"; readonly blocks: readonly number[]; readonly nodeAppeared: boolean }
  | { readonly op: "remove"; readonly blocks: readonly number[]; readonly nodeVanished: boolean }
  | { readonly op: "withhold"; readonly outcome: RangeOutcome }
  | { readonly op: "remember_type" | "set_unmovable" | "set_firmware" | "release" };

/** Rows and nodes as they are after a batch: what a replica of the map copies. */
export interface MapDelta {
  /** Ascending runs of neighbouring blocks that are alike. */
  readonly rows: readonly BlockRun[];
  /** Of those of the rows that have parts. */
  readonly parts: readonly (readonly [block: number, parts: readonly BlockPart[]])[];
  readonly nodes: readonly NodeMemory[];
  /** Page counters of the nodes whose pages may have changed. */
  readonly pages: readonly NodePages[];
}

/** How far a batch came, what happened and what changed. */
export interface BatchAnswer {
  /** False where `untilNs` came first; `advance` goes on. */
  readonly finished: boolean;
  /** Simulated end of the batch; where it is not finished, the time at which it goes on. */
  readonly endNs: number;
  /** One for each request of the batch, in order; only complete where `finished`. */
  readonly results: readonly RequestResult[];
  /** What happened before `untilNs`; `inOrder` reads it. */
  readonly events: EventColumns;
  readonly delta: MapDelta;
  /** Nodes that wait for memory of other nodes; `advance` brings them the answers. */
  readonly targetRequests: readonly TargetRequest[];
  /** Where there are requests for targets: nodes whose pages this batch has changed. `delta` tells of them when nobody waits any more. */
  readonly free: readonly FreePages[];
  /** Nothing in this batch can go on by itself: only a signal or free pages help. */
  readonly stalled: boolean;
}
