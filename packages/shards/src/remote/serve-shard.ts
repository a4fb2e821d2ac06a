import * as Comlink from "comlink";
import { createShardHost } from "./shard-host.ts";
import type { WorkerTransport } from "./remote-shard.ts";

/** Serves one shard to whoever is at the other end, as a worker does; by default of a web worker's own scope. */
export function serveShard(endpoint?: WorkerTransport["endpoint"]): void {
  Comlink.expose(createShardHost(), endpoint);
}
