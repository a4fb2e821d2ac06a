// A process of `memhp fuzz --workers`, which starts as the command does.
import { keepCompiled } from "./output/compile-cache.ts";

keepCompiled();
await import("@memhp/sweep/fuzz-worker");
