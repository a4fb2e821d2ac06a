import { type InspectionPort, serveInspection } from "@memhp/inspect";
import { blockSourceOptions, watcherOf } from "./block-inspection.ts";
import { createLocalShard, type Shard } from "./shard.ts";
import type { ShardHost } from "./remote-shard.ts";

/** What a worker exposes over Comlink: one local shard, once it has booted. */
export function createShardHost(): ShardHost {
  let shard: Shard | undefined;
  const booted = (): Shard => {
    if (shard === undefined) throw new Error("memhp bug: the shard was not booted");
    return shard;
  };
  return {
    async boot(init) {
      shard = createLocalShard(init);
    },
    run: async (batch, injection) => booted().run(batch, injection),
    advance: async (untilNs) => booted().advance(untilNs),
    async inspect(port, workerId, choose) {
      const source = serveInspection(port as unknown as InspectionPort, { ...blockSourceOptions, workerId, choose });
      booted().watch?.(watcherOf(source));
    },
    registerNotifier: async (name, priority, callback) => booted().registerNotifier(name, priority, callback),
  };
}
