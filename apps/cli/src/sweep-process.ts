// A process of `memhp sweep --workers`, which starts as the command does.
import { keepCompiled } from "./output/compile-cache.ts";

keepCompiled();
await import("@memhp/sweep/worker");
