import type { Architecture, Errno, MemoryAction, MemoryNotify } from "@memhp/abi";
import type { NodePages } from "@memhp/engine";
import type { ActorChoice } from "@memhp/inspect";
import {
  type Batch,
  type BatchAnswer,
  type BlockWatcher,
  createHotplug,
  type TargetAnswer,
  type Hotplug,
  type HotplugKernel,
  letGoCallback,
  type MemoryDriver,
  type NodesImage,
  type PageRequest,
  type PagesCallback,
  type PlannedTake,
  type Rounds,
  type PagesAnswer,
  restoreNodes,
} from "@memhp/hotplug";
import { bootMemoryGuard } from "./boot-memory-guard.ts";
import type { RoundMemory } from "./rounds/round-memory.ts";
import {
  createErrorInjector,
  createMemoryNotifier,
  createNodeNotifier,
  createListener,
  EARLY_PRIORITY,
  type InjectableAction,
  LATE_PRIORITY,
} from "@memhp/notifier";

/** What a shard starts with: its slice of the machine's image. Plain data: it crosses to a worker. */
export interface ShardInit {
  readonly kernel: HotplugKernel;
  readonly arch: Architecture;
  /** The nodes that this shard owns, with everything on them. */
  readonly nodes: NodesImage;
  /** Names of the callbacks that its chain must have: those who start the shard bring them. */
  readonly callbacks?: readonly string[];
  /** Compares every counter of the image with a recount. */
  readonly verify?: boolean;
  /** Where it plans rounds with the other shards, each of which has a thread of its own. */
  readonly rounds?: {
    readonly memory: RoundMemory;
    /** Distances between nodes as the kernel believes them, `distances[from][to]`; without them 10 on a node, and 20. */
    readonly distances?: readonly (readonly number[])[];
    /** Node on which the program runs that offlines. */
    readonly taskNode: number;
  };
}

/** The error injection module as every shard must have it; absent while the module is not loaded. */
export interface Injection {
  readonly priority: number;
  readonly errors: Readonly<Record<InjectableAction, Errno | 0>>;
  /** Callbacks of the host program that joined the chain before it; of equal priorities, they are called before it. 0 by default. */
  readonly after?: number;
}

/** A callback of the host program on the memory notifier chain. */
export type HostCallback = (action: MemoryAction, data: MemoryNotify) => number | Promise<number>;

/** Whole NUMA nodes with their zones, blocks and notifier chain. In this thread or in a worker: the same interface. */
export interface Shard {
  /** @param together whether rounds are planned among the shards: all of them then `run` and `advance` with it, or none. */
  run(batch: Batch, injection: Injection | undefined, together?: boolean): Promise<BatchAnswer>;
  advance(
    untilNs: number,
    answers: readonly TargetAnswer[],
    takes: readonly PlannedTake[],
    together?: boolean,
  ): Promise<BatchAnswer>;
  /** What the shards of one machine share, where they can plan rounds among themselves. */
  readonly roundMemory?: RoundMemory | undefined;
  /** Signals the writers of the batch under way. */
  interrupt(atNs: number): Promise<void>;
  /** Works on pages at once; while a batch is under way, only between `run` and `advance`. */
  pages(requests: readonly PageRequest[]): Promise<PagesAnswer>;
  /** Page counters of all its nodes. */
  counters(): Promise<readonly NodePages[]>;
  /** Its nodes as they are. No batch is under way. */
  snapshot(): Promise<NodesImage>;
  /** Adds a callback of the host program to the chain. */
  registerNotifier(name: string, priority: number, callback: HostCallback): Promise<void>;
  /** A driver of memory devices joins the chain: it lets go of the pages that it keeps when their block goes offline. */
  joinChain(driver: MemoryDriver): Promise<void>;
  /** Lets a source of this thread look at the shard's blocks. Only a shard in this thread has it. */
  watch?(watcher: BlockWatcher): void;
  /** Serves an inspection over a port, under a name that no other shard has. Only a shard in a worker has it. */
  inspect?(port: MessagePort, workerId: string, choose: ActorChoice): Promise<void>;
  /** Hears once that the shard is gone for good. Only a shard in a worker has it. */
  onGone?(hear: (reason: Error) => void): void;
  close(): Promise<void>;
}

/** A turn of the event loop: where nodes are in this thread, a signal or a click is heard within a step. */
function breathe(): Promise<void> {
  const { setImmediate: soon } = globalThis as { readonly setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => {
    if (soon === undefined) setTimeout(resolve, 0);
    else soon(resolve);
  });
}

/** Where a shard meets the others, and lets them go where it fails. */
export type ShardRounds = Rounds & { break(): void };

/**
 * A shard in this thread.
 * @param callbacks of which `init` names those that join the chain.
 * @param rounds for one that has a thread of its own.
 * @throws RangeError for one that is named and not there.
 */
export function createLocalShard(
  init: ShardInit,
  callbacks: readonly PagesCallback[] = [],
  rounds?: ShardRounds,
): Shard {
  const { kernel } = init;
  const chain = createMemoryNotifier(kernel);
  // The recording callbacks of the kernel traces are part of every run; their calls are in the event stream.
  chain.register(createListener("early", EARLY_PRIORITY));
  chain.register(createListener("late", LATE_PRIORITY));
  const nodeChain = createNodeNotifier(kernel);
  nodeChain?.register(createListener("early", EARLY_PRIORITY));
  nodeChain?.register(createListener("late", LATE_PRIORITY));
  const restored = restoreNodes(init.nodes, kernel, init.arch, init.verify);
  const hotplug: Hotplug = createHotplug({
    areChecked: true,
    ...restored,
    kernel,
    chain,
    breathe,
    ...(nodeChain === undefined ? {} : { nodeChain }),
    ...(rounds === undefined ? {} : { rounds }),
  });
  const { map } = restored;
  if (init.arch.bootMemory === "stays") chain.register(bootMemoryGuard(map, (text) => hotplug.log(text)));
  function join(callback: PagesCallback): void {
    const call: HostCallback = (action, range) => callback.call(action, range, hotplug.callbackPages);
    chain.register({ name: callback.name, priority: callback.priority, call });
  }
  for (const name of init.callbacks ?? []) {
    const callback = callbacks.find((each) => each.name === name);
    if (callback === undefined)
      throw new RangeError(
        `callbacks: the shard was started without ${JSON.stringify(name)} (a worker gives its own to serveShard)`,
      );
    join(callback);
  }
  /** In the order of their registration. */
  const hosts: Parameters<typeof chain.register>[0][] = [];
  let loaded: ReturnType<typeof createErrorInjector> | undefined;
  let loadedAfter = 0;

  function inject(injection: Injection | undefined): void {
    const { priority, after = 0 } = injection ?? {};
    if (loaded !== undefined && (loaded.priority !== priority || loadedAfter !== after)) {
      chain.unregister(loaded);
      loaded = undefined;
    }
    if (injection === undefined) return;
    if (loaded === undefined) {
      loaded = createErrorInjector({ kernel, priority: injection.priority, log: (text) => hotplug.log(text) });
      chain.register(loaded);
      loadedAfter = after;
      // The shard hears of it with the next batch; whoever joined the chain meanwhile came later.
      for (const host of hosts.slice(after)) {
        chain.unregister(host);
        chain.register(host);
      }
    }
    loaded.set("MEM_GOING_ONLINE", injection.errors.MEM_GOING_ONLINE);
    loaded.set("MEM_GOING_OFFLINE", injection.errors.MEM_GOING_OFFLINE);
  }

  /** Nobody waits for a shard that has failed. */
  async function orBreak(work: () => Promise<BatchAnswer>): Promise<BatchAnswer> {
    try {
      return await work();
    } catch (error) {
      rounds?.break();
      throw error;
    }
  }

  return {
    run: (batch, injection, together) =>
      orBreak(async () => {
        inject(injection);
        return hotplug.run(batch, together);
      }),
    advance: (untilNs, answers, takes, together) => orBreak(() => hotplug.advance(untilNs, answers, takes, together)),
    interrupt: async (atNs) => hotplug.interrupt(atNs),
    async pages(requests) {
      const answer = hotplug.pages(requests);
      // A round of a large load takes most of a second, and many are due where time was let pass.
      if (requests.some(({ op }) => op === "churn")) await breathe();
      return answer;
    },
    counters: async () => hotplug.counters(),
    snapshot: async () => hotplug.snapshot(),
    async registerNotifier(name, priority, callback) {
      const host = { name, priority, call: callback };
      hosts.push(host);
      chain.register(host);
    },
    joinChain: async (driver) => join(letGoCallback(driver)),
    watch: (watcher) => hotplug.watch(watcher),
    async close() {},
  };
}
