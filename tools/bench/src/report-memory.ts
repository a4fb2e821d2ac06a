// Preloaded into a measured process: says at its end how much memory it had at most, in a file.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const file = process.env["MEMHP_BENCH_MEMORY"];
if (file !== undefined) process.on("exit", () => writeFileSync(file, String(mostKiB())));

/** What getrusage says begins with what the parent had when it forked. */
function mostKiB(): number {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  const [, most] = /^VmHWM:\s*(\d+) kB$/m.exec(status) ?? [];
  return most === undefined ? process.resourceUsage().maxRSS : Number(most);
}
