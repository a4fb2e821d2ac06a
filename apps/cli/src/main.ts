import { keepCompiled } from "./output/compile-cache.ts";

// First of all: a start from a clone takes less than half the time then.
keepCompiled();
await import("./process.ts");
