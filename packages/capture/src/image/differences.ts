import { parseBuddyinfo, parsePagetypeinfo } from "../host/buddyinfo.ts";
import type { Host } from "../host/host.ts";
import { parseMeminfo } from "../host/hugepages.ts";
import { type HostZone, parseZoneinfo } from "../host/zoneinfo.ts";

/** A counter that a machine made from a capture shows otherwise than the host did. */
export interface RestoredDifference {
  /** `/proc/zoneinfo` */
  readonly file: string;
  /** `node 0 Normal`, or empty for the whole host. */
  readonly place: string;
  readonly counter: string;
  /** What the host's file prints. */
  readonly host: number;
  /** What the machine's file prints. */
  readonly machine: number;
}

/** Counters, by where they are; both sides are read alike. */
type Counters = ReadonlyMap<string, number>;

/** Amounts of meminfo that the kinds of pages make up. */
const meminfoNames = [
  "MemTotal",
  "MemFree",
  "AnonPages",
  "Shmem",
  "Mlocked",
  "Slab",
  "PageTables",
  "HugePages_Total",
  "HugePages_Free",
  "HardwareCorrupted",
];

/**
 * Counters of zoneinfo, buddyinfo, pagetypeinfo and meminfo that differ between a host and the machine that its capture became.
 * @param read contents of a file of the machine
 */
export function restoredDifferences(
  host: Host,
  read: (path: string) => string | undefined,
): readonly RestoredDifference[] {
  const pageTypes = parsePagetypeinfo(read("/proc/pagetypeinfo") ?? "");
  const machine = {
    zones: parseZoneinfo(read("/proc/zoneinfo") ?? ""),
    chunks: parseBuddyinfo(read("/proc/buddyinfo") ?? ""),
    meminfo: parseMeminfo(read("/proc/meminfo") ?? ""),
    ...(pageTypes === undefined ? {} : { pageTypes }),
  };
  const files: readonly (readonly [string, (of: Counted) => Counters])[] = [
    ["/proc/zoneinfo", ({ zones }) => zoneCounters(zones)],
    ["/proc/buddyinfo", chunkCounters],
    ["/proc/pagetypeinfo", typeCounters],
    ["/proc/meminfo", ({ meminfo }) => new Map(meminfoNames.map((name) => [`/${name}`, meminfo.get(name) ?? 0]))],
  ];
  return files.flatMap(([file, counters]) => differences(file, counters(host), counters(machine)));
}

type Counted = Pick<Host, "zones" | "chunks" | "meminfo" | "pageTypes">;

function differences(file: string, host: Counters, machine: Counters): RestoredDifference[] {
  return [...host].flatMap(([key, value]) => {
    const other = machine.get(key) ?? 0;
    if (other === value) return [];
    const slash = key.indexOf("/");
    return [{ file, place: key.slice(0, slash), counter: key.slice(slash + 1), host: value, machine: other }];
  });
}

/** Active and inactive pages together: how the two lists are filled, memhp decides in its own way. */
function zoneCounters(zones: readonly HostZone[]): Counters {
  const counters = new Map<string, number>();
  for (const zone of zones) {
    if (zone.present === 0) continue;
    const put = (name: string, value: number): void =>
      void counters.set(`node ${zone.node} ${zone.zone}/${name}`, value);
    const lru = (kind: string): number =>
      (zone.counters[`nr_zone_inactive_${kind}`] ?? 0) + (zone.counters[`nr_zone_active_${kind}`] ?? 0);
    put("start_pfn", zone.startPfn ?? 0);
    put("spanned", zone.spanned);
    put("present", zone.present);
    put("managed", zone.managed);
    put("min", zone.min);
    put("low", zone.low);
    put("high", zone.high);
    put("free", zone.free);
    put("anon", lru("anon"));
    put("file", lru("file"));
    put("unevictable", zone.counters["nr_zone_unevictable"] ?? 0);
  }
  return counters;
}

function chunkCounters({ chunks }: Counted): Counters {
  return new Map(
    chunks.flatMap(({ node, zone, chunks: counts }) =>
      counts.map((count, order) => [`node ${node} ${zone}/order ${order}`, count] as const),
    ),
  );
}

function typeCounters({ pageTypes }: Counted): Counters {
  const rows = [...(pageTypes?.blocks ?? [])];
  return new Map(
    rows.map(([key, count]) => {
      const [node, zone, type] = key.split(" ");
      return [`node ${node} ${zone}/${type} pageblocks`, count] as const;
    }),
  );
}
