import type { Directory, TreeNode } from "./tree-node.ts";

/** Entries named by a prefix and a number: `memory0`, `memory1`, … */
export interface NumberedEntries {
  readonly prefix: string;
  readonly ids: () => Iterable<number>;
  /** The entry, or undefined where the number names nothing. */
  readonly entry: (id: number) => TreeNode | undefined;
}

const DIRECTORY_MODE = 0o755;

/** A directory of fixed entries (an undefined one is absent) and of numbered ones. */
export function directory(
  fixed: Readonly<Record<string, TreeNode | undefined>>,
  numbered: readonly NumberedEntries[] = [],
  mode: number = DIRECTORY_MODE,
): Directory {
  return {
    kind: "dir",
    mode,
    *names() {
      const present = Object.keys(fixed).filter((name) => fixed[name] !== undefined);
      const rows = [
        ...present.map((name) => ({ name, entries: undefined as NumberedEntries | undefined })),
        ...numbered.map((entries) => ({ name: entries.prefix, entries })),
      ].sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const { name, entries } of rows) {
        if (entries === undefined) yield name;
        else for (const id of entries.ids()) yield `${entries.prefix}${id}`;
      }
    },
    child(name) {
      if (Object.hasOwn(fixed, name)) return fixed[name];
      for (const { prefix, entry } of numbered) {
        const id = name.startsWith(prefix) ? parseId(name.slice(prefix.length)) : undefined;
        const found = id === undefined ? undefined : entry(id);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** A directory whose entries are looked up by name, for those that come and go. */
export function lookupDirectory(
  names: () => Iterable<string>,
  child: (name: string) => TreeNode | undefined,
  mode: number = DIRECTORY_MODE,
): Directory {
  return { kind: "dir", mode, names, child };
}

/** A number as the kernel prints it in a name: decimal, no leading zeros. */
function parseId(digits: string): number | undefined {
  return /^(0|[1-9]\d{0,14})$/.test(digits) ? Number(digits) : undefined;
}
