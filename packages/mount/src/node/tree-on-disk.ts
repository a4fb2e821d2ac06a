import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Errno, errnoNames } from "@memhp/abi";
import type { ExportedEntry } from "@memhp/sysfs";

/** Files of /proc that are as long as the memory: nobody wants them whole. */
const BY_RANGE = new Set(["kpageflags", "kpagecount", "kcore"]);

/** Writes a tree as plain files, directories and links below a directory. Files that cannot be read are empty. */
export function writeTree(entries: Iterable<ExportedEntry>, directory: string): void {
  const made = new Set<string>();
  for (const entry of entries) {
    const path = join(directory, entry.path);
    const parent = dirname(path);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    if (entry.kind === "dir") mkdirSync(path, { recursive: true });
    else if (entry.kind === "link") symlinkSync(entry.target, path);
    else {
      writeFileSync(path, entry.data ?? "", "latin1");
      chmodSync(path, entry.mode);
    }
  }
}

/** Reads what `writeTree` wrote, what `cp -r` made of a host's files, or a mount. Links are kept as links. */
export async function* readTreeOnDisk(directory: string, below = "/"): AsyncIterableIterator<ExportedEntry> {
  const names = (await readdir(join(directory, below))).sort();
  for (const name of names) {
    const path = join(below, name);
    const found = await lstat(join(directory, path));
    const mode = found.mode & 0o7777;
    if (found.isDirectory()) {
      yield { path, kind: "dir", mode };
      yield* readTreeOnDisk(directory, path);
    } else if (found.isSymbolicLink()) {
      yield { path, kind: "link", mode: 0o777, target: await readlink(join(directory, path)) };
    } else if (found.isFile() && !BY_RANGE.has(name)) {
      yield { path, kind: "file", mode, ...(await contents(join(directory, path), mode)) };
    }
  }
}

async function contents(path: string, mode: number): Promise<{ readonly data: string } | { readonly errno: Errno }> {
  if ((mode & 0o444) === 0) return { errno: "EACCES" };
  try {
    return { data: await readFile(path, "latin1") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { errno: errnoNames.find((name) => name === code) ?? "EIO" };
  }
}
