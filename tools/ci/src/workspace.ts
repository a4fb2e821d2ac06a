import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const workspaceRoot: string = fileURLToPath(new URL("../../..", import.meta.url));

interface ExportTarget {
  readonly "@memhp/source"?: string;
  readonly types?: string;
  readonly default?: string;
}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | ExportTarget>>;
}

export interface Room {
  /** Folder relative to the workspace root, e.g. `packages/abi`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The rooms under the given top folders, in alphabetical order. */
export function readRooms(root: string, tops: readonly string[] = ["packages", "apps"]): Room[] {
  return tops
    .flatMap((top) => (existsSync(join(root, top)) ? globSync(`${top}/*/package.json`, { cwd: root }) : []))
    .toSorted()
    .map((file) => ({
      folder: dirname(file),
      manifest: JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest,
    }));
}
