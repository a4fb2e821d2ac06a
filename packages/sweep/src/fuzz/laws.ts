import type { Machine } from "@memhp/machine";
import { BlockState, pagesPastEnd, recountZone } from "@memhp/engine";

/** What memhp promises; each is checked after every step at which the machine is at rest, or over the whole run. */
export const laws = {
  pages: "each page is in one state, and counters equal a recount of the pages (law 3)",
  zones: "zones and nodes count the pages of their blocks (law 3)",
  files: "what files print of the same pages agrees (law 3)",
  image: "a machine that is written down and started again goes on as it would have (law 7)",
  workers: "any number of workers gives the same bytes (law 2)",
  actors: "a block that is watched, and so an actor, does what the row of the table does (law 5)",
  death: "a worker's death is told as what it is",
  ends: "everything comes to an end",
  bugs: "memhp itself does not break",
} as const;
/** A name of `laws`. */
export type Law = keyof typeof laws;

/** What laws that can be checked by looking say of a machine at rest. */
export async function lookAt(machine: Machine): Promise<{ readonly law: Law; readonly what: string } | undefined> {
  const wrong = (await machine.pages.audit())[0];
  if (wrong !== undefined) return { law: "pages", what: wrong };
  const zones = zonesWrong(machine);
  if (zones !== undefined) return { law: "zones", what: zones };
  const files = filesWrong(machine);
  return files === undefined ? undefined : { law: "files", what: files };
}

function zonesWrong({ map }: Machine): string | undefined {
  for (const node of map.nodes.values()) {
    let present = 0;
    for (const zone of node.zones) {
      present += zone.presentPages;
      const { presentPages } = recountZone(map, node.id, zone.index);
      if (
        presentPages !== zone.presentPages &&
        presentPages + pagesPastEnd(map, node.id, zone.index) !== zone.presentPages
      )
        return `node ${node.id}, zone ${zone.index}: ${zone.presentPages} pages present, its blocks have ${presentPages}`;
    }
    if (present !== node.presentPages)
      return `node ${node.id}: ${node.presentPages} pages present, its zones have ${present}`;
    if (node.hasMemory !== present > 0) return `node ${node.id}: hasMemory is ${node.hasMemory}, ${present} pages`;
  }
  for (const id of map.blocks.ids()) {
    const state = map.blocks.state(id);
    if (state !== BlockState.online && state !== BlockState.offline) return `block ${id} is at rest in state ${state}`;
  }
  return undefined;
}

function filesWrong(machine: Machine): string | undefined {
  if (!machine.faults.isEmpty) return undefined;
  const kb = machine.pageSize / 1024;
  const zoneinfo = read(machine, "/proc/zoneinfo");
  const meminfo = read(machine, "/proc/meminfo");
  const inMeminfo = (name: string): number => sum(meminfo, new RegExp(`^${name}: +(\\d+)`, "gm"));
  const free = inMeminfo("MemFree");
  const total = inMeminfo("MemTotal");
  const freeInZones = kb * sum(zoneinfo, /pages free +(\d+)/g);
  const managed = kb * sum(zoneinfo, /^ +managed +(\d+)/gm);
  if (free !== freeInZones) return `MemFree is ${free} kB, zoneinfo has ${freeInZones}`;
  if (total !== managed) return `MemTotal is ${total} kB, zoneinfo manages ${managed}`;
  const chunks = kb * freeInBuddyinfo(read(machine, "/proc/buddyinfo"));
  return chunks === free ? undefined : `MemFree is ${free} kB, buddyinfo has ${chunks}`;
}

function freeInBuddyinfo(text: string): number {
  return text.split("\n").reduce((pages, line) => {
    const [, counts = ""] = /zone +\w+ +([\d ]+)$/.exec(line) ?? [];
    return counts
      .trim()
      .split(/ +/)
      .reduce((each, count, order) => each + Number(count) * 2 ** order, pages);
  }, 0);
}

function read(machine: Machine, path: string): string {
  const text = machine.files.read(path);
  if (!text.ok) throw new Error(`memhp bug: ${path}: ${text.refusal.errno}`);
  return text.value;
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}
