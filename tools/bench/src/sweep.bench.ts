import { bootMachine } from "@memhp/machine";
import { StepRunner } from "@memhp/scenario";
import { readSweep, type Sweep } from "@memhp/sweep";
import { runSweep, type RunSweepOptions } from "@memhp/sweep/node";
import type { Benchmark, Measure } from "./benchmark.ts";
import { keepCompiled } from "./measured-process.ts";
import { processorMs } from "./processor-time.ts";

const RUNS = 5000;
const SIZES = ["128M", "256M", "1G", "2G"];
/** One worker and two by turns, as other programs come and go meanwhile. */
const LAPS = 3;
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
  const document = {
    format: "memhp-sweep/1",
    parameters: { size: SIZES },
    seeds: { count: Math.ceil(runs / SIZES.length) },
    scenario: { kernel: "6.12", machine, steps },
    measures: { offlined: { value: "steps.offlined.result.offlined" }, errno: { value: "steps.started.result.errno" } },
  };
  return readSweep(document, "benchmark");
}

/** Steps of short runs of which nothing is common. */
const short = [load, dimm, online, wait, offline];
/** Nine tenths of each run are the same for all: onlined and offlined many times before the first step that differs. */
const PAIRS = 80;
const prefixed = sweepOf(200, [dimm, ...Array.from({ length: PAIRS }, () => [online, offline]).flat(), load, offline]);

interface Spent {
  readonly wallMs: number;
  /** Of all threads of this process and of its workers, those of the garbage collector and the compiler included. */
  readonly processorMs: number;
}

async function spent(work: () => Promise<void>): Promise<Spent> {
  const [begun, before] = [performance.now(), processorMs()];
  await work();
  return { wallMs: performance.now() - begun, processorMs: processorMs() - before };
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

interface Lap {
  readonly one: Spent;
  readonly two: Spent;
}

/** A quantity of the lap in the middle. */
function middle(laps: readonly Lap[], of: (lap: Lap) => number): number {
  return laps.map(of).toSorted((a, b) => a - b)[laps.length >> 1] as number;
}

const benchmark: Benchmark = {
  name: "sweep",
  async run({ size = RUNS }): Promise<Measure[]> {
    keepCompiled();
    const sweep = sweepOf(size, short);
    const { runs } = sweep;
    await alone(sweepOf(200, short));
    const itself = await spent(() => alone(sweep));
    const none = await swept(sweep, { workers: 0 });
    const laps: Lap[] = [];
    for (let lap = 0; lap < LAPS; lap++)
      laps.push({ one: await swept(sweep, { workers: 1 }), two: await swept(sweep, { workers: 2 }) });
    const anew = await swept(prefixed, { workers: 0, forks: false });
    const forked = await swept(prefixed, { workers: 0 });
    return [
      { measure: "a short run by itself, processor time", value: itself.processorMs / runs, unit: "ms" },
      {
        measure: "what a sweep adds to a run, processor time",
        value: (none.processorMs - itself.processorMs) / runs,
        unit: "ms",
        limit: 1,
      },
      {
        measure: "the same on a worker, its start included",
        value: middle(laps, ({ one }) => one.processorMs - itself.processorMs) / runs,
        unit: "ms",
      },
      { measure: `${runs} short runs on 1 worker`, value: middle(laps, ({ one }) => one.wallMs), unit: "ms" },
      {
        measure: `the same on 2 workers, to 1 (the middle of ${LAPS})`,
        value: middle(laps, ({ one, two }) => two.wallMs / one.wallMs),
        unit: "ratio",
        limit: 0.55,
      },
      {
        measure: "half the processor time of 2 workers, to that of 1",
        value: middle(laps, ({ one, two }) => two.processorMs / one.processorMs / 2),
        unit: "ratio",
        limit: 0.55,
      },
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
