import { parseNumberList } from "@memhp/abi";
import type { ExportedEntry } from "@memhp/sysfs";

/** Trees that are allowed, or were seen somewhere, and that tools stumble over. */
export interface OddTree {
  readonly about: string;
  change(entry: ExportedEntry): ExportedEntry | undefined;
}

const MEMORY = "/sys/devices/system/memory";
const NODE = "/sys/devices/system/node";
/** aarch64's RAM often begins at 1 TiB: the recorded machine's first block was 8192 (facts/peer-programs.md §4). */
const FIRST_BLOCK = 8192;
const NODE_STEP = 8;

/** By name, for `memhp export --odd NAME`. */
export const oddTrees: Readonly<Record<string, OddTree>> = {
  "first-block-8192": {
    about: "Blocks are numbered from 8192: there is no memory0",
    change: (entry) => renamed(entry, "memory", (id) => id + FIRST_BLOCK),
  },
  "no-node-links": {
    about: "Blocks do not say which node they are on",
    change: (entry) => (/\/memory\d+\/node\d+$/.test(entry.path) ? undefined : entry),
  },
  "unknown-zone": {
    about: "valid_zones names a zone that no tool knows",
    change: (entry) => withData(entry, /\/memory\d+\/valid_zones$/, (text) => text.replace("Normal", "Elsewhere")),
  },
  "no-valid-zones": {
    about: "Blocks have no valid_zones, as without CONFIG_MEMORY_HOTREMOVE",
    change: (entry) => (entry.path.endsWith("/valid_zones") ? undefined : entry),
  },
  "sparse-nodes": {
    about: "Nodes are numbered 0, 8, 16 and so on",
    change: (entry) => renamed(entry, "node", (id) => id * NODE_STEP),
  },
  "state-unknown": {
    about: "A block's state is a word that no tool knows",
    change: (entry) => withData(entry, /\/memory\d*1\/state$/, () => "going-online\n"),
  },
};

/** Applies presets in turn. @throws RangeError for a name that is none. */
export function* oddTree(entries: Iterable<ExportedEntry>, names: readonly string[]): IterableIterator<ExportedEntry> {
  const chosen = names.map((name) => {
    const odd = Object.hasOwn(oddTrees, name) ? oddTrees[name] : undefined;
    if (odd === undefined)
      throw new RangeError(`${JSON.stringify(name)} is not known (allowed: ${Object.keys(oddTrees).join(", ")})`);
    return odd;
  });
  for (const entry of entries) {
    let changed: ExportedEntry | undefined = entry;
    for (const odd of chosen) changed = changed === undefined ? undefined : odd.change(changed);
    if (changed !== undefined) yield changed;
  }
}

function withData(entry: ExportedEntry, path: RegExp, change: (text: string) => string): ExportedEntry {
  if (entry.kind !== "file" || entry.data === undefined || !path.test(entry.path)) return entry;
  return { ...entry, data: change(entry.data) };
}

/** Numbers of `memoryN` or `nodeN` in paths, in what links lead to, and in the files that tell them. */
function renamed(entry: ExportedEntry, prefix: "memory" | "node", number: (id: number) => number): ExportedEntry {
  const rename = (text: string): string =>
    text.replaceAll(
      new RegExp(`(?<=/|^)${prefix}(\\d+)(?=/|$)`, "g"),
      (_, id: string) => `${prefix}${number(Number(id))}`,
    );
  const path = rename(entry.path);
  if (entry.kind === "link") return { ...entry, path, target: rename(entry.target) };
  const moved = { ...entry, path };
  if (prefix === "memory")
    return withData(
      moved,
      new RegExp(`^${MEMORY}/memory\\d+/phys_index$`),
      (text) => `${number(Number.parseInt(text, 16)).toString(16).padStart(8, "0")}\n`,
    );
  const list = new RegExp(`^${NODE}/(online|possible|has_\\w+)$`);
  return withData(moved, list, (text) => numberList(text, number));
}

/** A list as the kernel prints it, each number changed: ranges become single numbers. */
function numberList(text: string, number: (id: number) => number): string {
  return text.trim() === "" ? text : `${parseNumberList(text).map(number).join(",")}\n`;
}
