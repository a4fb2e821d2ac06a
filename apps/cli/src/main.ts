// First of all, since every module after it is compiled once for all times: a start from a clone takes less than half the time.
import module from "node:module";
import { compileCache } from "./output/compile-cache.ts";

// Node 20 has none.
const folder = "enableCompileCache" in module ? compileCache() : undefined;
if (folder !== undefined) module.enableCompileCache(folder);
await import("./process.ts");
