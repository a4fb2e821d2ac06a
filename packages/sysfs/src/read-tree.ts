import { done, type Result } from "@memhp/abi";
import { resolvePath } from "./path.ts";
import { badRange, unreadable, wrongKind } from "./refusals.ts";
import { type Directory, type EntryKind, LINK_MODE, type TreeNode } from "./tree-node.ts";

/** What lstat(2) tells of an entry. */
export interface Stat {
  readonly kind: EntryKind;
  /** Permission bits: 0o644. */
  readonly mode: number;
  /** Bytes: 4096 for an attribute, 0 for a directory, a link or a file of /proc (facts/kernel.md §0.1). */
  readonly size: number;
  /** Of a file that `readRange` reads and `read` does not: /proc/kpageflags. */
  readonly byRange?: true;
}

/** An entry that a walk came by. */
export interface WalkEntry extends Stat {
  readonly path: string;
  /** Of a link. */
  readonly target?: string;
}

/**
 * Reading of a tree. Paths are absolute; links on the way are followed. Contents are strings with one
 * character for each byte. Nothing throws: ENOENT, ENOTDIR, EISDIR, EACCES, EINVAL and ELOOP are refusals.
 */
export interface ReadTree {
  /** lstat(2): a link is not followed unless a slash ends the path. */
  stat(path: string): Result<Stat>;
  /** Names in a directory, in natural order, without `.` and `..`. */
  list(path: string): Result<string[]>;
  readlink(path: string): Result<string>;
  read(path: string): Result<string>;
  /**
   * pread(2) of any file that can be read: at most `length` bytes from `offset` on, and none behind the end. The only
   * way to read /proc/kpageflags and /proc/kpagecount, whose offsets and lengths are multiples of 8.
   */
  readRange(path: string, offset: number, length: number): Promise<Result<string>>;
  /** The path without links, `.` and `..`. */
  realpath(path: string): Result<string>;
  /**
   * Everything below a directory, each directory before its contents. Links are named, not followed.
   * `depth` 0 is the directory's own entries, 1 those of its sub-directories too. Empty for a path that is no directory.
   */
  walk(path: string, depth?: number): IterableIterator<WalkEntry>;
}

export function readTree(root: Directory): ReadTree {
  return {
    stat(path) {
      const found = resolvePath(root, path, false);
      return found.ok ? done(statOf(found.value.node)) : found;
    },
    list(path) {
      const found = resolvePath(root, path, true);
      if (!found.ok) return found;
      const { node } = found.value;
      return node.kind === "dir" ? done([...node.names()]) : wrongKind("ENOTDIR", path);
    },
    readlink(path) {
      const found = resolvePath(root, path, false);
      if (!found.ok) return found;
      return found.value.node.kind === "link" ? done(found.value.node.target) : wrongKind("EINVAL", path);
    },
    read(path) {
      const found = resolvePath(root, path, true);
      if (!found.ok) return found;
      const { node } = found.value;
      if (node.kind !== "file") return wrongKind("EISDIR", path);
      return node.read === undefined ? unreadable(path) : node.read();
    },
    async readRange(path, offset, length) {
      const found = resolvePath(root, path, true);
      if (!found.ok) return found;
      const { node } = found.value;
      if (node.kind !== "file") return wrongKind("EISDIR", path);
      if (node.read === undefined) return unreadable(path);
      if (!isSize(offset) || !isSize(length)) return badRange(path);
      if (node.readRange !== undefined) return node.readRange(offset, length);
      const read = node.read();
      return read.ok ? done(read.value.slice(offset, offset + length)) : read;
    },
    realpath(path) {
      const found = resolvePath(root, path, true);
      return found.ok ? done(found.value.path) : found;
    },
    *walk(path, depth = Number.POSITIVE_INFINITY) {
      const found = resolvePath(root, path, true);
      if (found.ok && found.value.node.kind === "dir") {
        yield* walkDirectory(found.value.node, path.replace(/\/+$/, ""), depth);
      }
    },
  };
}

function* walkDirectory(directory: Directory, prefix: string, depth: number): IterableIterator<WalkEntry> {
  for (const name of directory.names()) {
    const node = directory.child(name);
    // The entry may have gone since the directory was read.
    if (node === undefined) continue;
    const path = `${prefix}/${name}`;
    yield walkEntry(path, node);
    if (node.kind === "dir" && depth > 0) yield* walkDirectory(node, path, depth - 1);
  }
}

function walkEntry(path: string, node: TreeNode): WalkEntry {
  return { path, ...statOf(node), ...(node.kind === "link" ? { target: node.target } : {}) };
}

function isSize(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes >= 0;
}

function statOf(node: TreeNode): Stat {
  if (node.kind === "file") {
    const { mode, size, readRange } = node;
    return readRange === undefined ? { kind: "file", mode, size } : { kind: "file", mode, size, byRange: true };
  }
  return { kind: node.kind, mode: node.kind === "dir" ? node.mode : LINK_MODE, size: 0 };
}
