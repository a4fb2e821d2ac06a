import { done, type Errno, refused, type Refusal } from "@memhp/abi";
import { ATTRIBUTE_SIZE } from "./attribute.ts";
import { type ReadTree, readTree } from "./read-tree.ts";
import { type Directory, type FileNode, link, type TreeNode } from "./tree-node.ts";

/** One entry of a tree as plain data. */
export type ExportedEntry =
  | { readonly path: string; readonly kind: "dir"; readonly mode: number }
  | {
      readonly path: string;
      readonly kind: "file";
      readonly mode: number;
      /** One character for each byte; absent where reading was refused. */
      readonly data?: string;
      /** Why there is no data. */
      readonly errno?: Errno;
    }
  | { readonly path: string; readonly kind: "link"; readonly mode: number; readonly target: string };

/** A tree that was: read as a live one is, and never written. */
export type StaticTree = ReadTree;

/**
 * Everything below `root` as data, each directory before its contents. Files that are read by ranges are left out:
 * /proc/kpageflags and /proc/kpagecount of a machine of 1 TiB have 2 GiB each.
 */
export function* exportTree(tree: ReadTree, root: string): IterableIterator<ExportedEntry> {
  for (const { path, kind, mode, target = "", byRange = false } of tree.walk(root)) {
    if (byRange) continue;
    if (kind === "dir") yield { path, kind, mode };
    else if (kind === "link") yield { path, kind, mode, target };
    else {
      const read = tree.read(path);
      yield read.ok ? { path, kind, mode, data: read.value } : { path, kind, mode, errno: read.refusal.errno };
    }
  }
}

/** A directory while it is being filled. */
interface Filling extends Directory {
  readonly entries: Map<string, TreeNode>;
}

/**
 * A tree of exported entries, in any order; directories that no entry names are there all the same.
 * @throws RangeError for entries that cannot be in one tree: two of one name, or one below a file.
 */
export function importTree(entries: Iterable<ExportedEntry>): StaticTree {
  const root = filling(0o755);
  for (const entry of entries) {
    const names = entry.path.split("/").filter((name) => name !== "");
    const last = names.pop();
    if (!entry.path.startsWith("/") || last === undefined || names.includes("..") || last === "..") {
      throw new RangeError(`no absolute path: ${JSON.stringify(entry.path)}`);
    }
    const parent = names.reduce((directory, name) => enter(directory, name, entry.path), root);
    place(parent, last, entry);
  }
  return readTree(root);
}

function filling(mode: number, entries = new Map<string, TreeNode>()): Filling {
  return {
    kind: "dir",
    mode,
    entries,
    names: () => [...entries.keys()].sort(naturally),
    child: (name) => entries.get(name),
  };
}

function enter(directory: Filling, name: string, path: string): Filling {
  const found = directory.entries.get(name);
  if (found !== undefined) {
    if (found.kind === "dir") return found as Filling;
    throw new RangeError(`${path} is below ${JSON.stringify(name)}, which is a ${found.kind}`);
  }
  const made = filling(0o755);
  directory.entries.set(name, made);
  return made;
}

function place(parent: Filling, name: string, entry: ExportedEntry): void {
  const before = parent.entries.get(name);
  if (before !== undefined && !(before.kind === "dir" && entry.kind === "dir")) {
    throw new RangeError(`two entries for ${entry.path}`);
  }
  parent.entries.set(name, nodeOf(entry, before));
}

function nodeOf(entry: ExportedEntry, before: TreeNode | undefined): TreeNode {
  if (entry.kind === "link") return link(entry.target);
  if (entry.kind === "file") return fileNode(entry);
  // The directory may have been made for something that is in it.
  return filling(entry.mode, before === undefined ? undefined : (before as Filling).entries);
}

function fileNode({ path, mode, data, errno }: ExportedEntry & { readonly kind: "file" }): FileNode {
  const size = path.startsWith("/proc/") ? 0 : ATTRIBUTE_SIZE;
  if (data !== undefined) return { kind: "file", mode, size, read: () => done(data) };
  if (errno === undefined || errno === "EACCES") return { kind: "file", mode, size };
  const refusal: Refusal = {
    errno,
    code: "no_entry",
    rule: "as it was when the tree was exported",
    retry: "no",
    remedy: [],
    detail: path,
  };
  return { kind: "file", mode, size, read: () => refused(refusal) };
}

/** `memory2` before `memory10`. */
function naturally(a: string, b: string): number {
  const [, stemA = a, digitsA = ""] = /^(.*?)(\d*)$/s.exec(a) ?? [];
  const [, stemB = b, digitsB = ""] = /^(.*?)(\d*)$/s.exec(b) ?? [];
  if (stemA !== stemB) return stemA < stemB ? -1 : 1;
  return Number(digitsA) - Number(digitsB);
}
