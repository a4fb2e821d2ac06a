import { zoneName } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { WalkEntry } from "@memhp/sysfs";
import { spanOf } from "./state-view.ts";

type Json = Record<string, unknown>;

const MEMORY = "/sys/devices/system/memory";
const NODE = "/sys/devices/system/node";

/** Numbers that a snapshot leaves out, because no two boots print the same. */
const volatileFiles: ReadonlySet<string> = new Set(["meminfo", "numastat", "vmstat"]);

function fileView(machine: Machine, path: string): unknown {
  const read = machine.files.read(path);
  if (read.ok) return read.value;
  const stat = machine.files.stat(path);
  return { errno: -1, mode: stat.ok ? stat.value.mode.toString(8) : "0" };
}

interface Listing {
  readonly files: Json;
  readonly links: string[];
  readonly dirs: string[];
}

const naturally = new Intl.Collator("en", { numeric: true }).compare;

/** The entries of a directory, found by one lookup of it; as they are, whatever fails on purpose. */
function entriesOf(machine: Machine, dir: string): WalkEntry[] {
  // To list it may fail on purpose.
  if (!machine.files.list(dir).ok) return [];
  return [...machine.files.walk(dir, 0)].sort((a, b) => naturally(a.path, b.path));
}

function nameOf({ path }: WalkEntry): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function listing(machine: Machine, dir: string): Listing {
  const files: Json = {};
  const links: string[] = [];
  const dirs: string[] = [];
  for (const entry of entriesOf(machine, dir)) {
    const name = nameOf(entry);
    if (entry.kind === "link") {
      links.push(name);
      continue;
    }
    const stat = machine.files.stat(entry.path);
    if (stat.ok && stat.value.kind === "dir") dirs.push(name);
    else if (!volatileFiles.has(name)) files[name] = fileView(machine, entry.path);
  }
  return { files, links, dirs };
}

/** The files of a directory, with its directories as `name/: "dir"`; those that `isDevice` names are left for their own view. */
function rootView(machine: Machine, dir: string, isDevice: RegExp): Json {
  const { files, dirs } = listing(machine, dir);
  const view: Json = { ...files };
  for (const name of dirs) if (!isDevice.test(name)) view[`${name}/`] = "dir";
  return view;
}

function deviceViews(machine: Machine, dir: string, isDevice: RegExp): Json {
  const view: Json = {};
  const names = machine.files.list(dir);
  for (const name of names.ok ? [...names.value].filter((n) => isDevice.test(n)).sort(naturally) : []) {
    const { files, links, dirs } = listing(machine, `${dir}/${name}`);
    view[name] = { links, dirs, ...files };
  }
  return view;
}

/** Zones with their numbers by name, as the traces parse /proc/zoneinfo. */
function zonesView(machine: Machine): Json {
  const all = machine.kernel.sysfs.zoneinfo === "all-zones";
  const view: Json = {};
  for (const node of [...machine.map.nodes.values()].sort((a, b) => a.id - b.id)) {
    if (!node.online) continue;
    const zones: Json = {};
    for (const zone of machine.zonesOf(node)) {
      if (zone.presentPages === 0 && !all) continue;
      const counts = { spanned: spanOf(zone), present: zone.presentPages, managed: zone.managedPages };
      zones[zoneName(zone.index)] = zone.presentPages === 0 && all ? counts : { ...counts, start_pfn: zone.startPfn };
    }
    if (Object.keys(zones).length > 0) view[node.id] = zones;
  }
  return view;
}

/** The whole tree of memory and node devices, zones, RAM ranges: the result of the op `snapshot`. */
export function snapshotView(machine: Machine): Json {
  const iomem = machine.files.read("/proc/iomem");
  const meminfo = machine.files.read("/proc/meminfo");
  const total = meminfo.ok ? /MemTotal:\s+(\d+)/.exec(meminfo.value) : null;
  return {
    memory: { files: rootView(machine, MEMORY, /^memory\d+$/), blocks: deviceViews(machine, MEMORY, /^memory\d+$/) },
    node: { files: rootView(machine, NODE, /^node\d+$/), nodes: nodeViews(machine) },
    zones: zonesView(machine),
    iomem_ram: iomem.ok ? iomem.value.split("\n").filter((line) => line.includes("System RAM")) : [],
    MemTotal: total === null ? null : Number(total[1]),
  };
}

function nodeViews(machine: Machine): Json {
  const views = deviceViews(machine, NODE, /^node\d+$/) as Record<string, Json>;
  for (const view of Object.values(views)) delete view["uevent"];
  return views;
}

/** A directory listing with modes and contents: the result of the op `tree`. */
export function treeView(machine: Machine, root: string, depth: number): Json {
  const view: Json = {};
  const visit = (dir: string, left: number): void => {
    for (const { path, kind, target } of entriesOf(machine, dir)) {
      if (kind === "link") {
        view[path] = [target];
        continue;
      }
      const stat = machine.files.stat(path);
      if (!stat.ok) continue;
      const mode = stat.value.mode.toString(8);
      if (stat.value.kind === "dir") {
        view[path] = [mode];
        if (left > 1) visit(path, left - 1);
      } else {
        const read = machine.files.read(path);
        view[path] = read.ok ? [0, mode, read.value] : [-1, mode, ""];
      }
    }
  };
  // depth counts the levels below the listed one.
  visit(root, depth + 1);
  return view;
}
