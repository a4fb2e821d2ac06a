import type { Guest, GuestEntry } from "./target.ts";
import { parseZoneinfo } from "./zoneinfo.ts";

type Json = Record<string, unknown>;

const MEMORY = "/sys/devices/system/memory";
const NODE = "/sys/devices/system/node";

/** Numbers that a snapshot leaves out, because no two boots print the same. */
const volatileFiles: ReadonlySet<string> = new Set(["meminfo", "numastat", "vmstat"]);

const naturally = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

async function fileText(guest: Guest, path: string): Promise<string> {
  return (await guest.read(path)).data;
}

/** The result of the op `state`: blocks with state and valid_zones, zones as [start_pfn, spanned, present, managed]. */
export async function stateView(guest: Guest): Promise<Json> {
  const blocks: Record<string, string[]> = {};
  const column: Readonly<Record<string, number>> = { state: 0, valid_zones: 1 };
  for (const { path, text } of await guest.scan(MEMORY, 2)) {
    const [, block, file = ""] = /\/memory(\d+)\/(\w+)$/.exec(path) ?? [];
    const at = column[file];
    if (block !== undefined && at !== undefined) (blocks[block] ??= ["", ""])[at] = text.trimEnd();
  }
  const zones = mapZones(parseZoneinfo(await fileText(guest, "/proc/zoneinfo")), (zone) => [
    zone.start_pfn ?? null,
    zone.spanned,
    zone.present,
    zone.managed,
  ]);
  return { blocks: Object.fromEntries(Object.entries(blocks).sort(([a], [b]) => Number(a) - Number(b))), zones };
}

function mapZones(zones: ReturnType<typeof parseZoneinfo>, map: (zone: Zone) => unknown): Json {
  return Object.fromEntries(
    Object.entries(zones).map(([node, byName]) => [
      node,
      Object.fromEntries(Object.entries(byName).map(([name, zone]) => [name, map(zone)])),
    ]),
  );
}
type Zone = ReturnType<typeof parseZoneinfo>[string][string];

/** The result of the op `snapshot`: the trees of memory and node devices, zones, RAM ranges. */
export async function snapshotView(guest: Guest): Promise<Json> {
  const [memory, node] = [await guest.scan(MEMORY, 2), await guest.scan(NODE, 2)];
  const isBlock = /^memory\d+$/;
  const isNode = /^node\d+$/;
  const nodes = deviceViews(node, NODE, isNode);
  for (const view of Object.values(nodes)) delete view["uevent"];
  const iomem = await fileText(guest, "/proc/iomem");
  const total = /MemTotal:\s+(\d+)/.exec(await fileText(guest, "/proc/meminfo"));
  return {
    memory: { files: rootView(memory, MEMORY, isBlock), blocks: deviceViews(memory, MEMORY, isBlock) },
    node: { files: rootView(node, NODE, isNode), nodes },
    zones: parseZoneinfo(await fileText(guest, "/proc/zoneinfo")),
    iomem_ram: iomem.split("\n").filter((line) => line.includes("System RAM")),
    MemTotal: total === null ? null : Number(total[1]),
  };
}

/** What lies directly in a directory, by name. */
function children(entries: readonly GuestEntry[], dir: string): (readonly [name: string, entry: GuestEntry])[] {
  return entries
    .filter((entry) => entry.path.slice(0, entry.path.lastIndexOf("/")) === dir)
    .map((entry) => [entry.path.slice(dir.length + 1), entry] as const)
    .sort(([a], [b]) => naturally(a, b));
}

const fileView = (entry: GuestEntry): unknown => (entry.errno === 0 ? entry.text : { errno: -1, mode: entry.mode });

function filesOf(entries: readonly GuestEntry[], dir: string): Json {
  const files = children(entries, dir).filter(([name, { kind }]) => kind === "file" && !volatileFiles.has(name));
  return Object.fromEntries(files.map(([name, entry]) => [name, fileView(entry)]));
}

function namesOf(entries: readonly GuestEntry[], dir: string, kind: GuestEntry["kind"]): string[] {
  return children(entries, dir).flatMap(([name, entry]) => (entry.kind === kind ? [name] : []));
}

function rootView(entries: readonly GuestEntry[], dir: string, isDevice: RegExp): Json {
  const others = namesOf(entries, dir, "dir").filter((name) => !isDevice.test(name));
  return { ...filesOf(entries, dir), ...Object.fromEntries(others.map((name) => [`${name}/`, "dir"])) };
}

function deviceViews(entries: readonly GuestEntry[], dir: string, isDevice: RegExp): Record<string, Json> {
  const names = namesOf(entries, dir, "dir").filter((name) => isDevice.test(name));
  return Object.fromEntries(
    names.map((name) => {
      const own = `${dir}/${name}`;
      return [
        name,
        { links: namesOf(entries, own, "link"), dirs: namesOf(entries, own, "dir"), ...filesOf(entries, own) },
      ];
    }),
  );
}

/** The result of the op `tree`: every entry with its mode, a link's target, a file's contents. */
export async function treeView(guest: Guest, root: string, depth: number): Promise<Json> {
  // depth counts the levels below the listed one.
  const entries = await guest.scan(root, depth + 1);
  const view = (entry: GuestEntry): unknown[] => {
    if (entry.kind === "link") return [entry.text];
    if (entry.kind === "dir") return [entry.mode];
    return entry.errno === 0 ? [0, entry.mode, entry.text] : [-1, entry.mode, ""];
  };
  return Object.fromEntries(
    [...entries].sort((a, b) => naturally(a.path, b.path)).map((entry) => [entry.path, view(entry)]),
  );
}
