import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark, Measure } from "./benchmark.ts";
import { inWorkspace, keepCompiled } from "./measured-process.ts";

const RUNS = 10_000;
const SIZES = ["128M", "256M", "1G", "2G"];
const WORKERS = 4;
const KILL_MS = 4000;
const cli = inWorkspace("apps/cli/src/main.ts");

const sweepOf = (runs: number): object => ({
  format: "memhp-sweep/1",
  name: "short runs",
  parameters: { size: SIZES },
  seeds: { count: Math.ceil(runs / SIZES.length) },
  scenario: {
    kernel: "6.12",
    machine: { memory: "1G", smp: 1, slots: 4, maxmem: "8G", nodes: [], cmdline: "memhp_default_state=offline" },
    steps: [
      { op: "dimm_add", id: "d0", size: "512M" },
      { op: "online", blocks: "dimm:d0", type: "movable" },
      { op: "load", id: "program", kind: "anon", size: "{{size}}", churn: 0.5, label: "started" },
      { op: "wait", s: 2 },
      { op: "offline", blocks: "dimm:d0", label: "offlined" },
    ],
  },
  measures: {
    errno: { value: "steps.started.result.errno" },
    offlined: { value: "steps.offlined.result.offlined" },
    at: { value: "steps.offlined.at_ns" },
  },
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
}

/** A memhp under way, and what comes of it. */
class Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;

  constructor(args: readonly string[]) {
    this.process = spawn(process.execPath, ["--conditions=@memhp/source", cli, ...args], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let stdout = "";
    this.process.stdout?.on("data", (data: Buffer) => (stdout += data.toString()));
    this.ended = new Promise((resolve) => {
      this.process.once("close", (code) => resolve({ code, stdout }));
    });
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended;
  }
}

/** A Redis of one's own on a socket, which keeps its data. */
class Redis {
  readonly socket: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.socket = join(folder, "redis.socket");
  }

  async start(): Promise<void> {
    const keep = ["--dir", this.#folder, "--appendonly", "yes", "--save", ""];
    this.#process = spawn("redis-server", ["--port", "0", "--unixsocket", this.socket, ...keep], { stdio: "ignore" });
    this.#process.once("error", () => {});
    while (!existsSync(this.socket)) {
      if (this.#process.exitCode !== null || this.#process.pid === undefined)
        throw new Error("redis-server does not start (apt-get install redis-server)");
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running?.pid === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => {
      running.once("exit", resolve);
    });
    running.kill("SIGTERM");
    await ended;
    rmSync(this.socket, { force: true });
  }
}

/** Runs that a file of results has; the first line is no run. */
function runsIn(file: string): number {
  return existsSync(file) ? Math.max(0, readFileSync(file, "utf8").split("\n").length - 2) : 0;
}

async function hasRuns(file: string, runs: number, over: Promise<Ended>): Promise<void> {
  const ended = new AbortController();
  void over.then(() => ended.abort());
  while (!ended.signal.aborted && runsIn(file) < runs) await sleep(100);
}

interface Outcome {
  readonly summary: string;
  readonly results: string;
}

async function outcomeOf(running: Running, out: string): Promise<Outcome> {
  const { code, stdout } = await running.ended;
  if (code !== 0) throw new Error(`memhp sweep ended with ${String(code)}`);
  return { summary: stdout, results: readFileSync(out, "utf8") };
}

/** 1 where they are the same, byte for byte. */
function same(one: Outcome, other: Outcome): number {
  return Number(one.summary === other.summary && one.results === other.results);
}

/** What sweeps are started with, each in its own file of results. */
interface Bench {
  readonly runs: number;
  readonly out: (name: string) => string;
  readonly memhp: (...args: readonly string[]) => Running;
  readonly sweep: (name: string, ...where: readonly string[]) => Running;
}

/** A sweep that is killed when a third of it is done, and gone on with. */
async function killed({ runs, out, sweep }: Bench): Promise<{ readonly outcome: Outcome; readonly before: number }> {
  const first = sweep("killed");
  await hasRuns(out("killed"), runs / 3, first.ended);
  await first.kill();
  const before = runsIn(out("killed"));
  return { outcome: await outcomeOf(sweep("killed"), out("killed")), before };
}

interface Shared {
  readonly outcome: Outcome;
  readonly kills: number;
  /** Runs before the coordinator was killed. */
  readonly before: number;
}

/** Over Redis: a worker is killed every few seconds, the coordinator once, and Redis is started again once. */
async function overRedis({ runs, out, memhp, sweep }: Bench, redis: Redis): Promise<Shared> {
  await redis.start();
  const join4 = (): Running => memhp("sweep-worker", "--redis", redis.socket, "--workers", "1");
  const crew = Array.from({ length: WORKERS }, join4);
  const coordinator = sweep("redis", "--redis", redis.socket);
  let kills = 0;
  const over = new AbortController();
  const killing = (async () => {
    for (;;) {
      await sleep(KILL_MS, undefined, { signal: over.signal }).catch(() => {});
      // On a busy computer a worker may take longer than that to begin: where none ever did there would be no end.
      const seen = runsIn(out("redis"));
      while (!over.signal.aborted && runsIn(out("redis")) <= seen) await sleep(100);
      if (over.signal.aborted) return;
      const victim = kills++ % WORKERS;
      await crew[victim]?.kill();
      crew[victim] = join4();
    }
  })();
  try {
    await hasRuns(out("redis"), runs / 4, coordinator.ended);
    await coordinator.kill();
    const before = runsIn(out("redis"));
    const second = sweep("redis", "--redis", redis.socket);
    await hasRuns(out("redis"), runs / 2, second.ended);
    await redis.stop();
    await sleep(500);
    await redis.start();
    return { outcome: await outcomeOf(second, out("redis")), kills, before };
  } finally {
    over.abort();
    await killing;
  }
}

const benchmark: Benchmark = {
  name: "sweep-kills",
  async run({ size = RUNS }): Promise<Measure[]> {
    // A worker that is killed every few seconds must not spend them on its start.
    keepCompiled();
    const runs = Math.ceil(size / SIZES.length) * SIZES.length;
    const folder = mkdtempSync(join(tmpdir(), "memhp-bench-"));
    const running = new Set<Running>();
    const memhp = (...args: readonly string[]): Running => {
      const started = new Running(args);
      running.add(started);
      return started;
    };
    const redis = new Redis(folder);
    try {
      const file = join(folder, "sweep.json");
      writeFileSync(file, JSON.stringify(sweepOf(runs)));
      const out = (name: string): string => join(folder, `${name}.jsonl`);
      const sweep = (name: string, ...where: readonly string[]): Running =>
        memhp("sweep", file, "--json", "--out", out(name), ...where);
      const bench: Bench = { runs, out, memhp, sweep };
      // All at once: what waits for a worker that was killed leaves the processors to others.
      const [whole, resumed, shared] = await Promise.all([
        outcomeOf(sweep("whole"), out("whole")),
        killed(bench),
        overRedis(bench, redis),
      ]);
      return [
        { measure: "runs of a sweep before it was killed", value: resumed.before, unit: `of ${runs}` },
        {
          measure: "differs from one that was not, after it was gone on with",
          value: 1 - same(whole, resumed.outcome),
          unit: "",
          limit: 0,
        },
        { measure: `over Redis: how often one of ${WORKERS} workers was killed`, value: shared.kills, unit: "" },
        { measure: "runs before the coordinator was killed", value: shared.before, unit: `of ${runs}` },
        {
          measure: "differs from the sweep on this computer",
          value: 1 - same(whole, shared.outcome),
          unit: "",
          limit: 0,
        },
        { measure: "runs of each, counted once", value: runsIn(out("redis")), unit: `of ${runs}` },
      ];
    } finally {
      for (const each of running) each.process.kill("SIGKILL");
      await redis.stop().catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
export default benchmark;
