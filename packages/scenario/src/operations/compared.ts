import type { TSchema } from "@sinclair/typebox";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;

/** Something that a kernel and memhp answered, which should be the same. */
export type Pair = readonly [what: string, kernel: unknown, memhp: unknown];

/** Files whose contents no two boots print the same (kernel-traces/README.md, "what not"). */
export const volatileFile: RegExp =
  /\/(?:meminfo|numastat|vmstat|zoneinfo|buddyinfo|pagetypeinfo|kpageflags|kpagecount)$/;

const recordedZones: TSchema = Type.Record(Type.String(), Type.Record(Type.String(), Type.Array(Type.Unknown())));

/** The compact state as recorders write it down. */
export const recordedState: TSchema = Type.Object({
  blocks: Type.Record(Type.String(), Type.Array(Type.Unknown())),
  zones: recordedZones,
  hidden: Type.Optional(recordedZones),
});

export function whole(kernel: Json, memhp: Json): Pair[] {
  return [["result", kernel, memhp]];
}

/** A block's `removable` depends on where the kernel's own pages are, except offline and in ZONE_MOVABLE. */
export function isPredictable({ valid_zones, state }: Json): boolean {
  return (
    (typeof state === "string" && state.startsWith("offline")) ||
    (typeof valid_zones === "string" && valid_zones.startsWith("Movable"))
  );
}

/** The compact state: blocks, zones, and what 4.1 hides. */
export function stateFields(kernel: Json, memhp: Json, removableIsScan: boolean): Pair[] {
  const blocks = (state: Json): Json =>
    mapValues(state["blocks"] as Json, (block) => {
      const [state_, valid_zones, removable] = block as unknown[];
      const seen: Record<string, unknown> = { state: state_, valid_zones };
      if (removableIsScan && isPredictable(seen)) seen["removable"] = removable;
      return seen;
    });
  const pairs: Pair[] = [
    ["blocks", blocks(kernel), blocks(memhp)],
    ["zones", zoneTuples(kernel["zones"] as Json), zoneTuples(memhp["zones"] as Json)],
  ];
  if (kernel["hidden"] !== undefined)
    pairs.push(["hidden", hiddenZones(kernel["hidden"] as Json), hiddenZones(memhp["hidden"] as Json)]);
  return pairs;
}

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

export function mapZones(nodes: Json, map: (zone: unknown, name: string) => unknown): Json {
  return mapValues(nodes, (zones) =>
    Object.fromEntries(Object.entries(zones as Json).map(([name, zone]) => [name, map(zone, name)])),
  );
}

export function mapValues(record: Json, map: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
