import type { PageRuns } from "../pages/page-runs.ts";

/** One file, directory or link of a captured tree. */
export interface CapturedEntry {
  readonly kind: "file" | "dir" | "link";
  /** Permission bits, where they were recorded. */
  readonly mode?: number;
  /** Of a file that could be read. */
  readonly text?: string;
  /** Of a link. */
  readonly target?: string;
  /** Number of the error that a read gave; absent where it was read, or no read was tried. */
  readonly errno?: number;
}

/** Files of pages, by what they say. */
export const pageFiles = ["kpageflags", "kpagecount", "kpagecgroup"] as const;
/** A name of the files that have a number for each page. */
export type PageFile = (typeof pageFiles)[number];

/** What was captured of a host. Paths are absolute, as on the host: /proc/zoneinfo. */
export interface CaptureFiles {
  /** What was read, for messages. */
  readonly name: string;
  readonly entries: ReadonlyMap<string, CapturedEntry>;
  readonly pages: Readonly<Partial<Record<PageFile, PageRuns>>>;
  /** Why less was read than is there: an archive that ends early, a file that is too large. */
  readonly warnings: readonly string[];
}

/** The text of a file that was read. */
export function textOf({ entries }: CaptureFiles, path: string): string | undefined {
  return entries.get(path)?.text;
}

/** Numbers of the names that begin so, ascending: 0 and 1 of node0, node1 and power. */
export function numbersIn(names: readonly string[], prefix: string): number[] {
  const numbers = names.flatMap((name) =>
    name.startsWith(prefix) && /^(0|[1-9]\d{0,8})$/.test(name.slice(prefix.length))
      ? [Number(name.slice(prefix.length))]
      : [],
  );
  return numbers.sort((a, b) => a - b);
}

/** Names in a directory of the tree. */
export function namesIn(files: CaptureFiles): (directory: string) => readonly string[] {
  const byDirectory = new Map<string, string[]>();
  const known = new Set<string>();
  for (const path of files.entries.keys()) {
    for (let name = path; !known.has(name);) {
      known.add(name);
      const slash = name.lastIndexOf("/");
      if (slash < 0) break;
      const directory = name.slice(0, slash);
      const names = byDirectory.get(directory);
      if (names === undefined) byDirectory.set(directory, [name.slice(slash + 1)]);
      else names.push(name.slice(slash + 1));
      name = directory;
    }
  }
  return (directory) => byDirectory.get(directory) ?? [];
}
