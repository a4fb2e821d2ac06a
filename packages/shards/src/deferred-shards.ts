import type { MemoryDriver, NodesImage, PageRequest } from "@memhp/hotplug";
import type { HostCallback, Shard } from "./shard.ts";

/** Starts shards in workers from what shards in this thread have come to, in their order. */
export type MoveShards = (images: readonly NodesImage[]) => Promise<readonly Shard[]>;

/**
 * Shards that stay in this thread until there is work that threads share: pages that programs use, which may have to move. Blocks that
 * nobody uses go on- and offline in less time than a worker takes to start.
 */
export function deferredShards(locals: readonly Shard[], moveShards: MoveShards): Shard[] {
  const deferred: DeferredShard[] = [];
  let moving: Promise<void> | undefined;
  const move = async (): Promise<void> => {
    const remotes = await moveShards(await Promise.all(locals.map((local) => local.snapshot())));
    await Promise.all(deferred.map((shard, i) => shard.settle(remotes[i] as Shard)));
  };
  const moved = (): Promise<void> => (moving ??= move());
  for (const local of locals)
    deferred.push(
      new DeferredShard(local, {
        moved,
        ifMoving: () => moving,
        isQuiet: () => deferred.every((shard) => !shard.isAtWork),
      }),
    );
  return deferred;
}

/** What the shards of one machine have in common. */
interface Together {
  /** Moves all of them, once. */
  readonly moved: () => Promise<void>;
  /** Until when the move takes; undefined where none has begun. */
  readonly ifMoving: () => Promise<void> | undefined;
  /** No batch is under way anywhere: only then a shard can be written down. */
  readonly isQuiet: () => boolean;
}

class DeferredShard implements Shard {
  #shard: Shard;
  readonly #together: Together;
  /** A batch is under way. */
  isAtWork = false;
  #hear: ((reason: Error) => void) | undefined;
  readonly #joined: ((shard: Shard) => Promise<void>)[] = [];
  #isClosed = false;

  constructor(local: Shard, together: Together) {
    this.#shard = local;
    this.#together = together;
  }

  /** From here on it is in its worker. */
  async settle(remote: Shard): Promise<void> {
    for (const join of this.#joined) await join(remote);
    this.#shard = remote;
    if (this.#hear !== undefined) remote.onGone?.(this.#hear);
    if (this.#isClosed) await remote.close();
  }

  async #now(): Promise<Shard> {
    await this.#together.ifMoving();
    return this.#shard;
  }

  get roundMemory(): Shard["roundMemory"] {
    return this.#shard.roundMemory;
  }

  async run(...request: Parameters<Shard["run"]>): ReturnType<Shard["run"]> {
    this.isAtWork = true;
    return this.#worked((await this.#now()).run(...request));
  }

  async advance(...round: Parameters<Shard["advance"]>): ReturnType<Shard["advance"]> {
    return this.#worked((await this.#now()).advance(...round));
  }

  async #worked(work: ReturnType<Shard["run"]>): ReturnType<Shard["run"]> {
    const answer = await work;
    this.isAtWork = !answer.finished;
    return answer;
  }

  async interrupt(atNs: number): Promise<void> {
    return (await this.#now()).interrupt(atNs);
  }

  async pages(requests: readonly PageRequest[]): ReturnType<Shard["pages"]> {
    if (requests.some(({ op }) => op === "load") && this.#together.isQuiet()) await this.#together.moved();
    return (await this.#now()).pages(requests);
  }

  async counters(): ReturnType<Shard["counters"]> {
    return (await this.#now()).counters();
  }

  async snapshot(): ReturnType<Shard["snapshot"]> {
    return (await this.#now()).snapshot();
  }

  async registerNotifier(name: string, priority: number, callback: HostCallback): Promise<void> {
    await this.#join((shard) => shard.registerNotifier(name, priority, callback));
  }

  async joinChain(driver: MemoryDriver): Promise<void> {
    await this.#join((shard) => shard.joinChain(driver));
  }

  async #join(join: (shard: Shard) => Promise<void>): Promise<void> {
    const shard = await this.#now();
    this.#joined.push(join);
    await join(shard);
  }

  async inspect(...inspection: Parameters<NonNullable<Shard["inspect"]>>): Promise<void> {
    await this.#together.moved();
    await this.#shard.inspect?.(...inspection);
  }

  onGone(hear: (reason: Error) => void): void {
    this.#hear = hear;
    this.#shard.onGone?.(hear);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#shard.close();
  }
}
