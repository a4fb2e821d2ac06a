/** An open file or directory. */
export interface OpenFile {
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

  release(handle: bigint): void {
    this.#open.delete(handle);
  }
}
