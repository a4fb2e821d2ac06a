// bench [NAME…] [--json] [--size N]: runs the benchmarks one after another; exit 1 if a limit is exceeded, 2 for an unknown name. The size is
// the number of runs of `sweep` and `sweep-kills`.
import { globSync } from "node:fs";
import { cpus } from "node:os";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { exceedsLimit, formatTable, type Benchmark, type BenchmarkResult } from "./benchmark.ts";

const { values, positionals: wanted } = parseArgs({
  options: { json: { type: "boolean" }, size: { type: "string" } },
  allowPositionals: true,
});
const { json = false } = values;
const size = values.size === undefined ? undefined : Number(values.size);
if (size !== undefined && !(Number.isInteger(size) && size > 0))
  throw new Error(`--size: expected a whole number from 1, found ${JSON.stringify(values.size)}`);

const benchmarks = await loadBenchmarks();
const unknown = wanted.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));

if (unknown.length > 0) {
  const known = benchmarks.map((benchmark) => benchmark.name).join(", ") || "none yet";
  console.error(`no benchmark named ${unknown.join(", ")}; there are: ${known}`);
  process.exitCode = 2;
} else {
  const results: BenchmarkResult[] = [];
  for (const benchmark of benchmarks) {
    if (wanted.length > 0 && !wanted.includes(benchmark.name)) continue;
    console.error(`${benchmark.name} …`);
    results.push({ name: benchmark.name, measures: await benchmark.run(size === undefined ? {} : { size }) });
  }
  const host = { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
  console.log(
    json
      ? JSON.stringify({ host, benchmarks: results }, undefined, 2)
      : `${formatTable(results)}\n\nNode ${host.node}, ${host.cores} × ${host.cpu}`,
  );
  if (results.some(({ measures }) => measures.some(exceedsLimit))) process.exitCode = 1;
}

async function loadBenchmarks(): Promise<Benchmark[]> {
  const files = globSync("*.bench.ts", { cwd: import.meta.dirname }).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const url = pathToFileURL(`${import.meta.dirname}/${file}`).href;
      const module = (await import(url)) as { default?: Benchmark };
      if (!module.default) throw new Error(`${file} has no default export`);
      return module.default;
    }),
  );
}
