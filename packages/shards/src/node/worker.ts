import { parentPort } from "node:worker_threads";
import { serveShard } from "../remote/serve-shard.ts";
import { nodeEndpoint } from "./node-endpoint.ts";

if (parentPort === null) throw new Error("@memhp/shards/worker runs in a worker thread");
serveShard(nodeEndpoint(parentPort));
