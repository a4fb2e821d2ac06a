import type { PagesCallback } from "@memhp/hotplug";
import * as Comlink from "comlink";
import { createShardHost } from "./shard-host.ts";
import type { WorkerTransport } from "./remote-shard.ts";

/**
 * Serves one shard to whoever is at the other end, as a worker does; by default of a web worker's own scope.
 * @param callbacks those of devices, of which a machine names the ones that it has.
 */
export function serveShard(endpoint?: WorkerTransport["endpoint"], callbacks: readonly PagesCallback[] = []): void {
  Comlink.expose(createShardHost(callbacks), endpoint);
}
