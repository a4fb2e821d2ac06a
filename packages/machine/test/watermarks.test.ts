import { readdirSync, readFileSync } from "node:fs";
import { type ZoneIndex } from "@memhp/abi";
import { emptyNode, type NodeMemory, zoneWatermarks } from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { zonePageset } from "../src/ports/pageset.ts";
import { kernels6, lab } from "./lab.ts";
import { kernelOf } from "@memhp/kernels";
import { platformOf } from "@memhp/platforms";

const traces = new URL("../../../tools/conformance/kernel-traces/", import.meta.url);
const zoneNames = ["DMA", "DMA32", "Normal", "Movable", "Device"] as const;

type RecordedZone = Readonly<Record<"min" | "low" | "present" | "managed", number>>;
type RecordedZones = Readonly<Record<string, Readonly<Record<string, RecordedZone>>>>;
interface RecordedStep {
  readonly step: { readonly op: string };
  readonly result?: { readonly errno?: unknown; readonly zones?: RecordedZones };
}

function nodesOf(zones: RecordedZones): NodeMemory[] {
  return Object.entries(zones).map(([id, recorded]) => {
    const node = emptyNode(Number(id));
    for (const [index, name] of zoneNames.entries()) {
      const found = recorded[name];
      if (found === undefined) continue;
      const { present, managed } = found;
      const zone = node.zones[index as ZoneIndex];
      // Every recorded machine had more than 512 MiB at boot.
      Object.assign(zone, { presentPages: present, managedPages: managed, earlyPages: present });
    }
    return node;
  });
}

/** Snapshots after an online or offline: before, watermarks are those of memory that boot has given back since. */
function* recomputed(kernel: string): Generator<{ readonly name: string; readonly zones: RecordedZones }> {
  for (const file of readdirSync(new URL(`${kernel}/`, traces))) {
    const { steps } = JSON.parse(readFileSync(new URL(`${kernel}/${file}`, traces), "utf8")) as {
      steps: RecordedStep[];
    };
    let changed = false;
    for (const [at, { step, result }] of steps.entries()) {
      changed ||= step.op === "block" && result?.errno === 0;
      if (changed && step.op === "snapshot" && result?.zones !== undefined)
        yield { name: `${file} step ${at}`, zones: result.zones };
    }
  }
}

describe.each(kernels6)("Linux %s", (kernel) => {
  const linux = kernelOf(kernel);
  const source = { kernel: linux, arch: platformOf("x86_64").arch };

  test("watermarks follow from the managed pages in every recorded snapshot", () => {
    const wrong: string[] = [];
    let zones = 0;
    let inexact = 0;
    for (const snapshot of recomputed(kernel)) {
      const nodes = nodesOf(snapshot.zones);
      const watermarks = zoneWatermarks(source, nodes);
      for (const node of nodes) {
        for (const [index, name] of zoneNames.entries()) {
          const recorded = snapshot.zones[String(node.id)]?.[name];
          if (recorded === undefined || name === "Device") continue;
          zones++;
          const { minPages, lowPages } = watermarks(node, index as ZoneIndex);
          // The kernel starts from the watermarks that were there before: now and then that is a page.
          const off = [Math.abs(minPages - recorded.min), Math.abs(lowPages - recorded.low)] as const;
          if (off[0] > 0) inexact++;
          if (off[0] > 1 || off[1] > 2)
            wrong.push(`${snapshot.name}, node ${node.id} ${name}: ${minPages}, ${lowPages}`);
        }
      }
    }
    expect(zones).toBeGreaterThan(500);
    expect(wrong).toEqual([]);
    expect(inexact / zones).toBeLessThan(0.01);
  });

  test("min_free_kbytes grows with each kernel zone, not with ZONE_MOVABLE (x_kswapd: 45056, then 67584)", async () => {
    const { machine, online, read } = await lab(kernel, {
      memory: "2G",
      nodes: [{ nodeid: 0, mem: "2G", cpus: "0-1" }],
      dimm: { node: 0 },
    });
    const minPages = (): number =>
      [...read("/proc/zoneinfo").matchAll(/^ {8}min +(\d+)$/gm)].reduce((sum, [, pages]) => sum + Number(pages), 0);
    expect(Math.abs(minPages() - 45056 / 4)).toBeLessThan(100);
    await online("online_movable", 35);
    expect(Math.abs(minPages() - 45056 / 4)).toBeLessThan(100);
    await online("online", 32);
    expect(Math.abs(minPages() - 67584 / 4)).toBeLessThan(100);
    await machine.close();
  });
});

describe("per-cpu lists (x_going_offline: two nodes with a processor each)", () => {
  const cpus = { own: 1, all: 2 };

  test.each([
    ["6.1", 3840, 146, { high: 146, batch: 1, statThreshold: 4 }],
    ["6.1", 253_842, 9698, { high: 9698, batch: 63, statThreshold: 16 }],
    ["6.12", 231_205, 9987, { high: 9987, batch: 63, statThreshold: 16 }],
  ])("%s: %i managed pages, low watermark %i", (kernel, managed, low, pageset) => {
    expect(zonePageset(kernelOf(kernel).watermarks, 4096, managed, low, cpus, false)).toEqual(pageset);
  });

  test("6.1 bypasses them while a block of the zone goes offline", () => {
    const pageset = { high: 0, batch: 1, statThreshold: 12 };
    expect(zonePageset(kernelOf("6.1").watermarks, 4096, 65_536, 2503, cpus, true)).toEqual(pageset);
  });

  test("a batch and the threshold are reckoned in bytes: 64 KiB pages (mm/page_alloc.c zone_batchsize, mm/vmstat.c calculate_normal_threshold)", () => {
    // 4 GiB. 1 MiB in a batch at most: 16 / 4 = 4, 6 rounded down to 4, less 1; 4 GiB are 32 portions: 2 * fls(2) * (1 + fls(32)).
    const pageset = { high: 500, batch: 3, statThreshold: 28 };
    expect(zonePageset(kernelOf("6.12").watermarks, 65_536, 65_536, 500, cpus, false)).toEqual(pageset);
  });

  test("4.1 makes them six batches long (mm/page_alloc.c pageset_set_batch)", () => {
    expect(zonePageset(kernelOf("4.1").watermarks, 4096, 510_464, 1777, cpus, false)).toMatchObject({
      high: 186,
      batch: 31,
    });
    expect(zonePageset(kernelOf("4.1").watermarks, 4096, 3977, 12, cpus, false)).toMatchObject({ high: 0, batch: 1 });
  });
});

test("4.1: the recorded min, low and high of ZONE_MOVABLE (page-offline, z-pinned)", () => {
  const linux = kernelOf("4.1");
  const source = { kernel: linux, arch: platformOf("x86_64").arch };
  const movable = (managed: number): { minPages: number; lowPages: number; highPages: number } => {
    const zone = { min: 0, low: 0, present: 0 };
    const nodes = nodesOf({
      0: {
        DMA: { ...zone, managed: 3977 },
        DMA32: { ...zone, managed: 510_464 },
        Movable: { ...zone, managed },
      },
    });
    const [node] = nodes;
    if (node === undefined) throw new Error("no node");
    return zoneWatermarks(source, nodes)(node, 3);
  };
  expect(movable(32_768)).toMatchObject({ minPages: 85, lowPages: 106, highPages: 127 });
  expect(movable(131_072)).toMatchObject({ minPages: 290, lowPages: 362, highPages: 435 });
});
