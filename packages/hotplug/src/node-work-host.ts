import type { BlockHandle, BlockPorts } from "@memhp/block";
import type { MemoryMap, NodeStores } from "@memhp/engine";
import type { Costs } from "./costs.ts";
import type { EventLog } from "./event-log.ts";
import type { IdleBlocks } from "./idle-blocks.ts";
import type { HotplugKernel } from "./hotplug-kernel.ts";
import type { StepContext } from "./step-context.ts";

/** What a timeline needs from the set of nodes it belongs to. */
export interface NodeWorkHost {
  readonly kernel: HotplugKernel;
  readonly map: MemoryMap;
  readonly stores: NodeStores;
  readonly costs: Costs;
  /** The context of a step of `node` that begins at `atNs`. */
  context(atNs: number, node: number): StepContext;
  /** What the batch's events are written to. */
  readonly log: EventLog;
  /** Opens a block's statechart, whose steps begin at `ports`. */
  open(block: number, ports: BlockPorts): BlockHandle;
  /** Carries out blocks that are idle, where nobody looks at single ones. */
  idle(): IdleBlocks | undefined;
  /** Blocks were added. */
  appeared(blocks: readonly number[]): void;
  /** A block is gone; its row is not there any more. */
  removed(block: number): void;
  /** The pages of a node may have changed. */
  pagesTouched(node: number): void;
  /** A block's row, its node or its zones changed. */
  touched(block: number): void;
  /** Neighbouring blocks of a node that were idle have passed: the same of each of them. */
  passed(node: number, first: number, count: number): void;
  /** Where the thread has to hear what else there is before the next block begins; undefined where it need not yet. */
  breathe(): Promise<void> | undefined;
}
