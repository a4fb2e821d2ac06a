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
  let todo = components(path);
  /** The directories from the root to where the lookup stands. */
  let stack: { name: string; node: Directory }[] = [];

  while (todo.length > 0) {
    const [name = "", ...rest] = todo;
    todo = rest;
    if (name === ".") continue;
    if (name === "..") {
      stack = stack.slice(0, -1);
      continue;
    }
    const node = (stack.at(-1)?.node ?? root).child(name);
    if (node === undefined) return noEntry(path);
    if (node.kind === "link" && (followLast || todo.length > 0)) {
      if (++links > MAX_LINKS) return wrongKind("ELOOP", path);
      if (node.target.startsWith("/")) stack = [];
      todo = [...components(node.target), ...todo];
    } else if (node.kind === "dir") {
      stack = [...stack, { name, node }];
    } else if (todo.length > 0) {
      return wrongKind("ENOTDIR", path);
    } else {
      return done({ path: pathOf([...stack.map((entry) => entry.name), name]), node });
    }
  }
  return done({ path: pathOf(stack.map((entry) => entry.name)), node: stack.at(-1)?.node ?? root });
}

/** A slash at the end asks for a directory, as a `.` does. */
function components(path: string): string[] {
  return path
    .replace(/\/+$/, "/.")
    .split("/")
    .filter((name) => name !== "");
}

function pathOf(names: readonly string[]): string {
  return `/${names.join("/")}`;
}
