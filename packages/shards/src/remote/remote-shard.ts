import * as Comlink from "comlink";
import { type PackedAnswer, unpackAnswer } from "./answer-codec.ts";
import { packBatch, type PackedBatch } from "./request-codec.ts";
import type { Shard, ShardInit } from "../shard.ts";
import { WorkerGone } from "./worker-gone.ts";

/** A worker as the machine needs it: an endpoint, news of its end, and a way to end it. */
export interface WorkerTransport {
  readonly endpoint: Comlink.Endpoint;
  /** Calls back once if the worker throws, exits, runs out of memory or is killed. */
  onGone(callback: (reason: Error) => void): void;
  /** Whether somebody waits for an answer of the worker. One that nobody waits for need not keep the program alive. */
  setBusy?(isBusy: boolean): void;
  /** The worker has a thread of its own, which may wait, and can share memory with others. */
  readonly sharesMemory?: boolean;
  terminate(): void | Promise<void>;
}

/** Starts a worker that runs `@memhp/shards/worker`. `index` numbers the workers of one machine from 0. */
export type WorkerFactory = (index: number) => WorkerTransport;

/** How long a worker may take to hand over the last messages of an inspection. */
const LAST_WORDS_MS = 1000;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

type RunOptions = Parameters<Shard["run"]> extends [unknown, ...infer Rest] ? Rest : never;

/** What a worker exposes. */
export interface ShardHost {
  boot(init: ShardInit): Promise<void>;
  run(batch: PackedBatch, ...rest: RunOptions): Promise<PackedAnswer>;
  advance(...request: Parameters<Shard["advance"]>): Promise<PackedAnswer>;
  interrupt: Shard["interrupt"];
  pages: Shard["pages"];
  counters: Shard["counters"];
  snapshot: Shard["snapshot"];
  registerNotifier: Shard["registerNotifier"];
  joinChain: Shard["joinChain"];
  inspect: NonNullable<Shard["inspect"]>;
  /** Sends what an inspection still holds. */
  endInspection(): Promise<void>;
}

/**
 * A shard in a worker. Comlink alone would leave a call pending for ever when its worker
 * dies, so every call races the worker's end.
 * @throws WorkerGone for a worker that ends before it has begun
 */
export async function createRemoteShard(init: ShardInit, transport: WorkerTransport): Promise<Shard> {
  const remote = Comlink.wrap<ShardHost>(transport.endpoint);
  let gone: Error | undefined;
  let hearGone: ((reason: Error) => void) | undefined;
  const pending = new Set<(reason: Error) => void>();
  transport.onGone((reason) => {
    // A worker that is ended goes too.
    if (gone !== undefined) return;
    gone = new WorkerGone(
      `the worker with node ${init.nodes.map.nodes.map(({ id }) => id).join(", ")} is gone: ${reason.message}`,
      { cause: reason },
    );
    hearGone?.(gone);
    for (const reject of pending) reject(gone);
    pending.clear();
  });
  const call = <T>(begin: () => Promise<T>): Promise<T> => {
    if (gone !== undefined) return Promise.reject(gone);
    return new Promise<T>((resolve, reject) => {
      if (pending.size === 0) transport.setBusy?.(true);
      pending.add(reject);
      begin()
        .then(resolve, reject)
        .finally(() => {
          if (pending.delete(reject) && pending.size === 0) transport.setBusy?.(false);
        });
    });
  };
  let inspected = false;
  try {
    await call(() => remote.boot(init));
  } catch (error) {
    await transport.terminate();
    throw error;
  }
  return {
    ...(init.rounds === undefined ? {} : { roundMemory: init.rounds.memory }),
    run: async (batch, ...rest) => unpackAnswer(await call(() => remote.run(packBatch(batch), ...rest))),
    advance: async (...round) => unpackAnswer(await call(() => remote.advance(...round))),
    interrupt: (atNs) => call(() => remote.interrupt(atNs)),
    pages: (requests) => call(() => remote.pages(requests)),
    counters: () => call(() => remote.counters()),
    snapshot: () => call(() => remote.snapshot()),
    onGone(hear) {
      hearGone = hear;
      if (gone !== undefined) hear(gone);
    },
    registerNotifier: (name, priority, callback) =>
      call(() => remote.registerNotifier(name, priority, Comlink.proxy(callback))),
    joinChain: (driver) => call(() => remote.joinChain(driver)),
    inspect(port, workerId, choose) {
      inspected = true;
      return call(() => remote.inspect(Comlink.transfer(port, [port]), workerId, choose));
    },
    async close() {
      // A worker that does not answer any more is ended all the same.
      if (inspected && gone === undefined)
        await Promise.race([call(() => remote.endInspection()), pause(LAST_WORDS_MS)]).catch(() => {});
      gone ??= new WorkerGone("the machine was closed");
      await transport.terminate();
    },
  };
}
