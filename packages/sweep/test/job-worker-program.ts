// A worker that answers jobs with twice their number. Some jobs are its end: 13 an error, 14 a signal of its own, 15 a code.
// With a file to count in, 16 is killed as often as it says there. 1000 never ends, and 1001 tells what it has come to so far.
import { readFileSync, writeFileSync } from "node:fs";
import { serveJobs } from "../src/node/serve-jobs.ts";

await serveJobs((begin) => {
  const { file, isBroken = false } = begin as { readonly file?: string; readonly isBroken?: boolean };
  if (isBroken) throw new Error("no such thing");
  return async (job, tell) => {
    if (job === 13) setImmediate(() => throwLater());
    if (job === 14) process.kill(process.pid, "SIGKILL");
    if (job === 15) process.exit(3);
    if (job === 16 && file !== undefined) killedAsOftenAs(file);
    if (job === 1001) tell(39);
    if ([13, 14, 15, 1000].includes(job)) await new Promise(() => {});
    return job * 2;
  };
});

function throwLater(): never {
  throw new Error("bad luck");
}

function killedAsOftenAs(file: string): void {
  const left = Number(readFileSync(file, "utf8"));
  if (left === 0) return;
  writeFileSync(file, String(left - 1));
  process.kill(process.pid, "SIGKILL");
}
