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
}

const BOOT_MS: readonly (readonly [blocks: string, limit: number])[] = [
  ["32,768", 1000],
  ["98,304", 3000],
  ["524,288", 10_000],
];
/** 55 frames a second are one in 18.2 ms. */
const FRAME_MS = 1000 / 55;
const WORST_MS = 100;

function measuresOf({ machine, bootMs, longestMs, online }: Measured): Measure[] {
  const limit = BOOT_MS.find(([blocks]) => machine.startsWith(blocks))?.[1];
  const seen = Object.entries(online ?? {}).flatMap(([view, { fps, worstMs, changesPerSecond }]): Measure[] => [
    { measure: `${machine}, ${view}: changes`, value: changesPerSecond, unit: "per second" },
    { measure: `${machine}, ${view}: median frame meanwhile`, value: 1000 / fps, unit: "ms", limit: FRAME_MS },
    { measure: `${machine}, ${view}: longest frame meanwhile`, value: worstMs, unit: "ms", limit: WORST_MS },
  ]);
  return [
    { measure: `${machine}: boot`, value: bootMs, unit: "ms", ...(limit === undefined ? {} : { limit }) },
    ...seen,
    { measure: `${machine}: longest task of the page`, value: longestMs, unit: "ms", limit: WORST_MS },
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
