import { bootMachine, encodeImage, type MachineImage, parseMachineSpec, snapshot, start } from "@memhp/machine";
import type { Benchmark, Measure } from "./benchmark.ts";

/** 64 TiB on 1,024 nodes, 524,288 blocks: all of it from boot, or most of it in a DIMM for each node. */
const platforms = {
  "boot memory": { nodes: { count: 1024, memory: "64G" } },
  DIMMs: { nodes: { count: 1024, memory: "8G" }, dimms: { per_node: 1, size: "56G" } },
};
const MIB = 2 ** 20;

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const begin = performance.now();
  const value = await work();
  return { value, ms: performance.now() - begin };
}

async function fileBytes(image: MachineImage): Promise<number> {
  let bytes = 0;
  for await (const piece of encodeImage(image)) bytes += piece.byteLength;
  return bytes;
}

async function measure(name: string, nodes: object): Promise<Measure[]> {
  const spec = parseMachineSpec({ arch: "x86_64", block_size: "128M", ...nodes });
  const booted = await timed(() => bootMachine(spec, { kernel: "6.12" }));
  const written = await timed(() => snapshot(booted.value));
  await booted.value.close();
  const again = await timed(() => start(written.value));
  await again.value.close();
  const text = JSON.stringify(written.value).length;
  return [
    { measure: `boot of 64 TiB, ${name}`, value: booted.ms, unit: "ms" },
    { measure: `its snapshot, to its boot`, value: written.ms / booted.ms, unit: "ratio", limit: 3 },
    { measure: `start of the image, to its boot`, value: again.ms / booted.ms, unit: "ratio", limit: 3 },
    { measure: `the image as JSON`, value: text / MIB, unit: "MiB", limit: 8 },
    { measure: `the image as a file`, value: (await fileBytes(written.value)) / MIB, unit: "MiB", limit: 8 },
  ];
}

const benchmark: Benchmark = {
  name: "image",
  async run(): Promise<Measure[]> {
    const measures: Measure[] = [];
    for (const [name, nodes] of Object.entries(platforms)) measures.push(...(await measure(name, nodes)));
    return measures;
  },
};
export default benchmark;
