import {
  groupBy,
  type Caller,
  type OnlineType,
  type Refusal,
  type Refused,
  refusedAndTold,
  type Result,
} from "@memhp/abi";
import type { BlockOutcome, BlockRefused, RequestResult, StateRequest } from "@memhp/hotplug";
import type { Kernel } from "@memhp/kernels";
import type { ShardSet } from "@memhp/shards";
import { alreadyInState, type Change } from "@memhp/sysfs";
import { blockGone, callerGone } from "./gone.ts";
import type { HotplugLock } from "../time/hotplug-lock.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { MemoryHotplug, Patience } from "./memory-hotplug.ts";

/** Result of a change to many blocks. */
export interface BulkResult {
  /** Blocks. */
  readonly requested: number;
  /** Blocks, without those that had the state already, where the kernel takes such a write (4.1; facts §2.8). */
  readonly changed: number;
  readonly refused: readonly Refusal[];
}

/** How long somebody who offlines a block waits for it. */
const PATIENCE_NS = 120e9;

/** 4.1 gives up by itself (facts §4.1 step 6), so nobody need signal its caller. */
function patienceOf(kernel: Kernel, { signalAtNs }: Caller): Patience {
  if (signalAtNs !== undefined) return { signalAtNs };
  return kernel.pages.offlineRetries === "bounded" ? {} : { patienceNs: PATIENCE_NS };
}

export interface StateChangeHost {
  readonly kernel: Kernel;
  readonly shards: ShardSet;
  readonly memory: MemoryHotplug;
  readonly scheduler: Scheduler;
  readonly lock: HotplugLock;
  /** What programs did with their pages since somebody looked. */
  readonly passLoads: () => Promise<void>;
}

/** Blocks go online and offline for somebody who waits for it, and whom a signal reaches. Runs in kernel threads. */
export class StateChanges {
  readonly #host: StateChangeHost;

  constructor(host: StateChangeHost) {
    this.#host = host;
  }

  /** memory_probe_store. */
  probe(address: number, caller: Caller): Promise<Result<void>> {
    const { lock, memory } = this.#host;
    const leave = (): Result<void> => refusedAndTold(this.#tell(callerGone(), caller));
    return lock.runUnlessGone(caller, leave, () => memory.probe(address));
  }

  online(block: number, type: OnlineType | "remembered", caller: Caller): Promise<Result<Change>> {
    const { lock, memory } = this.#host;
    const leave = (): Result<Change> => refusedAndTold(this.#tellGone(block, caller));
    return lock.runUnlessGone(
      caller,
      leave,
      async () => this.#refuseAbsent(block, caller) ?? memory.online(block, type, caller),
    );
  }

  offline(block: number, caller: Caller): Promise<Result<Change>> {
    const { lock, memory, kernel, passLoads } = this.#host;
    const leave = (): Result<Change> => refusedAndTold(this.#tellGone(block, caller));
    return lock.runUnlessGone(caller, leave, async () => {
      await passLoads();
      const absent = this.#refuseAbsent(block, caller);
      if (absent !== undefined) return absent;
      return this.#signalled(caller, () => memory.offline(block, { ...patienceOf(kernel, caller), caller }));
    });
  }

  bulk(op: "online" | "offline", blocks: readonly number[], type: OnlineType, caller: Caller): Promise<BulkResult> {
    const { lock, shards, memory, passLoads } = this.#host;
    const leave = (): BulkResult => ({
      requested: blocks.length,
      changed: 0,
      refused: blocks.map((block) => this.#tellGone(block, caller)),
    });
    return lock.runUnlessGone(caller, leave, async () => {
      await passLoads();
      const { blocks: rows } = shards.map;
      const gone = blocks.filter((block) => !rows.has(block));
      const absent = gone.map((block) => this.#tell(blockGone(block), caller));
      const here = gone.length === 0 ? blocks : blocks.filter((block) => rows.has(block));
      const requests = this.#requests(op, here, type, caller);
      const results = await this.#signalled(caller, () => memory.changeStates(requests));
      let changed = 0;
      const refused: BlockRefused[] = [];
      for (let i = 0; i < results.length; i++) {
        const result = results[i] as RequestResult;
        const outcomes = "outcomes" in result ? result.outcomes : [];
        for (let j = 0; j < outcomes.length; j++) {
          const outcome = outcomes[j] as BlockOutcome;
          if (outcome === "changed") changed++;
          else if (typeof outcome === "object") refused.push(outcome);
          else refused.push(...this.#redundant(op, requests[i]?.blocks[j] ?? -1));
        }
      }
      for (const { refusal, told } of refused) if (told !== true) this.#tell(refusal, caller);
      return {
        requested: blocks.length,
        changed,
        refused: [...absent, ...refused.map(({ refusal }) => refusal)].sort((a, b) => (a.block ?? 0) - (b.block ?? 0)),
      };
    });
  }

  /** What a write of the state makes of it that a block has already (facts §2.8). */
  #redundant(op: "online" | "offline", block: number): BlockRefused[] {
    return this.#host.kernel.sysfs.redundantStateWrite === "returns-1"
      ? []
      : [{ refusal: alreadyInState(block, op).refusal }];
  }

  #requests(op: "online" | "offline", blocks: readonly number[], type: OnlineType, caller: Caller): StateRequest[] {
    const by = caller.name === undefined ? {} : { by: caller.name };
    const { shards, kernel } = this.#host;
    const patience = patienceOf(kernel, caller);
    return [...groupBy(blocks, (block) => shards.map.blocks.node(block))]
      .sort(([a], [b]) => a - b)
      .map(([node, own]) =>
        op === "online" ? { op, node, blocks: own, type, ...by } : { op, node, blocks: own, ...patience, ...by },
      );
  }

  /** A signal to the caller reaches what is under way for it; it holds the lock, so that is its own. */
  async #signalled<T>({ signal, name }: Caller, work: () => Promise<T>): Promise<T> {
    const interrupt = (): void => {
      void this.#host.scheduler.start(`signal to ${name ?? "a writer"}`, () => this.#host.shards.interrupt());
    };
    signal?.addEventListener("abort", interrupt);
    try {
      return await work();
    } finally {
      signal?.removeEventListener("abort", interrupt);
    }
  }

  #refuseAbsent(block: number, caller: Caller): Refused | undefined {
    if (this.#host.shards.map.blocks.has(block)) return undefined;
    return refusedAndTold(this.#tell(blockGone(block), caller));
  }

  #tellGone(block: number, caller: Caller): Refusal {
    return this.#tell(callerGone(block), caller);
  }

  #tell(refusal: Refusal, { name }: Caller): Refusal {
    this.#host.shards.emit({ type: "refusal", refusal, ...(name === undefined ? {} : { by: name }) });
    return refusal;
  }
}
