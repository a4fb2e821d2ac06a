import { serveShard } from "../remote/serve-shard.ts";

// A dedicated worker's global scope is an endpoint itself.
serveShard();
