import { ROOT_ID } from "../protocol/opcodes.ts";

interface Inode {
  readonly path: string;
  /** How often the kernel was told of it, and has not forgotten it. */
  lookups: bigint;
  /** Handles that have not been released. */
  open: number;
}

/** What the kernel remembers of the tree: numbers of the paths that it has looked up. */
export class Inodes {
  readonly #byId = new Map<bigint, Inode>([[ROOT_ID, { path: "/", lookups: 1n, open: 0 }]]);
  readonly #idOf = new Map<string, bigint>([["/", ROOT_ID]]);
  #next = ROOT_ID + 1n;

  get size(): number {
    return this.#byId.size;
  }

  path(id: bigint): string | undefined {
    return this.#byId.get(id)?.path;
  }

  idOf(path: string): bigint | undefined {
    return this.#idOf.get(path);
  }

  /**
   * Number of a path that the kernel is about to be told of.
   * @param isAlone an inode that somebody has open is not given to others, who get another one.
   * @param isOwn a new one that nobody else will be given.
   */
  lookUp(path: string, isAlone = false, isOwn = false): bigint {
    const known = isOwn ? undefined : this.#idOf.get(path);
    const inode = known === undefined ? undefined : this.#byId.get(known);
    if (known !== undefined && inode !== undefined && !(isAlone && inode.open > 0)) {
      inode.lookups++;
      return known;
    }
    const id = this.#next++;
    this.#byId.set(id, { path, lookups: 1n, open: 0 });
    if (!isOwn) this.#idOf.set(path, id);
    return id;
  }

  isOpen(id: bigint): boolean {
    return (this.#byId.get(id)?.open ?? 0) > 0;
  }

  /** A handle is there from now on, or with -1 no longer. */
  opened(id: bigint, change: 1 | -1): void {
    const inode = this.#byId.get(id);
    if (inode !== undefined) inode.open += change;
  }

  forget(id: bigint, lookups: bigint): void {
    const inode = this.#byId.get(id);
    if (inode === undefined || id === ROOT_ID) return;
    inode.lookups -= lookups;
    if (inode.lookups > 0n) return;
    this.#byId.delete(id);
    if (this.#idOf.get(inode.path) === id) this.#idOf.delete(inode.path);
  }

  paths(): IterableIterator<string> {
    return this.#idOf.keys();
  }
}

export function childPath(parent: string, name: string): string {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}

export function splitPath(path: string): { readonly parent: string; readonly name: string } {
  const slash = path.lastIndexOf("/");
  return { parent: slash === 0 ? "/" : path.slice(0, slash), name: path.slice(slash + 1) };
}
