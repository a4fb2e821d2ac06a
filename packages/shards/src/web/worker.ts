import * as Comlink from "comlink";
import { createShardHost } from "../remote/shard-host.ts";

// A dedicated worker's global scope is an endpoint itself.
Comlink.expose(createShardHost());
