import { readFileSync } from "node:fs";
import { type Errno, type PfnRange, parseNumberList, zoneNames } from "@memhp/abi";
import type { MemoryMap } from "@memhp/engine";
import type { BootOptions } from "./boards.ts";

/** `[start_pfn, spanned, present]` by zone name; `node` is `[start_pfn, spanned, present, nr_zones]` and 4.1 only. */
export type RecordedZones = Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>;

/** What a kernel showed; RAM as the e820 and the SRAT of the run gave it. */
interface RecordedMachine extends Omit<BootOptions, "hotpluggable"> {
  /** Kernel and name of the trace: `4.1/boot-1n`. */
  readonly trace: string;
  readonly ram: readonly (readonly (readonly [number, number])[])[];
}

export interface RecordedBoot extends RecordedMachine {
  readonly zones: RecordedZones;
  /** Lists of blocks by what `valid_zones` reads. */
  readonly validZones: Readonly<Record<string, string>>;
}

export interface RecordedStep {
  readonly do: "add" | "remove" | "online" | "online_kernel" | "online_movable" | "offline";
  readonly node?: number;
  readonly startPfn?: number;
  readonly blocks?: number;
  readonly block?: number;
  readonly errno?: Errno | 0;
  /** After the step, where the trace looked. */
  readonly zones?: RecordedZones;
  /** Of the blocks from 12 on. */
  readonly validZones?: Readonly<Record<string, string>>;
}

export interface RecordedRun extends RecordedMachine {
  readonly autoMovable?: { readonly ratio: number; readonly numaAware: boolean };
  readonly steps: readonly RecordedStep[];
}

/** Extracts of kernel traces, made by copying. */
function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), "utf8"));
}

export const recordedBoots: readonly RecordedBoot[] = read("boot-zones") as RecordedBoot[];
export const recordedRuns: readonly RecordedRun[] = ["runs-4.1", "runs-6.1"].flatMap(
  (name) => read(name) as RecordedRun[],
);

export function kernelOf({ trace }: RecordedMachine): string {
  return trace.slice(0, trace.indexOf("/"));
}

export function ramOf({ ram }: RecordedMachine): PfnRange[][] {
  return ram.map((ranges) => ranges.map(([startPfn, endPfn]) => ({ startPfn, endPfn })));
}

/** Our zones in the form of `like`: the same nodes, the same fields. */
export function zonesLike(map: MemoryMap, like: RecordedZones): RecordedZones {
  const entries = Object.entries(like).map(([id, shown]) => {
    const node = map.nodes.get(Number(id));
    const zones: Record<string, readonly number[]> = {};
    if (node === undefined) return [id, zones] as const;
    if ("node" in shown) zones["node"] = [node.startPfn, node.spannedPages, node.presentPages, node.nrZones];
    for (const { index, startPfn, spannedPages, presentPages } of node.zones) {
      const name = zoneNames[index];
      // The runs leave ZONE_DMA out: nothing but the boot has a part in it.
      const isShown = name in shown || (name !== "DMA" && (spannedPages > 0 || presentPages > 0));
      if (isShown) zones[name] = [startPfn, spannedPages, presentPages];
    }
    return [id, zones] as const;
  });
  return Object.fromEntries(entries);
}

/** Block by block what `valid_zones` read. */
export function blocksOf(validZones: Readonly<Record<string, string>>): Map<number, string> {
  const entries = Object.entries(validZones).flatMap(([text, list]) =>
    parseNumberList(list).map((block) => [block, text] as const),
  );
  return new Map(entries.sort(([a], [b]) => a - b));
}
