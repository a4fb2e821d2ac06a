import { kernelOf, type Kernel } from "@memhp/kernels";
import type { RunDocument } from "./document.ts";
import type { Trace, TraceStep } from "./trace.ts";

type Json = Record<string, unknown>;

/** One thing in which memhp and the kernel disagree. */
export interface Difference {
  readonly step: number;
  /** Path of what differs: `result.errno`, `zones.1.Movable.spanned`, `blocks.32.valid_zones`. */
  readonly what: string;
  readonly kernel: unknown;
  readonly memhp: unknown;
}

export interface Comparison {
  /** Steps that can be compared. */
  readonly total: number;
  /** Steps without a difference. */
  readonly matched: number;
  readonly differences: readonly Difference[];
}

/** Files of the guest's own programs: their state, and what they wrote. */
const guestFile = /^(?:\/tmp\/|\/proc\/(?:\d+|\$\{[^}]+\})\/)/;

/** Files whose contents no two boots print the same (kernel-traces/README.md, "what not"). */
const volatileFile = /\/(?:meminfo|numastat|vmstat|zoneinfo|buddyinfo|pagetypeinfo|kpageflags|kpagecount)$/;

/**
 * Compares a run of a kernel trace with what the kernel did, step by step.
 * @param ran the kernel that ran; memhp's own of that id unless it was the caller's.
 */
export function compareWithKernel(
  document: RunDocument,
  trace: Trace,
  ran: Kernel = kernelOf(document.kernel),
): Comparison {
  let total = 0;
  let matched = 0;
  const differences: Difference[] = [];
  for (const [i, step] of document.steps.entries()) {
    const ours = trace.steps[i];
    if (step.recorded === undefined || ours === undefined) continue;
    const pairs = comparedFields(ran, step.recorded, ours);
    if (pairs === undefined) continue;
    total += 1;
    const found: Difference[] = [];
    for (const [what, kernel, memhp] of pairs) collect(what, kernel, memhp, i, found);
    if (found.length === 0) matched += 1;
    differences.push(...found);
  }
  return { total, matched, differences };
}

type Pair = readonly [what: string, kernel: unknown, memhp: unknown];

/** What of a step is compared; undefined where nothing can be (the guest's own programs, a crashed guest). */
function comparedFields(ran: Kernel, recorded: Readonly<Json>, ours: TraceStep): Pair[] | undefined {
  const { op } = ours.step;
  const kernelResult = recorded["result"];
  if (kernelResult === null || typeof kernelResult !== "object" || ours.result === null) return undefined;
  // The guest crashed or hung in the call.
  if ((kernelResult as Json)["never_returned"] === true) return undefined;
  const known = view[op];
  if (known === undefined) return undefined;
  const path = textOf(ours.step["path"]);
  if (op === "read" && guestFile.test(path)) return undefined;
  const removableIsScan = ran.zones.removableFile === "page-scan";
  const pairs: Pair[] =
    op === "read"
      ? readFields(path, kernelResult as Json, ours.result as Json)
      : [...known(kernelResult as Json, ours.result as Json, removableIsScan)];
  pairs.push(["uevents", recorded["uevents"] ?? [], ours.uevents ?? []]);
  pairs.push(["qmp_events", recorded["qmp_events"] ?? [], ours.qmp_events ?? []]);
  if (ran.recorder.notifications)
    pairs.push(["notifications", recorded["notifications"] ?? [], ours.notifications ?? []]);
  if (recorded["after_state"] !== undefined && ours.after_state !== undefined) {
    for (const [what, kernel, memhp] of stateFields(recorded["after_state"] as Json, ours.after_state, removableIsScan))
      pairs.push([`after_state.${what}`, kernel, memhp]);
  }
  return pairs;
}

type View = (kernel: Json, memhp: Json, removableIsScan: boolean) => Pair[];

const wholeResult: View = (kernel, memhp) => [["result", kernel, memhp]];

const view: Readonly<Record<string, View>> = {
  block(kernel, memhp, removableIsScan) {
    const pick = (result: Json): Json => {
      const after = { ...(result["after"] as Json) };
      // Whether a kernel zone's block holds unmovable pages is the kernel's own placement.
      if (removableIsScan && !isPredictable(after)) delete after["removable"];
      return {
        before: result["before"],
        open_errno: result["open_errno"],
        ret: result["ret"],
        errno: result["errno"],
        after,
      };
    };
    return [["result", pick(kernel), pick(memhp)]];
  },
  write: wholeResult,
  read: () => [],
  dimm_add: wholeResult,
  dimm_del: wholeResult,
  insmod: wholeResult,
  memlog: wholeResult,
  state: (kernel, memhp, removableIsScan) => stateFields(kernel, memhp, removableIsScan),
  snapshot: (kernel, memhp, removableIsScan) => snapshotFields(kernel, memhp, removableIsScan),
  tree: (kernel, memhp) => [["result", withoutVolatile(kernel), withoutVolatile(memhp)]],
};

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A block's `removable` depends on where the kernel's own pages are, except offline and in ZONE_MOVABLE. */
function isPredictable(block: Json): boolean {
  const zones = textOf(block["valid_zones"]);
  return textOf(block["state"]).startsWith("offline") || zones.startsWith("Movable");
}

function stateFields(kernel: Json, memhp: Json, removableIsScan: boolean): Pair[] {
  const blocks = (state: Json): Json =>
    Object.fromEntries(
      Object.entries(state["blocks"] as Record<string, string[]>).map(([id, [state_, valid_zones, removable]]) => {
        const seen: Json = { state: state_, valid_zones };
        if (removableIsScan && isPredictable(seen)) seen["removable"] = removable;
        return [id, seen];
      }),
    );
  const pairs: Pair[] = [
    ["blocks", blocks(kernel), blocks(memhp)],
    ["zones", zoneTuples(kernel["zones"] as Json), zoneTuples(memhp["zones"] as Json)],
  ];
  if (kernel["hidden"] !== undefined)
    pairs.push(["hidden", hiddenZones(kernel["hidden"] as Json), hiddenZones(memhp["hidden"] as Json)]);
  return pairs;
}

/** A read: byte for byte, but for files that hold counters, of which the parts that a kernel repeats are compared. */
function readFields(path: string, kernel: Json, memhp: Json): Pair[] {
  const repeated = repeatedParts[path];
  if (repeated === undefined && !volatileFile.test(path)) return [["result", kernel, memhp]];
  const head = (result: Json): Json => ({ errno: result["errno"], mode: result["mode"] });
  const pairs: Pair[] = [["result", head(kernel), head(memhp)]];
  if (repeated !== undefined)
    pairs.push(["result.data", repeated(textOf(kernel["data"])), repeated(textOf(memhp["data"]))]);
  return pairs;
}

const linesOf = (data: string, pattern: RegExp): string[] => data.match(pattern) ?? [];

/** What of a file of counters does not depend on where a boot happened to put its pages. */
const repeatedParts: Readonly<Record<string, (data: string) => unknown>> = {
  "/proc/zoneinfo": (data) => linesOf(data, /^Node .*|^ +(?:spanned|present|start_pfn:) .*/gm),
  "/proc/buddyinfo": (data) => linesOf(data, /^Node +\d+, zone +\w+/gm),
  // Pageblocks of each type are the kernel's placement, but for those that an offline has isolated.
  "/proc/pagetypeinfo": (data) => ({
    head: linesOf(data, /^Page.*/gm),
    rows: linesOf(data, /^Node +\d+, zone +\w+, type +\w+/gm),
    isolated: linesOf(data, /^Node +\d+, zone +\w+(?: +\d+)+ *$/gm).map((line) => line.trim().split(/\s+/).at(-1)),
  }),
};

/** [start_pfn, spanned, present, managed] without managed, which differs from boot to boot. */
function zoneTuples(nodes: Json): Json {
  return mapZones(nodes, (zone) => {
    const [start_pfn, spanned, present] = zone as unknown[];
    return { start_pfn, spanned, present };
  });
}

/** Zones read out of guest memory, and the node: [start, spanned, present, nr_zones]. */
function hiddenZones(nodes: Json): Json {
  return mapZones(nodes, (zone, name) => {
    const tuple = zone as unknown[];
    if (name === "pgdat") return { start_pfn: tuple[0], spanned: tuple[1], present: tuple[2], nr_zones: tuple[3] };
    return { start_pfn: tuple[0], spanned: tuple[1], present: tuple[2], initialised: tuple[4] };
  });
}

function mapZones(nodes: Json, map: (zone: unknown, name: string) => unknown): Json {
  return Object.fromEntries(
    Object.entries(nodes).map(([node, zones]) => [
      node,
      Object.fromEntries(Object.entries(zones as Json).map(([name, zone]) => [name, map(zone, name)])),
    ]),
  );
}

function snapshotFields(kernel: Json, memhp: Json, removableIsScan: boolean): Pair[] {
  const blocks = (snapshot: Json): Json =>
    mapValues((snapshot["memory"] as Json)["blocks"] as Json, (block) => {
      const seen = { ...(block as Json) };
      if (removableIsScan && !isPredictable(seen)) delete seen["removable"];
      return sortLists(seen);
    });
  const nodes = (snapshot: Json): Json =>
    mapValues((snapshot["node"] as Json)["nodes"] as Json, (node) => {
      const { meminfo: _meminfo, uevent: _uevent, ...rest } = node as Json;
      return sortLists(rest);
    });
  const zones = (snapshot: Json): Json =>
    mapZones(snapshot["zones"] as Json, (zone) => {
      const { start_pfn, spanned, present } = zone as Json;
      return { start_pfn, spanned, present };
    });
  return [
    ["memory.files", (kernel["memory"] as Json)["files"], (memhp["memory"] as Json)["files"]],
    ["memory.blocks", blocks(kernel), blocks(memhp)],
    ["node.files", (kernel["node"] as Json)["files"], (memhp["node"] as Json)["files"]],
    ["node.nodes", nodes(kernel), nodes(memhp)],
    ["zones", zones(kernel), zones(memhp)],
    ["iomem_ram", kernel["iomem_ram"], memhp["iomem_ram"]],
  ];
}

function mapValues(record: Json, map: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function sortLists(record: Json): Json {
  return mapValues(record, (value) => (Array.isArray(value) ? [...(value as string[])].sort() : value));
}

function withoutVolatile(tree: Json): Json {
  return Object.fromEntries(
    Object.entries(tree).map(([path, entry]) => [
      path,
      volatileFile.test(path) && Array.isArray(entry) ? entry.slice(0, 2) : entry,
    ]),
  );
}

/** Differences of two JSON values, each at its path. */
function collect(what: string, kernel: unknown, memhp: unknown, step: number, found: Difference[]): void {
  if (isRecord(kernel) && isRecord(memhp)) {
    for (const key of new Set([...Object.keys(kernel), ...Object.keys(memhp)]))
      collect(`${what}.${key}`, kernel[key], memhp[key], step, found);
    return;
  }
  // Keys may come in any order inside lists of objects.
  if (canonical(kernel) !== canonical(memhp)) found.push({ step, what, kernel, memhp });
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) =>
      isRecord(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
    ) ?? "undefined"
  );
}
