import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark, Measure } from "./benchmark.ts";

const scriptOf = (name: string): string =>
  fileURLToPath(new URL(`../../../apps/console/test/browser/${name}.ts`, import.meta.url));

/** What the script of a first visit prints. */
interface FirstPicture {
  readonly anythingMs: number;
  readonly machineMs: number;
  readonly bytes: number;
}

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

/** At 1.6 Mbit/s, with the page's thread slowed down to a quarter; on two cores that nobody else uses. */
const FIRST_PICTURE_MS = 1500;
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

function firstOf({ anythingMs, machineMs, bytes }: FirstPicture): Measure[] {
  const where = "a first visit at 1.6 Mbit/s, the page's processor four times slower";
  return [
    { measure: `${where}: until anything is seen`, value: anythingMs, unit: "ms" },
    { measure: `${where}: until the machine is seen`, value: machineMs, unit: "ms", limit: FIRST_PICTURE_MS },
    // With the beginning of what comes next; the suite guards what the picture itself waits for.
    { measure: `${where}: what came until then`, value: bytes / 1000, unit: "kB" },
  ];
}

async function printed(name: string): Promise<unknown> {
  const args = ["--conditions=@memhp/source", scriptOf(name)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e7 });
  return JSON.parse(stdout);
}

/** The console in Chromium with software drawing: booting large machines, and frames while all their blocks change. */
const page: Benchmark = {
  name: "page",
  async run() {
    const first = (await printed("measure-first-picture")) as FirstPicture;
    const measured = (await printed("measure-page")) as Measured[];
    return [...firstOf(first), ...measured.flatMap(measuresOf)];
  },
};
export default page;
