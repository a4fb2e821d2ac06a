import type { MigrateType } from "@memhp/abi";
import type { Counters, NodeView, PageTypeView, ZoneView } from "../src/index.ts";
import { nodeView, zoneView } from "./fake-port.ts";

/** `name value` in each line, whatever blanks are between. */
export function parseCounters(lines: readonly string[]): Counters {
  const rows = lines.map((line) => /^ *(\S+?):? +(\d+)( kB)?$/.exec(line) ?? []);
  return Object.fromEntries(rows.map(([, name = "", value = "0"]) => [name, Number(value)]));
}

/** Where a zone's record begins. */
const zoneTitle = /^Node (\d+), zone +(\w+)/;

/** The nodes of a /proc/zoneinfo. */
export function parseZoneinfo(lines: readonly string[], cpus: readonly number[]): NodeView[] {
  const records: { node: number; name: string; lines: string[] }[] = [];
  for (const line of lines) {
    const [, node, name] = zoneTitle.exec(line) ?? [];
    if (node !== undefined && name !== undefined) records.push({ node: Number(node), name, lines: [] });
    else records.at(-1)?.lines.push(line);
  }
  const ids = [...new Set(records.map(({ node }) => node))];
  return ids.map((id) => {
    const own = records.filter(({ node }) => node === id);
    const counters = own.flatMap((record) => record.lines.slice(0, record.lines.findIndex(isFree)));
    const zones = own.map((record) => parseZone(record.name, record.lines.slice(record.lines.findIndex(isFree))));
    return nodeView(id, { cpus: id === 0 ? cpus : [], zones, counters: parseCounters(counters) });
  });
}

const isFree = (line: string): boolean => line.startsWith("  pages free");

function parseZone(name: string, lines: readonly string[]): ZoneView {
  const text = lines.join("\n");
  const row = (label: string): number => Number(new RegExp(`^ +${label} +(\\d+)$`, "m").exec(text)?.[1] ?? 0);
  const spanned = zoneView(name as "DMA", {
    freePages: row("pages free"),
    minPages: row("min"),
    lowPages: row("low"),
    highPages: row("high"),
    promoPages: row("promo"),
    spannedPages: row("spanned"),
    presentPages: row("present"),
    managedPages: row("managed"),
    startPfn: row("start_pfn:"),
    pageset: { high: row("high: "), batch: row("batch:"), statThreshold: threshold(lines) },
    protection: /protection: \(([^)]*)\)/.exec(text)?.[1]?.split(", ").map(Number) ?? [],
  });
  return { ...spanned, counters: parseCounters(lines.filter((line) => /^ +(nr|numa)_/.test(line))) };
}

/** `vm stats threshold` of the first processor. */
function threshold(lines: readonly string[]): number {
  const prefix = "  vm stats threshold: ";
  return Number(lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? 0);
}

const numbers = (text: string): number[] => text.trim().split(/\s+/).map(Number);

/** The nodes of a /proc/buddyinfo, with the rows of a /proc/pagetypeinfo if there is one. */
export function parseBuddyinfo(lines: readonly string[], pagetypeinfo: readonly string[] = []): NodeView[] {
  const rows = lines.map((line) => {
    const [, node = "", name = "", chunks = ""] = /^Node (\d+), zone +(\w+) (.*)$/.exec(line) ?? [];
    const pageTypes = parsePageTypes(pagetypeinfo, node, name);
    const view = zoneView(name as "DMA", { presentPages: 1, freeChunks: numbers(chunks), pageTypes });
    return { node: Number(node), zone: view };
  });
  const ids = [...new Set(rows.map(({ node }) => node))];
  return ids.map((id) => nodeView(id, { zones: rows.filter(({ node }) => node === id).map(({ zone }) => zone) }));
}

function parsePageTypes(lines: readonly string[], node: string, zone: string): PageTypeView[] {
  const title = lines.find((line) => line.startsWith("Number of blocks type")) ?? "";
  const types = title.split(/\s+/).slice(4, -1) as MigrateType[];
  const blocks = lines.find((line) => new RegExp(`^Node ${node}, zone +${zone} `).test(line)) ?? "";
  const counts = numbers(blocks.replace(zoneTitle, ""));
  return types.map((type, index) => {
    const free = lines.find((line) => new RegExp(`^Node +${node}, zone +${zone}, type +${type} `).test(line)) ?? "";
    return { type, freeChunks: numbers(free.replace(/^.*, type +\w+/, "")), pageblocks: counts[index] ?? 0 };
  });
}
