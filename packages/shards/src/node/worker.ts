import { parentPort } from "node:worker_threads";
import * as Comlink from "comlink";
import { createShardHost } from "../remote/shard-host.ts";
import { nodeEndpoint } from "./node-endpoint.ts";

if (parentPort === null) throw new Error("@memhp/shards/worker runs in a worker thread");
Comlink.expose(createShardHost(), nodeEndpoint(parentPort));
