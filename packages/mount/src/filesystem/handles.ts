/** An open file or directory. */
export interface OpenFile {
  /** Inode that it was opened by. */
  readonly node: bigint;
  readonly path: string;
  /** Of a file: what the last read from its beginning gave; a directory's names as they were when it was opened. */
  content?: Uint8Array;
  readonly names?: readonly string[];
}

export class Handles {
  readonly #open = new Map<bigint, OpenFile>();
  #next = 1n;

  get size(): number {
    return this.#open.size;
  }

  open(file: OpenFile): bigint {
    const handle = this.#next++;
    this.#open.set(handle, file);
    return handle;
  }

  get(handle: bigint): OpenFile | undefined {
    return this.#open.get(handle);
  }

  /** What was open. */
  release(handle: bigint): OpenFile | undefined {
    const file = this.#open.get(handle);
    this.#open.delete(handle);
    return file;
  }
}
