import { groupBy, formatNumberList, offendersText, type RefusedPage, type ZoneName, zoneName } from "@memhp/abi";
import { type VirtioMem, virtioMemsOf } from "@memhp/devices";
import { keepsFrames, type PageRun } from "@memhp/engine";
import type { Machine } from "@memhp/machine";
import type { ExplainedVirtioMem, HeldUnits } from "./explained-virtio-mem.ts";
import { remediesOf } from "./remedies.ts";

/** How many pages are named of each holder. */
const NAMED = 8;

/** The virtio-mem devices of a machine; nothing is tried. */
export async function virtioMemsOfMachine(machine: Machine): Promise<ExplainedVirtioMem[]> {
  const explained: ExplainedVirtioMem[] = [];
  for (const device of virtioMemsOf(machine).list()) explained.push(await explainDevice(machine, device));
  return explained;
}

async function explainDevice(machine: Machine, device: VirtioMem): Promise<ExplainedVirtioMem> {
  const { id, addr, sizeBytes, node, unitBytes, pluggedBytes, requestedBytes, state, refusals } = device;
  const [stopped] = state === "backing_off" ? refusals : [];
  return {
    id,
    addr,
    max: sizeBytes,
    node,
    unit: unitBytes ?? null,
    plugged: pluggedBytes,
    requested: requestedBytes,
    state: state ?? null,
    stays: unitBytes === undefined ? [] : await heldUnits(machine, device, unitBytes),
    ...(stopped === undefined ? {} : { stopped }),
    cannot_tell: [],
  };
}

/** A unit that holds what cannot move, with the first pages of that. */
interface HeldUnit {
  readonly block: number;
  readonly zone: ZoneName;
  readonly pages: readonly RefusedPage[];
  readonly total: number;
}

async function heldUnits(machine: Machine, { plugged }: VirtioMem, unitBytes: number): Promise<HeldUnits[]> {
  const units: HeldUnit[] = [];
  const unitPages = unitBytes / machine.pageSize;
  for (const { start, end } of plugged) {
    for (let at = start; at < end; at += unitBytes) {
      const held = heldUnit(machine, await machine.pages.runs(at / machine.pageSize, unitPages));
      if (held !== undefined) units.push(held);
    }
  }
  const groups = groupBy(units, ({ zone, pages }) => JSON.stringify([zone, holdersOf(pages)]));
  return [...groups.values()].map((alike) => together(alike, unitBytes));
}

function heldUnit(machine: Machine, runs: readonly PageRun[]): HeldUnit | undefined {
  const pages: RefusedPage[] = [];
  let total = 0;
  let zone: ZoneName | undefined;
  for (const { startPfn, count, page } of runs) {
    if (page === undefined || !keepsFrames(page)) continue;
    total += count;
    zone ??= zoneName(page.zone);
    for (let pfn = startPfn; pfn < startPfn + count && pages.length < NAMED; pfn++)
      pages.push({ pfn, kind: page.kind, pageblock: 0, ...(page.owner === undefined ? {} : { owner: page.owner }) });
  }
  const [first] = pages;
  if (first === undefined || zone === undefined) return undefined;
  return { block: Math.floor(first.pfn / machine.map.blockPages), zone, pages, total };
}

function holdersOf(pages: readonly RefusedPage[]): string[] {
  return [...new Set(pages.map(({ kind, owner }) => `${kind}/${owner}`))].sort();
}

function together(alike: readonly HeldUnit[], unitBytes: number): HeldUnits {
  const [first] = alike as readonly [HeldUnit];
  const total = alike.reduce((sum, unit) => sum + unit.total, 0);
  return {
    blocks: formatNumberList([...new Set(alike.map(({ block }) => block))]),
    zone: first.zone,
    units: alike.length,
    bytes: alike.length * unitBytes,
    held_by: offendersText(first.pages, total),
    remedy: remediesOf(first.pages, first.zone === "Movable"),
  };
}
