import { directory, lookupDirectory } from "./directory.ts";
import type { Directory, FileNode, LinkNode, TreeNode } from "./tree-node.ts";

type Added = FileNode | LinkNode;

/** Files and links that others add to the tree, by absolute path; they may come and go. */
export type AddedFiles = () => Readonly<Record<string, Added>>;

/** What is added below a directory, by the names on the way from there. */
type Entries = () => readonly (readonly [names: readonly string[], file: Added])[];

/** A tree with files in it that it does not know itself. Its own entries win. */
export function withAddedFiles(root: Directory, files: AddedFiles): Directory {
  return merged(root, () =>
    Object.entries(files()).map(([path, file]) => [path.split("/").filter((name) => name !== ""), file]),
  );
}

function merged(base: Directory, entries: Entries): Directory {
  return lookupDirectory(
    () => {
      const own = [...base.names()];
      const added = new Set(entries().flatMap(([[first]]) => (first === undefined ? [] : [first])));
      for (const name of added) {
        if (own.includes(name)) continue;
        const next = own.findIndex((other) => other > name);
        own.splice(next === -1 ? own.length : next, 0, name);
      }
      return own;
    },
    (name): TreeNode | undefined => {
      const own = base.child(name);
      const here = below(entries, name);
      // The list is made anew each time, and most lookups end at what the tree has itself: they never ask for it.
      if (own !== undefined) return own.kind === "dir" ? merged(own, here) : own;
      if (here().length === 0) return undefined;
      return here().find(([rest]) => rest.length === 0)?.[1] ?? merged(directory({}), here);
    },
    base.mode,
  );
}

/** Those below one of the names; asked for once in a lookup, not again at each level. */
function below(entries: Entries, name: string): Entries {
  let found: ReturnType<Entries> | undefined;
  return () => (found ??= entries().flatMap(([[first, ...rest], file]) => (first === name ? [[rest, file]] : [])));
}
