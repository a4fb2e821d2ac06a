import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark, Measure } from "./benchmark.ts";

const script = fileURLToPath(new URL("../../../apps/console/test/browser/measure-page.ts", import.meta.url));

interface Seen {
  readonly fps: number;
  readonly worstMs: number;
  readonly changesPerSecond: number;
}

/** What the console's own script prints. */
interface Measured {
  readonly machine: string;
  readonly bootMs: number;
  readonly longestMs: number;
  readonly online?: Readonly<Record<"nodes" | "blocks", Seen>>;
  readonly steady?: Seen;
  readonly cancelMs?: number;
  readonly memory?: readonly { readonly events: number; readonly megabytes: number }[];
}

const BOOT_MS: readonly (readonly [blocks: string, limit: number])[] = [
  ["32,768", 1000],
  ["98,304", 3000],
  ["524,288", 10_000],
];
/** 55 frames a second are one in 18.2 ms. */
const FRAME_MS = 1000 / 55;
const WORST_MS = 100;
/** A steady source that the machine does not keep up with is none. */
const STEADY_PER_SECOND = 950;
/** What a write is split into is done before it stops. */
const CANCEL_MS = 2000;
const MEGABYTES = 200;
/** More, when the log is full: what a collector leaves lying about. */
const SLOPE_MEGABYTES = 15;

function measuresOf(measured: Measured): Measure[] {
  const { machine, bootMs, longestMs, online, steady, cancelMs } = measured;
  const limit = BOOT_MS.find(([blocks]) => machine.startsWith(blocks))?.[1];
  const views = { ...online, ...(steady === undefined ? {} : { "a steady source": steady }) };
  const seen = Object.entries(views).flatMap(([view, { fps, worstMs, changesPerSecond }]): Measure[] => [
    { measure: `${machine}, ${view}: changes`, value: changesPerSecond, unit: "per second" },
    { measure: `${machine}, ${view}: median frame meanwhile`, value: 1000 / fps, unit: "ms", limit: FRAME_MS },
    { measure: `${machine}, ${view}: longest frame meanwhile`, value: worstMs, unit: "ms", limit: WORST_MS },
  ]);
  return [
    { measure: `${machine}: boot`, value: bootMs, unit: "ms", ...(limit === undefined ? {} : { limit }) },
    ...seen,
    ...(steady === undefined
      ? []
      : [
          {
            measure: `${machine}, a steady source: milliseconds for a thousand changes`,
            value: 1e6 / steady.changesPerSecond,
            unit: "ms",
            limit: 1e6 / STEADY_PER_SECOND,
          },
        ]),
    ...(cancelMs === undefined
      ? []
      : [{ measure: `${machine}: until a bulk online stops`, value: cancelMs, unit: "ms", limit: CANCEL_MS }]),
    ...memoryOf(measured),
    { measure: `${machine}: longest task of the page`, value: longestMs, unit: "ms", limit: WORST_MS },
  ];
}

function memoryOf({ machine, memory = [] }: Measured): Measure[] {
  const [full, last] = memory.slice(-2);
  const measures = memory.map(({ events, megabytes }) => ({
    measure: `${machine}: private memory of the page after ${events.toLocaleString("en")} events`,
    value: megabytes,
    unit: "MB",
    limit: MEGABYTES,
  }));
  if (full === undefined || last === undefined) return measures;
  const value = Math.max(0, last.megabytes - full.megabytes);
  return [
    ...measures,
    { measure: `${machine}: growth of it with the last million`, value, unit: "MB", limit: SLOPE_MEGABYTES },
  ];
}

/** The console in Chromium with software drawing: booting large machines, and frames while all their blocks change. */
const page: Benchmark = {
  name: "page",
  async run() {
    const args = ["--conditions=@memhp/source", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e7 });
    return (JSON.parse(stdout) as Measured[]).flatMap(measuresOf);
  },
};
export default page;
