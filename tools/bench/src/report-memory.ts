// Preloaded into a measured process: says at its end how much memory it had at most, in a file.
import { writeFileSync } from "node:fs";

const file = process.env["MEMHP_BENCH_MEMORY"];
if (file !== undefined) process.on("exit", () => writeFileSync(file, String(process.resourceUsage().maxRSS)));
