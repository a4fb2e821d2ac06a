import { done, type Result } from "@memhp/abi";
import { noEntry, wrongKind } from "./refusals.ts";
import type { Directory, TreeNode } from "./tree-node.ts";

/** A place in a tree and the one way to it that has no links. */
export interface Place {
  readonly path: string;
  readonly node: TreeNode;
}

/** Linux follows 40 links in one lookup. */
const MAX_LINKS = 40;

/**
 * Finds what a path names, as a path lookup of Linux does: links on the way are followed, the last one only if
 * asked to, or if a slash follows it; `..` leaves the directory that was reached.
 */
export function resolvePath(root: Directory, path: string, followLast: boolean): Result<Place> {
  if (!path.startsWith("/")) return noEntry(path);
  let links = 0;
  /** Names on the way, the next one last. */
  const todo = components(path).toReversed();
  /** The directories from the root to where the lookup stands. */
  let names: string[] = [];
  let directories = [root];

  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (name === ".") continue;
    if (name === "..") {
      names.pop();
      if (directories.length > 1) directories.pop();
      continue;
    }
    const node = directories.at(-1)?.child(name);
    if (node === undefined) return noEntry(path);
    if (node.kind === "link" && (followLast || todo.length > 0)) {
      if (++links > MAX_LINKS) return wrongKind("ELOOP", path);
      if (node.target.startsWith("/")) [names, directories] = [[], [root]];
      todo.push(...components(node.target).toReversed());
    } else if (node.kind === "dir") {
      names.push(name);
      directories.push(node);
    } else if (todo.length > 0) {
      return wrongKind("ENOTDIR", path);
    } else {
      return done({ path: pathOf([...names, name]), node });
    }
  }
  return done({ path: pathOf(names), node: directories.at(-1) ?? root });
}

/** A slash at the end asks for a directory, as a `.` does. */
function components(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "");
  return path.endsWith("/") ? [...names, "."] : names;
}

function pathOf(names: readonly string[]): string {
  return `/${names.join("/")}`;
}
