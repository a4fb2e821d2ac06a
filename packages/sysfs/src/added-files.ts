import { directory, lookupDirectory } from "./directory.ts";
import type { Directory, FileNode, LinkNode, TreeNode } from "./tree-node.ts";

type Added = FileNode | LinkNode;

/** Files and links that others add to the tree, by absolute path; they may come and go. */
export type AddedFiles = () => Readonly<Record<string, Added>>;

/** A tree with files in it that it does not know itself. Its own entries win. */
export function withAddedFiles(root: Directory, files: AddedFiles): Directory {
  const entries = (): [string[], Added][] =>
    Object.entries(files()).map(([path, file]) => [path.split("/").filter((name) => name !== ""), file]);
  return merged(root, entries);
}

function merged(base: Directory, entries: () => readonly [string[], Added][]): Directory {
  const below = (name: string) => (): [string[], Added][] =>
    entries().flatMap(([[first, ...rest], file]) => (first === name ? [[rest, file]] : []));
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
      // Asked for once in a lookup, not again at each level below: the list is made anew each time.
      const here = below(name)();
      if (here.length === 0 || (own !== undefined && own.kind !== "dir")) return own;
      const file = here.find(([rest]) => rest.length === 0)?.[1];
      if (file !== undefined && own === undefined) return file;
      return merged(own ?? directory({}), () => here);
    },
    base.mode,
  );
}
