import { availableParallelism } from "node:os";
import { SweepError } from "@memhp/sweep";
import { serveSweeps } from "@memhp/sweep/node";
import { duration } from "../arguments/duration.ts";
import type { Command } from "../command.ts";
import { RunFailed, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { progressLine } from "../readers/progress.ts";
import { version } from "../text/version.ts";

const MAX_WORKERS = 1024;

export const sweepWorker: Command = {
  spec: {
    name: "sweep-worker",
    about: "Carries out runs of sweeps that memhp sweep --redis coordinates, on any computer that reaches the Redis.",
    options: {
      redis: {
        value: "URL",
        about: "redis://[:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS, or the path of a socket",
      },
      workers: { value: "N", about: "Processes that carry out runs; one for each processor unless told otherwise" },
      idle: {
        value: "T",
        about: "Leave when there has been nothing to do for so long: 30s, 5m; never unless told otherwise",
      },
    },
    notes: [
      "Workers may join and leave at any time, and be killed: others take up what they had.",
      "It must be the memhp of the sweep, by its version. Certificates of your own: NODE_EXTRA_CA_CERTS=FILE.",
      "Example: memhp sweep-worker --redis rediss://:secret@queue.example:6379 --idle 1m",
      "Exit codes: 0 left, 1 refused or no Redis, 2 wrong usage, 130 interrupted.",
    ],
  },
  async run(args, host) {
    const url = args.text("redis");
    if (url === undefined) throw new UsageError("--redis URL is missing");
    const idle = args.text("idle");
    const workers = args.count("workers", MAX_WORKERS) ?? availableParallelism();
    if (workers === 0) throw new UsageError("--workers: at least one process has to carry runs out");
    const leave = new AbortController();
    void host.interrupted().then(() => leave.abort());
    const progress = progressLine(host.stderr);
    let done = 0;
    try {
      await serveSweeps({
        url,
        version: await version(),
        workers,
        ...(host.programs && { program: host.programs.sweep }),
        signal: leave.signal,
        ...(idle === undefined ? {} : { idleMs: duration("idle", idle) }),
        onJoined: () => host.stderr.write("memhp sweep-worker: joined\n"),
        onRuns: (runs) => progress.show(`${(done += runs)} runs carried out`),
      });
    } catch (error) {
      if (error instanceof SweepError) throw new RunFailed(error.message, { cause: error });
      throw error;
    } finally {
      progress.clear();
    }
    host.stderr.write(`memhp sweep-worker: left after ${done} runs\n`);
    return ExitCode.done;
  },
};
