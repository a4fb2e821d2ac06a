import { constants } from "node:fs";
import { open, readdir, readlink, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type ExportedEntry, importTree, type ReadTree } from "@memhp/sysfs";
import { InputError } from "../errors.ts";

export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Where the memory devices of a tree are, seen from a directory that somebody names. */
const places = ["sys/devices/system/memory", "devices/system/memory", "."];
const MEMORY = "/sys/devices/system/memory";

/** Files of a block that say how an offline would end. */
const blockFiles = ["state", "valid_zones", "removable"];

/**
 * The memory devices of a tree on the disk, as far as an explanation needs them, and beside them what tells of the kernel and
 * its pages: at their own places, /sys/devices/system/node, /proc/version and so on.
 * @throws InputError where there are no memory devices
 */
export async function readMemoryDirectory(directory: string): Promise<ReadTree> {
  for (const place of places) {
    const root = join(directory, place);
    const names = await namesIn(root);
    const blocks = names.filter((name) => /^memory\d+$/.test(name));
    if (blocks.length === 0) continue;
    const entries = [
      await fileEntry(root, "block_size_bytes"),
      ...(await Promise.all(blocks.map((block) => blockEntries(root, block)))),
      // Only that they are there counts.
      ...names.filter((name) => kernelMarks.has(name)).map((name) => markEntry(name)),
      ...(await besideEntries(root)),
    ];
    return importTree(entries.flat());
  }
  throw new InputError(`${directory}: no memory blocks here (expected ${places[0]}/memory0 and so on)`);
}

/** Files of the memory directory that only some kernels have. */
const kernelMarks: ReadonlySet<string> = new Set(["auto_online_blocks", "crash_hotplug"]);

function markEntry(name: string): ExportedEntry[] {
  return [{ path: `${MEMORY}/${name}`, kind: "file", mode: 0o444, data: "" }];
}

/** What lies around the memory directory, where the tree has it. */
async function besideEntries(root: string): Promise<ExportedEntry[][]> {
  const sys = resolve(root, "../../..");
  if (!resolve(root).endsWith(join("devices", "system", "memory"))) return [];
  const nodes = (await namesIn(join(sys, "devices/system/node"))).filter((name) => /^node\d+$/.test(name));
  const files = nodes.flatMap((node) =>
    ["meminfo", "vmstat"].map((name) => [sys, `/sys`, `/devices/system/node/${node}/${name}`] as const),
  );
  const proc = ["version", "meminfo", "vmstat"].map((name) => [join(sys, "../proc"), "/proc", `/${name}`] as const);
  return Promise.all(
    [...files, ...(basename(sys) === "sys" ? proc : [])].map(async ([folder, name, path]) => {
      const data = await readSmallFile(join(folder, path));
      return data === undefined ? [] : [{ path: `${name}${path}`, kind: "file", mode: 0o444, data }];
    }),
  );
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch {
    return [];
  }
}

async function blockEntries(root: string, block: string): Promise<ExportedEntry[]> {
  const names = await namesIn(join(root, block));
  const links = names.filter((name) => /^node\d+$/.test(name));
  const files = await Promise.all(blockFiles.map((file) => fileEntry(root, `${block}/${file}`)));
  const nodes = await Promise.all(links.map((name) => linkEntry(root, `${block}/${name}`)));
  // Also a block of which nothing can be read is one.
  return [{ path: `${MEMORY}/${block}`, kind: "dir", mode: 0o755 }, ...files.flat(), ...nodes.flat()];
}

/** A file that cannot be read is not there: the explanation says what it does not know. */
async function fileEntry(root: string, name: string): Promise<ExportedEntry[]> {
  const data = await readSmallFile(join(root, name));
  return data === undefined ? [] : [{ path: `${MEMORY}/${name}`, kind: "file", mode: 0o444, data }];
}

/** A file of sysfs has a page at the most. */
const MAX_FILE_BYTES = 65_536;

/** What an ordinary file begins with; undefined for anything else: a pipe in its place would never end. */
async function readSmallFile(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) return undefined;
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(MAX_FILE_BYTES), 0, MAX_FILE_BYTES, 0);
      return buffer.toString("latin1", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** A link may have become a directory or a file on its way here; its name is what counts. */
async function linkEntry(root: string, name: string): Promise<ExportedEntry[]> {
  const target = await readlink(join(root, name)).catch(() => `../../node/${name.split("/")[1]}`);
  return [{ path: `${MEMORY}/${name}`, kind: "link", mode: 0o777, target }];
}
