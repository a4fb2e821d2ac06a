import { fileURLToPath } from "node:url";
import type { Benchmark, Measure } from "./benchmark.ts";
import { measuredProcess, type Spent } from "./measured-process.ts";

const largeMachine = fileURLToPath(import.meta.resolve("./large-machine.ts"));
const largeUse = fileURLToPath(import.meta.resolve("./large-use.ts"));

interface Sized {
  readonly nodes: number;
  readonly blocks: number;
  readonly laps: Readonly<Record<string, number>>;
  readonly spent: Spent;
}

async function sized(nodes: number): Promise<Sized> {
  const spent = await measuredProcess(largeMachine, [String(nodes)]);
  return { nodes, spent, ...(JSON.parse(spent.stdout) as Pick<Sized, "blocks" | "laps">) };
}

/** Slope of a line through the logarithms: what power of the size the time grows with. */
function exponent(points: readonly (readonly [size: number, ms: number])[]): number {
  const logs = points.map(([size, ms]) => [Math.log(size), Math.log(ms)] as const);
  const mean = (of: (log: readonly [number, number]) => number): number =>
    logs.reduce((sum, log) => sum + of(log), 0) / logs.length;
  const [x, y] = [mean(([size]) => size), mean(([, ms]) => ms)];
  const over = logs.reduce((sum, [size, ms]) => sum + (size - x) * (ms - y), 0);
  return over / logs.reduce((sum, [size]) => sum + (size - x) ** 2, 0);
}

const STEPS = ["boot", "online", "offline", "files"];

const benchmark: Benchmark = {
  name: "scale",
  async run(): Promise<Measure[]> {
    const sizes = [await sized(16), await sized(64), await sized(256), await sized(1024)];
    const largest = sizes.at(-1) as Sized;
    const use = await measuredProcess(largeUse, []);
    return [
      {
        measure: "4 TiB, 3 TiB in use: boot, load, offline a node, explain, plan",
        value: use.seconds,
        unit: "s",
        limit: 3,
      },
      { measure: "the same, memory", value: use.mostMiB, unit: "MiB", limit: 400 },
      {
        measure: "64 TiB on 1,024 nodes: on- and offlined, loaded, files read",
        value: largest.spent.seconds,
        unit: "s",
        limit: 15,
      },
      { measure: "the same, memory", value: largest.spent.mostMiB, unit: "MiB", limit: 1024 },
      ...STEPS.map((step): Measure => {
        const points = sizes.map(({ nodes, laps }) => [nodes, laps[step] as number] as const);
        return {
          measure: `growth of ${step} from 16 to 1,024 nodes`,
          value: exponent(points),
          unit: "power",
          limit: 1.1,
        };
      }),
    ];
  },
};
export default benchmark;
