import { type ZoneName, zoneNames } from "@memhp/abi";

/** One zone of /proc/zoneinfo. Sizes are in pages. */
export interface HostZone {
  readonly node: number;
  readonly zone: ZoneName;
  readonly startPfn?: number;
  /** Pages. */
  readonly spanned: number;
  /** Pages. */
  readonly present: number;
  /** Pages. */
  readonly managed: number;
  /** On the buddy lists; pages of per-cpu lists are not among them. */
  readonly free: number;
  /** With the boost that is in force. */
  readonly min: number;
  /** Pages. */
  readonly low: number;
  /** Pages. */
  readonly high: number;
  /** Pages that are added to the watermarks for the time being. */
  readonly boost: number;
  /** What this zone keeps back from allocations that a zone of this index would do for. */
  readonly protection: readonly number[];
  /** Pages on each processor's list. */
  readonly pcp: readonly number[];
  /** Counters by name: nr_zone_inactive_file, nr_free_cma and so on; those of the node are with its first zone. */
  readonly counters: Readonly<Record<string, number>>;
}

interface ZoneDraft {
  node: number;
  zone: ZoneName;
  startPfn?: number;
  fields: Map<string, number>;
  protection: number[];
  pcp: number[];
  counters: Record<string, number>;
  isInPagesets: boolean;
}

/** Reads /proc/zoneinfo of any kernel from 3.10 on; zones of names that are not known are left out. */
export function parseZoneinfo(text: string): HostZone[] {
  const zones: ZoneDraft[] = [];
  let zone: ZoneDraft | undefined;
  for (const line of text.split("\n")) {
    const head = /^Node (\d{1,5}), zone\s+(\w+)\s*$/.exec(line);
    if (head !== null) {
      const name = zoneNames.find((known) => known === head[2]);
      zone =
        name === undefined
          ? undefined
          : {
              node: Number(head[1]),
              zone: name,
              fields: new Map(),
              protection: [],
              pcp: [],
              counters: {},
              isInPagesets: false,
            };
      if (zone !== undefined) zones.push(zone);
    } else if (zone !== undefined) takeLine(zone, line.trim());
  }
  return zones.map(finished);
}

function takeLine(zone: ZoneDraft, line: string): void {
  const protection = /^protection: \((.*)\)$/.exec(line);
  if (protection !== null) {
    zone.protection = (protection[1] as string).split(",").map(Number);
    return;
  }
  if (line === "pagesets" || line.startsWith("cpu:")) zone.isInPagesets = true;
  const field = /^([A-Za-z_][\w ()]*?):?\s+(\d{1,15})$/.exec(line);
  if (field === null) return;
  const name = field[1] as string;
  const value = Number(field[2]);
  if (name === "start_pfn") zone.startPfn = value;
  else if (zone.isInPagesets) {
    if (name === "count") zone.pcp.push(value);
  } else if (name.startsWith("nr_")) zone.counters[name] ??= value;
  else if (!zone.fields.has(name)) zone.fields.set(name, value);
}

function finished({ node, zone, startPfn, fields, protection, pcp, counters }: ZoneDraft): HostZone {
  const field = (name: string): number => fields.get(name) ?? 0;
  return {
    node,
    zone,
    ...(startPfn === undefined ? {} : { startPfn }),
    spanned: field("spanned"),
    present: field("present"),
    managed: field("managed"),
    free: field("pages free"),
    min: field("min"),
    low: field("low"),
    high: field("high"),
    boost: field("boost"),
    protection,
    pcp,
    counters,
  };
}
