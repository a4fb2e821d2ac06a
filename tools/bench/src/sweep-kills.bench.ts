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
      const swept = (name: string, ...where: readonly string[]): Running =>
        memhp("sweep", file, "--json", "--out", out(name), ...where);

      const whole = await outcomeOf(swept("whole"), out("whole"));

      const first = swept("killed");
      await hasRuns(out("killed"), runs / 3, first.ended);
      await first.kill();
      const before = runsIn(out("killed"));
      const resumed = await outcomeOf(swept("killed"), out("killed"));

      await redis.start();
      const join4 = (): Running => memhp("sweep-worker", "--redis", redis.socket, "--workers", "1");
      const crew = Array.from({ length: WORKERS }, join4);
      const coordinator = swept("redis", "--redis", redis.socket);
      let last = coordinator;
      let kills = 0;
      const over = new AbortController();
      const killing = (async () => {
        for (;;) {
          await sleep(KILL_MS, undefined, { signal: over.signal }).catch(() => {});
          if (over.signal.aborted) return;
          const victim = kills++ % WORKERS;
          await crew[victim]?.kill();
          crew[victim] = join4();
        }
      })();
      await hasRuns(out("redis"), runs / 4, coordinator.ended);
      await coordinator.kill();
      const atDeath = runsIn(out("redis"));
      last = swept("redis", "--redis", redis.socket);
      await hasRuns(out("redis"), runs / 2, last.ended);
      await redis.stop();
      await sleep(500);
      await redis.start();
      const shared = await outcomeOf(last, out("redis"));
      over.abort();
      await killing;
      return [
        { measure: "runs of a sweep before it was killed", value: before, unit: `of ${runs}` },
        {
          measure: "differs from one that was not, after it was gone on with",
          value: 1 - same(whole, resumed),
          unit: "",
          limit: 0,
        },
        { measure: `over Redis: workers of ${WORKERS} that were killed`, value: kills, unit: "" },
        { measure: "runs before the coordinator was killed", value: atDeath, unit: `of ${runs}` },
        { measure: "differs from the sweep on this computer", value: 1 - same(whole, shared), unit: "", limit: 0 },
      ];
    } finally {
      for (const each of running) each.process.kill("SIGKILL");
      await redis.stop().catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
export default benchmark;
