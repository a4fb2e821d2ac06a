import { bootMachine } from "@memhp/machine";
import { StepRunner } from "@memhp/scenario";
import { readSweep, type Sweep } from "@memhp/sweep";
import { runSweep, type RunSweepOptions } from "@memhp/sweep/node";
import type { Benchmark, Measure } from "./benchmark.ts";

const RUNS = 2000;
const machine = {
  memory: "1G",
  smp: 1,
  slots: 4,
  maxmem: "8G",
  nodes: [],
  cmdline: "memhp_default_state=offline",
};
const [load, dimm, online, wait, offline] = [
  { op: "load", id: "program", kind: "anon", size: "{{size}}", label: "started" },
  { op: "dimm_add", id: "d0", size: "512M" },
  { op: "online", blocks: "dimm:d0", type: "movable" },
  { op: "wait", s: 2 },
  { op: "offline", blocks: "dimm:d0", label: "offlined" },
];

function sweepOf(runs: number, steps: readonly unknown[]): Sweep {
  const sizes = ["128M", "256M", "1G", "2G"];
  const document = {
    format: "memhp-sweep/1",
    parameters: { size: sizes },
    seeds: { count: runs / sizes.length },
    scenario: { kernel: "6.12", machine, steps },
    measures: { offlined: { value: "steps.offlined.result.offlined" }, errno: { value: "steps.started.result.errno" } },
  };
  return readSweep(document, "benchmark");
}

/** Short runs of which nothing is common. */
const short = sweepOf(RUNS, [load, dimm, online, wait, offline]);
/** Most of each run is the same for all: ten times onlined and offlined before the first step that differs. */
const prefixed = sweepOf(200, [dimm, ...Array.from({ length: 10 }, () => [online, offline]).flat(), load, offline]);

interface Spent {
  readonly wallMs: number;
  /** Of all threads of this process, those of the garbage collector and the compiler included. */
  readonly processorMs: number;
}

async function spent(work: () => Promise<void>): Promise<Spent> {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wallMs: performance.now() - begun, processorMs: (user + system) / 1000 };
}

function swept(sweep: Sweep, options: Omit<RunSweepOptions, "onResult">): Promise<Spent> {
  return spent(async () => {
    let runs = 0;
    await runSweep(sweep, { ...options, onResult: () => runs++ });
    if (runs !== sweep.runs) throw new Error(`${runs} of ${sweep.runs} runs were counted`);
  });
}

/** What the runs take without a sweep: boot, steps, end. */
async function alone(sweep: Sweep): Promise<void> {
  for (let run = 0; run < sweep.runs; run++) {
    const { document } = sweep.scenario(sweep.point(run));
    const { kernel, config = {}, seed } = document;
    const booted = await bootMachine(document.machine, { kernel, config, seed });
    const runner = new StepRunner(booted);
    for (const { request } of document.steps) await runner.perform(request);
    await runner.end();
    await booted.close();
  }
}

const benchmark: Benchmark = {
  name: "sweep",
  async run(): Promise<Measure[]> {
    await alone(sweepOf(200, [load, dimm, online, wait, offline]));
    const itself = await spent(() => alone(short));
    const none = await swept(short, { workers: 0 });
    const one = await swept(short, { workers: 1 });
    const two = await swept(short, { workers: 2 });
    const anew = await swept(prefixed, { workers: 0, forks: false });
    const forked = await swept(prefixed, { workers: 0 });
    return [
      { measure: "a short run by itself, processor time", value: itself.processorMs / RUNS, unit: "ms" },
      {
        measure: "what a sweep adds to a run, processor time",
        value: (none.processorMs - itself.processorMs) / RUNS,
        unit: "ms",
        limit: 1,
      },
      { measure: "the same on a worker", value: (one.processorMs - itself.processorMs) / RUNS, unit: "ms" },
      { measure: `${RUNS} short runs on 1 worker`, value: one.wallMs, unit: "ms" },
      { measure: "the same on 2 workers, to 1", value: two.wallMs / one.wallMs, unit: "ratio", limit: 0.55 },
      { measure: "the same in processor time", value: two.processorMs / one.processorMs, unit: "ratio" },
      {
        measure: "with a forked prefix, to booting anew, processor time",
        value: forked.processorMs / anew.processorMs,
        unit: "ratio",
        limit: 0.2,
      },
    ];
  },
};
export default benchmark;
