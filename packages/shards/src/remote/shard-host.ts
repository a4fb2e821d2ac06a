import type { InspectionSource } from "@memhp/inspect";
import type { BatchAnswer, PagesCallback } from "@memhp/hotplug";
import * as Comlink from "comlink";
import { buffersOf, packAnswer, type PackedAnswer } from "./answer-codec.ts";
import { blockSourceOptions, watcherOf } from "../block-inspection.ts";
import { unpackBatch } from "./request-codec.ts";
import { roundsOf } from "../rounds/shared-rounds.ts";
import { createLocalShard, type Shard } from "../shard.ts";
import type { ShardHost } from "./remote-shard.ts";

function moved(answer: BatchAnswer): PackedAnswer {
  const packed = packAnswer(answer);
  return Comlink.transfer(packed, buffersOf(packed));
}

/** What a worker exposes over Comlink: one local shard, once it has booted. */
export function createShardHost(callbacks: readonly PagesCallback[] = []): ShardHost {
  let shard: Shard | undefined;
  let inspection: InspectionSource | undefined;
  const booted = (): Shard => {
    if (shard === undefined) throw new Error("memhp bug: the shard was not booted");
    return shard;
  };
  return {
    async boot(init) {
      shard = createLocalShard(init, callbacks, roundsOf(init));
    },
    run: async (batch, ...rest) => moved(await booted().run(unpackBatch(batch), ...rest)),
    advance: async (...round) => moved(await booted().advance(...round)),
    interrupt: async (atNs) => booted().interrupt(atNs),
    pages: async (requests) => booted().pages(requests),
    counters: async () => booted().counters(),
    snapshot: async () => booted().snapshot(),
    async inspect(port, workerId, choose) {
      // Code that a thread loads when somebody looks.
      const { serveInspection } = await import("@memhp/inspect");
      const source = serveInspection(port, { ...blockSourceOptions, workerId, choose });
      booted().watch?.(watcherOf(source));
      inspection = source;
    },
    async endInspection() {
      inspection?.close();
    },
    joinChain: async (driver) => booted().joinChain(driver),
    registerNotifier: async (name, priority, callback) => booted().registerNotifier(name, priority, callback),
  };
}
